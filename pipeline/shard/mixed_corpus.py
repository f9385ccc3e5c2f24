"""The stage `corpus` of a recipe with a mixture."""

from typing import ClassVar

from pipeline.shard.corpus import TEXTS, Corpus
from pipeline.side_by_side import Columns


class MixedCorpus(Corpus):
    """The same as `Corpus`, of the unique documents that the mixture keeps."""

    light: ClassVar[tuple[str, ...]] = ("clusters", "mixture")
    follows: ClassVar[str | None] = "mixture"

    def sides(self) -> tuple[Columns, ...]:
        """Texts with their places, the sizes of their clusters, and which of them stay."""
        return (
            *TEXTS,
            Columns("clusters", "clusters", ("size",)),
            Columns("mixture", "mixture", ("keep",)),
        )
