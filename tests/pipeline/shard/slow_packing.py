"""Packing as a loop over lists: slow, obvious, and what the compiled one has to equal."""

from bisect import bisect_left, insort
from collections import defaultdict

import numpy as np

from pipeline.shard.pack import Pieces


def slow_pack(sizes, *, length, least_used=0.995):
    whole, rest = _cut(sizes, length)
    rows = [[piece] for piece in whole] + _best_fit(rest, length)
    tokens = int(sizes.sum())
    fewest = -(-tokens // length)
    rows = _fill(rows, max(fewest, int(tokens / (least_used * length))), length)
    return _pieces(sorted(sorted(row) for row in rows))


def _cut(sizes, length):
    """Pieces that fill a row, and what is left of each document."""
    whole, rest = [], []
    for document, size in enumerate(sizes.tolist()):
        end = size // length * length
        whole += [(document, first, length) for first in range(0, end, length)]
        if size > end:
            rest.append((document, end, size - end))
    return whole, rest


def _best_fit(pieces, length):
    """Rows for pieces: each, the largest first, where it leaves the smallest gap."""
    rows = []
    rows_by_gap = defaultdict(list)
    gaps = []  # those that some row has, ascending
    for piece in sorted(pieces, key=lambda piece: (-piece[2], piece)):
        at = bisect_left(gaps, piece[2])
        if at < len(gaps):
            gap = gaps[at]
            row = rows_by_gap[gap].pop()
            if not rows_by_gap[gap]:
                del gaps[at]
        else:
            gap, row = length, len(rows)
            rows.append([])
        rows[row].append(piece)
        left = gap - piece[2]
        if left:
            if not rows_by_gap[left]:
                insort(gaps, left)
            rows_by_gap[left].append(row)
    return rows


def _fill(rows, most, length):
    """At most `most` rows: the emptiest are taken apart and fill the gaps of the others."""
    if len(rows) <= most:
        return rows
    used = [sum(size for _, _, size in row) for row in rows]
    fullest = sorted(range(len(rows)), key=lambda row: (-used[row], row))
    stay, loose = fullest[:most], fullest[most:]
    gaps = iter([(row, length - used[row]) for row in reversed(stay)])  # the widest first
    row, gap = next(gaps)
    for document, first, size in sorted(piece for each in loose for piece in rows[each]):
        end = first + size
        while first < end:
            while not gap:
                row, gap = next(gaps)
            taken = min(gap, end - first)
            rows[row].append((document, first, taken))
            first, gap = first + taken, gap - taken
    return [rows[row] for row in stay]


def _pieces(rows):
    """The columns of `Pieces`, in the order of documents."""
    document, first, size = (
        np.array([piece for row in rows for piece in row], np.int64).reshape(-1, 3).T
    )
    counts = np.array([len(row) for row in rows], np.int64)
    row = np.repeat(np.arange(len(rows)), counts)
    before = np.cumsum(size) - size
    start = before - before[np.cumsum(counts) - counts][row] if len(rows) else before
    order = np.lexsort((first, document))
    return Pieces(document[order], first[order], row[order], start[order], size[order])
