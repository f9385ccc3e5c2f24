"""The stages `tokens` and `tokens.validation`: texts as rows of ids, and the map of the rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from pipeline.errors import ConservationError
from pipeline.shard.encode import Encoded, encode, end_id
from pipeline.shard.pack import Pieces, pack
from pipeline.shard.split import HELD_OUT
from pipeline.shard.tokenizer import END, FILE, read_encoder
from pipeline.stage import Reads, Stage, Unit, one_to_one
from schemas.column import DOC_ID
from schemas.record import Record
from schemas.tokens import ROW_MAP, ROWS, TOKEN_COUNTS

if TYPE_CHECKING:
    from pipeline.work import Work
    from schemas.artifact import Manifest


class Packing(Record):
    """How documents become rows of tokens."""

    context: int = Field(
        default=256, ge=1, le=2**20, description="targets in a row; it holds one token more"
    )
    end: str = Field(default=END, description="the token behind every document")


class Document(NamedTuple):
    """A document on its way into rows."""

    doc_id: bytes
    language: str | None
    encoded: Encoded


class TrainTokens(Stage):
    """The training documents as packed rows; held-out documents leave here.

    Rows depend on the set of documents in their shard, not on its order.
    """

    layout_bound: ClassVar[bool] = True
    main: ClassVar[str | None] = "documents"
    follows: ClassVar[str | None] = "corpus"

    packing: Packing = Field(default=Packing(), description="how documents become rows")

    def name(self) -> str:
        """What the stage makes."""
        return "tokens"

    def reads(self) -> dict[str, Reads]:
        """Texts, their split, and the tokenizer."""
        return {
            "corpus": Reads(columns={"corpus": ("language", "text", "split")}),
            "tokenizer": Reads(files=(FILE,)),
        }

    def tables(self) -> dict[str, pa.Schema]:
        """The rows, the map of what lies where, and the documents' counts."""
        return {"rows": ROWS, "row_map": ROW_MAP, "documents": TOKEN_COUNTS}

    def units(self, inputs: Mapping[str, Manifest]) -> Sequence[Unit]:
        """One shard for each of the texts."""
        return one_to_one(inputs, str(self.follows))

    def make(self, work: Work) -> None:
        """Encode and pack the documents of one shard."""
        write_tokens(work, self.packing, self.texts(work))

    def texts(self, work: Work) -> Iterator[pa.RecordBatch]:
        """doc_id, language and text of the documents to pack."""
        for batch in work.batches("corpus", "corpus", (DOC_ID, "language", "text", "split")):
            held_out = pc.equal(batch["split"], HELD_OUT)
            for doc_id in batch[DOC_ID].filter(held_out).to_pylist():
                work.drop(doc_id, "held_out")
            yield batch.filter(pc.invert(held_out))


class ValidationTokens(TrainTokens):
    """The pinned validation documents as packed rows."""

    follows: ClassVar[str | None] = "validation"

    def name(self) -> str:
        """What the stage makes."""
        return "tokens.validation"

    def reads(self) -> dict[str, Reads]:
        """Texts and the tokenizer."""
        return {
            "validation": Reads(columns={"validation": ("language", "text")}),
            "tokenizer": Reads(files=(FILE,)),
        }

    def texts(self, work: Work) -> Iterator[pa.RecordBatch]:
        """doc_id, language and text of all documents."""
        yield from work.batches("validation", "validation", (DOC_ID, "language", "text"))


