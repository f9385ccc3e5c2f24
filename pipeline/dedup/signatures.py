"""The stage `signatures`: the exact hash and the MinHash of every kept document's redacted text."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from pipeline.dedup.shingling import UNSPACED, Shingling, Unspaced
from pipeline.packed_numbers import packed
from pipeline.redact import redact
from pipeline.side_by_side import Columns, side_by_side
from pipeline.stage import Reads, Stage, Unit, one_to_one
from schemas.column import DOC_ID
from schemas.signature import SIGNATURES

if TYPE_CHECKING:
    from pipeline.work import Work
    from schemas.artifact import Manifest


class Signatures(Stage):
    """What duplicate search sees of a document: its hash, and `bands` x `rows` MinHash values.

    20 bands of 7 rows put 99 % of the pairs of similarity 0.8 side by side, and 40 % of those of
    0.6, which verification then refuses. 9 x 13, often called the optimum at 0.8, finds 40 % of
    the pairs at 0.8: 1 - (1 - s^rows)^bands, Leskovec et al., Mining of Massive Datasets, 3.4.
    """

    main: ClassVar[str | None] = "signatures"
    follows: ClassVar[str | None] = "verdicts"
    aligned: ClassVar[bool] = True
    live: ClassVar[str | None] = "text_sha256"

    words: int = Field(default=5, ge=1, le=50, description="words in a shingle")
    unspaced: Unspaced = Field(default="characters", description=UNSPACED)
    bands: int = Field(default=20, ge=1, le=1000, description="chances of a pair to be compared")
    rows: int = Field(default=7, ge=1, le=100, description="values that must agree in a band")
    seed: int = Field(default=1, ge=0, lt=2**32, description="of the permutations")

    def name(self) -> str:
        """What the stage makes."""
        return "signatures"

    def reads(self) -> dict[str, Reads]:
        """The text, where in it private data lies, and what the policy says."""
        return {
            "documents": Reads(columns={"documents": ("text",)}),
            "private_data": Reads(columns={"signals": ("spans",)}),
            "verdicts": Reads(columns={"verdicts": ("keep",)}),
        }

    def tables(self) -> dict[str, pa.Schema]:
        """One table, with the rows of `verdicts`."""
        return {"signatures": SIGNATURES}

    def units(self, inputs: Mapping[str, Manifest]) -> Sequence[Unit]:
        """One shard for each of `verdicts`."""
        return one_to_one(inputs, "verdicts")

    def make(self, work: Work) -> None:
        """Sign the documents of one shard."""
        for columns in side_by_side(
            work,
            Columns("documents", "documents", ("text",)),
            Columns("private_data", "signals", ("spans",)),
            Columns("verdicts", "verdicts", ("keep",)),
        ):
            live = pc.fill_null(columns["keep"], False)
            texts = redact(columns["text"].filter(live), columns["spans"].filter(live))
            signed = [columns[DOC_ID], *(spread(each, live) for each in self.sign(texts))]
            work.write("signatures", pa.RecordBatch.from_arrays(signed, schema=SIGNATURES))

    def sign(self, texts: pa.Array) -> tuple[pa.Array, ...]:
        """The columns of `signatures` for texts without nulls, but for `doc_id`."""
        from pipeline.dedup.bands import band_keys  # numba takes half a second to import
        from pipeline.dedup.minhash import minhash
        from pipeline.dedup.shingles import shingles

        numbers, bounds = shingles(texts, Shingling(self.words, self.unspaced))
        values = self.bands * self.rows
        least = minhash(numbers, bounds, values=values, seed=self.seed)
        return (
            pa.array([hashlib.sha256(t.as_buffer()).digest() for t in texts], pa.binary(32)),
            pc.utf8_length(texts).cast(pa.int32()),
            pa.array(np.diff(bounds).astype(np.int32)),
            packed(least),
            packed(band_keys(least, self.rows)),
        )


def spread(values: pa.Array, live: pa.Array) -> pa.Array:
    """`values`, one for each true in `live`, at the places of the trues; null elsewhere."""
    alive = live.to_numpy(zero_copy_only=False)
    places = np.cumsum(alive, dtype=np.int64) - 1
    return values.take(pa.array(places, mask=~alive))
