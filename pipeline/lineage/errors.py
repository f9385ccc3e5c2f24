"""What can be missing when somebody looks back."""

from collections.abc import Sequence

from pipeline.errors import ConservationError, MissingArtifact, StoreError
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


class Askew(ConservationError):
    """Two versions that are read side by side do not have the same documents in the same order."""

    def __init__(self, shard: str, one: Manifest, other: Manifest) -> None:
        super().__init__(
            f"{other.ref} and {one.ref} do not have the same documents in the same order in shard "
            f"{shard}.\nThey were made in different layouts, or one of them is damaged: `penstock "
            f"verify` says which files are not what they were; a run makes them fit again."
        )


class DamagedIndex(StoreError):
    """A file of the index is not what was written; nothing is lost with it."""

    def __init__(self, path: str, *, problem: str) -> None:
        super().__init__(
            f"{path}, a file of the lineage index, cannot be read: {problem.splitlines()[0]}.\n"
            f"It holds nothing that the store has not: `penstock lineage --rebuild-index` makes "
            f"the index anew."
        )


class UnknownAddress(StoreError):
    """Nothing in the store is of an address or domain."""

    def __init__(self, text: str, *, where: str) -> None:
        super().__init__(
            f"No page, link or file in the store {where} is of {text}.\n"
            f"Name a URL as the crawl met it, a domain (its subdomains count), or a version such "
            f"as corpus/web@latest."
        )


class BadQuestion(StoreError):
    """What is asked about cannot be meant."""

    def __init__(self, text: str, *, kind: str, like: str) -> None:
        super().__init__(
            f"No version in the store knows the {kind} {text!r}: ask for one such as {like}."
        )
