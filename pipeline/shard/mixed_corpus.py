"""The stage `corpus` of a recipe with a mixture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import pyarrow.compute as pc

from pipeline.shard.corpus import Corpus
from pipeline.side_by_side import Columns, side_by_side
from pipeline.stage import Reads, Unit, one_to_one

if TYPE_CHECKING:
    from pipeline.work import Work
    from schemas.artifact import Manifest


class MixedCorpus(Corpus):
    """The same as `Corpus`, of the unique documents that the mixture keeps."""

    follows: ClassVar[str | None] = "mixture"

    def reads(self) -> dict[str, Reads]:
        """Texts with their places, the sizes of their clusters, and which of them stay."""
        return super().reads() | {
            "clusters": Reads(columns={"clusters": ("size",)}),
            "mixture": Reads(columns={"mixture": ("keep",)}),
        }

    def units(self, inputs: Mapping[str, Manifest]) -> Sequence[Unit]:
        """One shard for each of `mixture`."""
        return one_to_one(inputs, "mixture")

    def make(self, work: Work) -> None:
        """Write the documents of one shard that stay."""
        for columns in side_by_side(
            work,
            Columns("documents", "documents", ("url", "title", "text")),
            Columns("private_data", "signals", ("spans", "title_spans")),
            Columns("language", "signals", ("language",)),
            Columns("clusters", "clusters", ("size",)),
            Columns("mixture", "mixture", ("keep",)),
        ):
            keep = pc.fill_null(columns["keep"], False)
            work.write("corpus", self.rows({k: v.filter(keep) for k, v in columns.items()}))
