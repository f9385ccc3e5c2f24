"""The three tables of packed documents: the rows, the map of what lies where, and the counts."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.compiling import compiled
from pipeline.errors import ConservationError
from pipeline.shard.pack import Pieces
from pipeline.shard.token_arrays import Tokens
from schemas.tokens import ROW_MAP, ROWS, TOKEN_COUNTS


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

    def sizes(self) -> NDArray[np.int64]:
        """Tokens with the end token, (d,)."""
        return np.diff(self.tokens.bounds)

    def by_id(self) -> Documents:
        """The same in the order of doc_id."""
        order = pc.sort_indices(self.doc_id)
        ids, bounds, starts, text_bytes = self.tokens
        places = order.to_numpy().astype(np.int64)
        ends = np.concatenate([[0], np.cumsum(self.sizes()[places])])
        begins = bounds[:-1][places]
        tokens = Tokens(
            _gathered(ids, begins, ends), ends, _gathered(starts, begins, ends), text_bytes[places]
        )
        return Documents(self.doc_id.take(order), self.language.take(order), tokens)


@compiled
def _gathered(
    values: NDArray[Any], begins: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[Any]:
    """Runs of `values`, each from its begin on, one behind the other."""
    out = np.empty(len(values), values.dtype)
    for i in range(len(begins)):
        for k in range(ends[i + 1] - ends[i]):  # no slices: they take seconds to compile
            out[ends[i] + k] = values[begins[i] + k]
    return out


def rows_of(documents: Documents, pieces: Pieces, *, length: int, end: int) -> pa.RecordBatch:
    """The table `rows`; what is empty behind the tokens holds the end token's id."""
    ids = np.full((int(pieces.row.max()) + 1, length), end, np.uint32)
    begins = documents.tokens.bounds[pieces.document] + pieces.first
    _lay(documents.tokens.ids, begins, pieces.row, pieces.start, pieces.size, ids)
    in_row = np.lexsort((pieces.start, pieces.row))
    columns = [
        _lists(ids.ravel(), np.full(len(ids), length)),
        _lists(pieces.start[in_row].astype(np.int32), np.bincount(pieces.row)),
        pa.array(np.bincount(pieces.row, weights=pieces.size).astype(np.int32)),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=ROWS)


@compiled
def _lay(
    ids: NDArray[np.uint32],
    begins: NDArray[np.int64],
    row: NDArray[np.int64],
    start: NDArray[np.int64],
    size: NDArray[np.int64],
    out: NDArray[np.uint32],
) -> None:
    for i in range(len(begins)):
        for k in range(size[i]):
            out[row[i], start[i] + k] = ids[begins[i] + k]


def map_of(documents: Documents, pieces: Pieces) -> pa.RecordBatch:
    """The table `row_map`; the bytes of a document's pieces sum to its text's."""
    opens = pieces.first == 0
    piece = np.arange(len(opens)) - np.maximum.accumulate(np.where(opens, np.arange(len(opens)), 0))
    document = pa.array(pieces.document)
    columns = [
        documents.doc_id.take(document),
        pa.array(piece.astype(np.int32)),
        pa.array(pieces.row.astype(np.int32)),
        pa.array(pieces.start.astype(np.int32)),
        pa.array((pieces.start + pieces.size).astype(np.int32)),
        pa.array(_spelled(documents.tokens, pieces).astype(np.int32)),
        documents.language.take(document),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=ROW_MAP)


def _spelled(tokens: Tokens, pieces: Pieces) -> NDArray[np.int64]:
    """The bytes of the text that each piece stands for."""
    begin = tokens.bounds[pieces.document] + pieces.first
    behind = begin + pieces.size
    last = behind == tokens.bounds[pieces.document + 1]
    ends = np.where(last, tokens.text_bytes[pieces.document], np.append(tokens.starts, 0)[behind])
    spelled: NDArray[np.int64] = ends - tokens.starts[begin]
    return spelled


def counts_of(documents: Documents) -> pa.RecordBatch:
    """The table `documents`: counts and hashes without the end token, free of layout."""
    ids, bounds = documents.tokens.ids.astype("<u4", copy=False), documents.tokens.bounds.tolist()
    hashes = [
        hashlib.sha256(ids[begin : behind - 1].data).digest() for begin, behind in pairwise(bounds)
    ]
    columns = [
        documents.doc_id,
        pa.array((documents.sizes() - 1).astype(np.int32)),
        pa.array(hashes, pa.binary(32)),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=TOKEN_COUNTS)


def check_conserved(documents: Documents, pieces: Pieces, *, shard: str) -> None:
    """Refuse a packing that loses or doubles tokens."""
    sizes = documents.sizes()
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
