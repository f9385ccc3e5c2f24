"""Packing: documents of any length into rows of one length, hardly a place of them empty.

Documents longer than a row fill whole rows; what is left of them, and shorter documents, go where
they fit best. Only where that leaves too much empty are some pieces cut, to fill gaps.
"""

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled, part

Counts: TypeAlias = NDArray[np.int64]


class Pieces(NamedTuple):
    """Where the tokens of documents lie, (pieces,) each, in the order of documents.

    Attributes:
        document: its number.
        first: the piece's first token in the document.
        row: the row it is in.
        start: its first place there.
        size: tokens.
    """

    document: Counts
    first: Counts
    row: Counts
    start: Counts
    size: Counts


class _Laid(NamedTuple):
    """Pieces, and the row of each: not yet numbered by what lies in them."""

    document: Counts
    first: Counts
    size: Counts
    row: Counts


def pack(sizes: Counts, *, length: int, least_used: float = 0.995) -> Pieces:
    """Lay documents into rows; every token is in one row, once.

    Args:
        sizes: tokens of every document, (d,), 1 or more.
        length: tokens in a row.
        least_used: share of all places that is filled at least, as far as whole rows allow it.

    Returns:
        The pieces. Rows are numbered by the first document in them; where they lie depends on
        `sizes` alone. 60 ns a document.

    Source:
        Best-fit packing: Ding et al., 2024, arXiv:2404.10830.
    """
    laid = _whole_and_rest(np.asarray(sizes, np.int64), length)
    tokens = int(sizes.sum())
    fewest = -(-tokens // length)
    most = max(fewest, int(tokens / (least_used * length)))
    return _numbered(_fill(laid, most, length))


def _whole_and_rest(sizes: Counts, length: int) -> _Laid:
    """Rows of one document each, and behind them rows of what fits best together."""
    count, left = sizes // length, sizes % length
    whole = int(count.sum())
    document = np.repeat(np.arange(len(sizes)), count)
    first = (np.arange(whole) - np.repeat(np.cumsum(count) - count, count)) * length
    rest = np.flatnonzero(left)
    largest_first = rest[np.argsort(-left[rest], kind="stable")]
    return _Laid(
        np.concatenate([document, largest_first]),
        np.concatenate([first, count[largest_first] * length]),
        np.concatenate([np.full(whole, length), left[largest_first]]),
        np.concatenate([np.arange(whole), whole + _best_fit(left[largest_first], length)]),
    )


@compiled
def _best_fit(sizes: Counts, length: int) -> Counts:
    """The row of each piece, the largest coming first: where it leaves the smallest gap.

    Of rows with the same gap the one that got it last is taken. Gaps that some row has are the
    leaves of a binary tree, in which the smallest one that is large enough is found.
    """
    leaves = 1
    while leaves <= length:
        leaves *= 2
    there = np.zeros(2 * leaves, np.bool_)  # whether a row has a gap below this node
    newest = np.full(length + 1, -1, np.int64)  # of the rows with a gap
    older = np.empty(len(sizes), np.int64)  # the row with the same gap before this one
    row_of = np.empty(len(sizes), np.int64)
    rows = 0
    for piece in range(len(sizes)):
        gap = _smallest(there, leaves, sizes[piece])
        if gap < 0:
            row, gap = rows, length
            rows += 1
        else:
            row = newest[gap]
            newest[gap] = older[row]
            if newest[gap] < 0:
                _clear(there, leaves + gap)
        row_of[piece] = row
        left = gap - sizes[piece]
        if left:
            older[row], newest[left] = newest[left], row
            _set(there, leaves + left)
    return row_of


@part
def _smallest(there: NDArray[np.bool_], leaves: int, least: int) -> int:
    """The smallest leaf from `least` on that is there, or -1."""
    node = leaves + least
    while not there[node]:
        while node & 1:  # a right child: nothing right of it below its parent
            node >>= 1
        if node == 0:
            return -1
        node += 1
    while node < leaves:
        node *= 2
        if not there[node]:
            node += 1
    return node - leaves


@part
def _set(there: NDArray[np.bool_], node: int) -> None:
    while node and not there[node]:
        there[node] = True
        node >>= 1


@part
def _clear(there: NDArray[np.bool_], node: int) -> None:
    there[node] = False
    node >>= 1
    while node and not (there[2 * node] or there[2 * node + 1]):
        there[node] = False
        node >>= 1


def _fill(laid: _Laid, most: int, length: int) -> _Laid:
    """At most `most` rows: the emptiest are taken apart and fill the gaps of the others."""
    used = np.bincount(laid.row, weights=laid.size).astype(np.int64)
    if len(used) <= most:
        return laid
    fullest = np.lexsort((np.arange(len(used)), -used))
    stay = fullest[:most][::-1]  # the widest gap first
    stays = np.zeros(len(used), np.bool_)
    stays[stay] = True
    kept = stays[laid.row]
    loose = np.flatnonzero(~kept)
    loose = loose[np.lexsort((laid.first[loose], laid.document[loose]))]
    # Gaps and loose pieces are laid end to end, both cut where either ends.
    gaps, sizes = length - used[stay], laid.size[loose]
    total = int(sizes.sum())
    ends = np.union1d(np.cumsum(gaps), np.cumsum(sizes))
    ends = ends[(ends > 0) & (ends <= total)]
    begins = np.concatenate([[0], ends[:-1]])
    of_piece = np.searchsorted(np.cumsum(sizes), begins, side="right")
    of_gap = np.searchsorted(np.cumsum(gaps), begins, side="right")
    inside = begins - (np.cumsum(sizes) - sizes)[of_piece]
    return _Laid(
        np.concatenate([laid.document[kept], laid.document[loose][of_piece]]),
        np.concatenate([laid.first[kept], laid.first[loose][of_piece] + inside]),
        np.concatenate([laid.size[kept], ends - begins]),
        np.concatenate([laid.row[kept], stay[of_gap]]),
    )


def _numbered(laid: _Laid) -> Pieces:
    """The columns of `Pieces`: rows in the order of their first pieces, and those by document."""
    order = np.lexsort((laid.first, laid.document))
    document, first, size, row = (column[order] for column in laid)
    _, opens, of_row = np.unique(row, return_index=True, return_inverse=True)
    row = np.argsort(np.argsort(opens))[of_row]
    in_row = np.argsort(row, kind="stable")
    before = np.cumsum(size[in_row]) - size[in_row]
    heads = np.flatnonzero(np.diff(row[in_row], prepend=-1))
    start = np.empty(len(row), np.int64)
    start[in_row] = before - before[heads][row[in_row]] if len(row) else before
    return Pieces(document, first, row, start, size)
