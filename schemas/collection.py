"""What is written down when data is deleted: which versions lost theirs, by whom and why."""

from schemas.artifact import ArtifactRef
from schemas.record import Record


class Collection(Record):
    """One garbage collection. The manifests of the versions stay; their data is gone."""

    when: str  # UTC, ISO 8601
    who: str
    why: str
    versions: tuple[ArtifactRef, ...]  # that lost data, in whole or in part
    files: int
    size: int  # bytes
