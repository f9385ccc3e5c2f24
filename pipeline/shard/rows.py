"""The three tables of packed documents: the rows, the map of what lies where, and the counts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.compiling import compiled
from pipeline.errors import ConservationError
from pipeline.shard.encode import joined
from pipeline.shard.pack import Pieces
from pipeline.shard.token_arrays import Tokens
from schemas.tokens import ROW_MAP, ROWS, TOKEN_COUNTS

AT_ONCE = 1 << 14  # documents whose counts or places are written at once
IDS_AT_ONCE = 1 << 20  # in rows that are written at once


class Documents(NamedTuple):
    """Documents on their way into rows, (d,) each.

    Attributes:
        doc_id: 16 bytes.
        language: a string or null.
        tokens: theirs.
    """

    doc_id: pa.Array
    language: pa.Array
    tokens: Tokens

    @classmethod
    def joined(cls, batches: Iterable[Documents]) -> Documents:
        """Those of some batches, which are asked for one by one and not held."""
        doc_ids, languages = [], []

        def tokens() -> Iterator[Tokens]:
            for each in batches:
                doc_ids.append(each.doc_id)
                languages.append(each.language)
                yield each.tokens

        found = joined(tokens())
        return cls(pa.concat_arrays(doc_ids), pa.concat_arrays(languages), found)

    def by_id(self) -> Documents:
        """The same in the order of doc_id; the tokens stay where they are."""
        order = pc.sort_indices(self.doc_id)
        places = order.to_numpy()
        ids, begins, sizes, widths = self.tokens
        tokens = Tokens(ids, begins[places], sizes[places], widths)
        return Documents(self.doc_id.take(order), self.language.take(order), tokens)


def rows_of(
    documents: Documents, pieces: Pieces, *, length: int, end: int
) -> Iterator[pa.RecordBatch]:
    """The table `rows`; what is empty behind the tokens holds the end token's id."""
    counts = np.bincount(pieces.row)
    by_row, ends = np.lexsort((pieces.start, pieces.row)), np.cumsum(counts)
    for first, last in _stretches(len(counts), max(1, IDS_AT_ONCE // length)):
        here = by_row[ends[first] - counts[first] : ends[last - 1]]
        some = Pieces(*(column[here] for column in pieces))
        some = some._replace(row=some.row - first)
        used = np.bincount(some.row, weights=some.size).astype(np.int32)
        ids = np.empty((len(used), length), np.uint32)
        _lay(documents.tokens.ids, documents.tokens.begins[some.document] + some.first, some, ids)
        _pad(ids, used, end)
        columns = [
            _lists(ids.ravel(), np.full(len(ids), length)),
            _lists(some.start.astype(np.int32), counts[first:last]),
            pa.array(used),
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=ROWS)


def _stretches(count: int, at_once: int) -> Iterator[tuple[int, int]]:
    return pairwise([*range(0, count, at_once), count])


@compiled
def _lay(
    ids: NDArray[np.uint32], begins: NDArray[np.int64], pieces: Pieces, out: NDArray[np.uint32]
) -> None:
    for i in range(len(begins)):
        begin, row, start = begins[i], pieces.row[i], pieces.start[i]
        for k in range(pieces.size[i]):  # no slices: they take seconds to compile
            out[row, start + k] = ids[begin + k]


@compiled
def _pad(out: NDArray[np.uint32], used: NDArray[np.int32], end: int) -> None:
    for row in range(len(used)):
        for place in range(used[row], out.shape[1]):
            out[row, place] = end


def map_of(documents: Documents, pieces: Pieces) -> Iterator[pa.RecordBatch]:
    """The table `row_map`; the bytes of a document's pieces sum to its text's."""
    for bounds in _stretches(len(documents.doc_id), AT_ONCE):
        first, last = np.searchsorted(pieces.document, bounds)
        yield _map_of(documents, Pieces(*(column[first:last] for column in pieces)))


def _map_of(documents: Documents, pieces: Pieces) -> pa.RecordBatch:
    """The same of some documents with all their pieces."""
    begins = documents.tokens.begins[pieces.document] + pieces.first
    opens = pieces.first == 0
    piece = np.arange(len(opens)) - np.maximum.accumulate(np.where(opens, np.arange(len(opens)), 0))
    document = pa.array(pieces.document)
    columns = [
        documents.doc_id.take(document),
        pa.array(piece.astype(np.int32)),
        pa.array(pieces.row.astype(np.int32)),
        pa.array(pieces.start.astype(np.int32)),
        pa.array((pieces.start + pieces.size).astype(np.int32)),
        pa.array(_sums(documents.tokens.widths, begins, pieces.size)),
        documents.language.take(document),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=ROW_MAP)


@compiled
def _sums(
    values: NDArray[np.unsignedinteger], begins: NDArray[np.int64], sizes: NDArray[np.int64]
) -> NDArray[np.int32]:
    sums = np.empty(len(begins), np.int32)
    for i in range(len(begins)):
        total = 0
        for k in range(begins[i], begins[i] + sizes[i]):
            total += int(values[k])
        sums[i] = total
    return sums


def counts_of(documents: Documents) -> Iterator[pa.RecordBatch]:
    """The table `documents`: counts and hashes without the end token, free of layout."""
    ids, begins, sizes, _ = documents.tokens
    ids = ids.astype("<u4", copy=False)
    for first, last in _stretches(len(sizes), AT_ONCE):
        some = sizes[first:last]
        hashes = [
            hashlib.sha256(ids[begin : begin + size - 1].data).digest()
            for begin, size in zip(begins[first:last].tolist(), some.tolist(), strict=True)
        ]
        columns = [
            documents.doc_id[first:last],
            pa.array((some - 1).astype(np.int32)),
            pa.array(hashes, pa.binary(32)),
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=TOKEN_COUNTS)


def check_conserved(documents: Documents, pieces: Pieces, *, shard: str) -> None:
    """Refuse a packing that loses or doubles tokens."""
    sizes = documents.tokens.sizes
    packed = np.bincount(pieces.document, weights=pieces.size, minlength=len(sizes))
    wrong = np.flatnonzero(packed != sizes)
    if len(wrong):
        first = wrong[0]
        msg = (
            f"The row map of shard {shard} holds {packed[first]:.0f} tokens of the document "
            f"{documents.doc_id[first].as_py().hex()}, which has {sizes[first]} with its end "
            f"token; {len(wrong)} of {len(sizes)} documents are wrong.\n"
            f"The shard is not committed. This is a fault of the packing's code."
        )
        raise ConservationError(msg)


def _lists(values: NDArray[np.generic], counts: NDArray[np.int64]) -> pa.ListArray:
    ends = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(values))
