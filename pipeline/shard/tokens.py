"""The stages `tokens` and `tokens.validation`: texts as rows of ids, and the map of the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from pipeline.shard.encode import encoder_of
from pipeline.shard.split import HELD_OUT
from pipeline.shard.tokenizer import END, FILE
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
    from pipeline.shard.pack import pack  # numba takes half a second to import
    from pipeline.shard.rows import Documents, check_conserved, counts_of, map_of, rows_of

    with work.open("tokenizer", FILE, shard=work.shards("tokenizer")[0]) as file:
        encoder = encoder_of(file.read(), packing.end)
    encoded: Iterator[Documents] = (
        Documents(batch[DOC_ID], batch["language"], encoder.encode(batch["text"]))
        for batch in texts
        if len(batch)
    )
    first = next(encoded, None)
    if first is None:
        return
    encoded = chain([first], encoded)
    del first  # it is held no longer than the others
    documents = Documents.joined(encoded).by_id()
    length = packing.context + 1
    pieces = pack(documents.tokens.sizes, length=length)
    check_conserved(documents, pieces, shard=str(work.unit))
    work.write("rows", rows_of(documents, pieces, length=length, end=encoder.end))
    work.write("row_map", map_of(documents, pieces))
    work.write("documents", counts_of(documents))
