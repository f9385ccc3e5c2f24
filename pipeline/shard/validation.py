"""The stage `validation`: the documents that scores are measured on, pinned once and for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from pipeline.packed_numbers import unpacked
from pipeline.shard.errors import EmptyValidation
from pipeline.shard.split import HELD_OUT, TRAIN
from pipeline.stage import EVERY_SHARD, Reads, Stage, Unit, all_at_once
from schemas.column import DOC_ID
from schemas.corpus import VALIDATION

if TYPE_CHECKING:
    from pipeline.work import Work
    from schemas.artifact import Manifest


class Validation(Stage):
    """Held-out documents without those that nearly stand in the training split too.

    A refresh keeps the version that is there: scores on other documents would not compare. It
    chooses among documents and follows none of them, so its account starts with what it keeps;
    that no held-out document trains is for `tokens` to account for.
    """

    pinned: ClassVar[bool] = True
    main: ClassVar[str | None] = "validation"

    leak_threshold: float = Field(
        default=0.5, gt=0, le=1, description="similarity to a training document that excludes"
    )
    most_documents: int = Field(
        default=2_000, ge=1, description="those with the smallest doc_id, which is a hash"
    )

    def name(self) -> str:
        """What the stage makes."""
        return "validation"

    def reads(self) -> dict[str, Reads]:
        """The corpus, and the signatures of its documents."""
        return {
            "corpus": Reads(columns={"corpus": ("url", "language", "text", "split")}),
            "signatures": Reads(columns={"signatures": ("shingles", "minhash")}),
        }

    def tables(self) -> dict[str, pa.Schema]:
        """One table, in the order of doc_id."""
        return {"validation": VALIDATION}

    def units(self, inputs: Mapping[str, Manifest]) -> Sequence[Unit]:
        """One shard of all."""
        return all_at_once(inputs, (EVERY_SHARD,))

    def make(self, work: Work) -> None:
        """Choose the documents, and write them with the similarity of their nearest neighbour."""
        chosen, training = self._sides(work)
        similarity = _nearest_of(work, chosen, training)
        clean = similarity < np.float32(self.leak_threshold)
        if not clean.any():
            raise EmptyValidation(
                held_out=len(clean), leaking=len(clean), threshold=self.leak_threshold
            )
        kept = chosen.filter(pa.array(clean))
        texts = _texts(work, kept).sort_by(DOC_ID)
        rows = texts.append_column("nearest", pa.array(similarity[clean]))
        work.write("validation", rows.cast(VALIDATION))

    def _sides(self, work: Work) -> tuple[pa.Array, pa.Array]:
        """The doc_ids of held-out documents, sorted, at most so many; and those that train."""
        corpus = work.table("corpus", "corpus", (DOC_ID, "split"))
        held_out, training = (
            corpus[DOC_ID].filter(pc.equal(corpus["split"], side)).combine_chunks()
            for side in (HELD_OUT, TRAIN)
        )
        return held_out.take(pc.sort_indices(held_out)[: self.most_documents]), training


def _nearest_of(work: Work, chosen: pa.Array, training: pa.Array) -> NDArray[np.float32]:
    """For every chosen document the similarity of the training document nearest to it."""
    from pipeline.shard.likeness import nearest  # numba takes half a second to import

    similarity = np.zeros(len(chosen), np.float32)
    ours = list(_signatures(work, chosen))
    for _, theirs in _signatures(work, training):
        for places, values in ours:
            similarity[places] = np.maximum(similarity[places], nearest(values, theirs))
    return similarity


def _signatures(
    work: Work, doc_ids: pa.Array
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint32]]]:
    """Places in `doc_ids`, and the signatures there; texts without words resemble nothing."""
    for batch in work.batches("signatures", "signatures", (DOC_ID, "shingles", "minhash")):
        places = pc.index_in(batch[DOC_ID], value_set=doc_ids)
        wanted = pc.and_(places.is_valid(), pc.greater(batch["shingles"], 0).fill_null(False))
        places = places.filter(wanted).to_numpy()
        if len(places):
            yield places, unpacked(batch["minhash"].filter(wanted), np.uint32)


def _texts(work: Work, doc_ids: pa.Array) -> pa.Table:
    """The chosen rows of the corpus."""
    batches = work.batches("corpus", "corpus", (DOC_ID, "url", "language", "text"))
    return pa.Table.from_batches(
        [batch.filter(pc.is_in(batch[DOC_ID], value_set=doc_ids)) for batch in batches]
    ).select([DOC_ID, "url", "language", "text"])
