"""What can be missing when somebody looks back."""

from collections.abc import Sequence

from pipeline.errors import MissingArtifact
from schemas.artifact import Manifest


class NoShard(MissingArtifact):
    """A version has no shard of that name, or its receipt is gone."""

    def __init__(self, shard: str, of: Manifest, *, where: str, known: Sequence[str] = ()) -> None:
        super().__init__(f"Shard {shard} of {of.ref}", where=where, known=known)


class NoRow(MissingArtifact):
    """A shard is shorter than that."""

    def __init__(self, row: int, shard: str, of: Manifest, *, where: str) -> None:
        super().__init__(f"Row {row} of {of.ref}'s shard {shard}", where=where)


class NoPages(MissingArtifact):
    """The pages that a version goes back to are not in the store."""

    def __init__(self, *, where: str) -> None:
        super().__init__("What these versions were made of, the pages,", where=where)