def write_tokens(work: Work, packing: Packing, texts: Iterator[pa.RecordBatch]) -> None:
    """Write the three tables of one shard.

    Raises:
        ConservationError: the map does not hold a document's tokens, all of them and once.
    """
    with work.open("tokenizer", FILE, shard=work.shards("tokenizer")[0]) as file:
        encoder = read_encoder(file.read(), FILE)
    end = end_id(encoder, packing.end)
    documents = [
        Document(doc_id, language, encoded)
        for batch in texts
        for doc_id, language, encoded in zip(
            batch[DOC_ID].to_pylist(),
            batch["language"].to_pylist(),
            encode(encoder, batch["text"].to_pylist(), end=end),
            strict=True,
        )
    ]
    documents.sort(key=lambda document: document.doc_id)
    sizes = np.array([len(document.encoded.ids) for document in documents], np.int64)
    pieces = pack(sizes, length=packing.context + 1)
    check_conserved(documents, pieces, shard=str(work.unit))
    if documents:
        work.write("rows", rows_of(documents, pieces, length=packing.context + 1, end=end))
        work.write("row_map", map_of(documents, pieces))
        work.write("documents", counts_of(documents))


def rows_of(
    documents: Sequence[Document], pieces: Pieces, *, length: int, end: int
) -> pa.RecordBatch:
    """The table `rows`; what is empty behind the tokens holds the end token's id."""
    count = int(pieces.row.max()) + 1
    ids = np.full((count, length), end, np.uint32)
    for document, first, row, start, size in zip(*map(np.ndarray.tolist, pieces), strict=True):
        ids[row, start : start + size] = documents[document].encoded.ids[first : first + size]
    in_row = np.lexsort((pieces.start, pieces.row))
    columns = [
        _lists(ids.ravel(), np.full(count, length)),
        _lists(pieces.start[in_row].astype(np.int32), np.bincount(pieces.row)),
        pa.array(np.bincount(pieces.row, weights=pieces.size).astype(np.int32)),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=ROWS)


def map_of(documents: Sequence[Document], pieces: Pieces) -> pa.RecordBatch:
    """The table `row_map`; the bytes of a document's pieces sum to its text's."""
    opens = pieces.first == 0
    piece = np.arange(len(opens)) - np.maximum.accumulate(np.where(opens, np.arange(len(opens)), 0))
    spelled = [
        documents[document].encoded.bytes[[first, first + size]]
        for document, first, size in zip(pieces.document, pieces.first, pieces.size, strict=True)
    ]
    columns = [
        pa.array([documents[document].doc_id for document in pieces.document], pa.binary(16)),
        pa.array(piece.astype(np.int32)),
        pa.array(pieces.row.astype(np.int32)),
        pa.array(pieces.start.astype(np.int32)),
        pa.array((pieces.start + pieces.size).astype(np.int32)),
        pa.array(np.diff(np.array(spelled, np.int32), axis=1)[:, 0]),
        pa.array([documents[document].language for document in pieces.document], pa.string()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=ROW_MAP)


def counts_of(documents: Sequence[Document]) -> pa.RecordBatch:
    """The table `documents`: counts and hashes without the end token, free of layout."""
    encodings = [document.encoded.ids[:-1].astype("<u4") for document in documents]
    columns = [
        pa.array([document.doc_id for document in documents], pa.binary(16)),
        pa.array([len(ids) for ids in encodings], pa.int32()),
        pa.array([hashlib.sha256(ids.tobytes()).digest() for ids in encodings], pa.binary(32)),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=TOKEN_COUNTS)


def check_conserved(documents: Sequence[Document], pieces: Pieces, *, shard: str) -> None:
    """Refuse a packing that loses or doubles tokens."""
    sizes = np.array([len(document.encoded.ids) for document in documents], np.int64)
    packed = np.bincount(pieces.document, weights=pieces.size, minlength=len(sizes))
    wrong = np.flatnonzero(packed != sizes)
    if len(wrong):
        first = wrong[0]
        msg = (
            f"The row map of shard {shard} holds {packed[first]:.0f} tokens of the document "
            f"{documents[first].doc_id.hex()}, which has {sizes[first]} with its end token; "
            f"{len(wrong)} of {len(sizes)} documents are wrong.\n"
            f"The shard is not committed. This is a fault of the packing's code."
        )
        raise ConservationError(msg)


def _lists(values: NDArray[np.generic], counts: NDArray[np.int64]) -> pa.ListArray:
    ends = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(values))
