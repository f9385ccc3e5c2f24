"""What garbage collection starts from, and which versions it leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from pydantic import Field

from pipeline.storage.log import Log
from pipeline.store import Store
from schemas.artifact import ArtifactRef, Manifest
from schemas.record import Record
from schemas.run import Reference, Run

Kind = TypeVar("Kind", bound=Record)


class Keep(Record):
    """What stays, beside what moving names point to, and pointed to before."""

    labels: int = Field(default=0, ge=0, description="newest dated labels of a name; 0: all")
    runs: int = Field(default=10, ge=0, description="newest runs of each recipe")
    grace_seconds: float = Field(default=86_400.0, ge=0, description="what is younger stays")


def roots(store: Store, keep: Keep) -> Iterator[ArtifactRef]:
    """The versions that names and runs lead to.

    Raises:
        StoreError: a name or a run cannot be read, so nothing can be said to be garbage.
    """
    for names in _logs(store, "refs/tags", Reference):
        yield from (names.get(number).ref for number in names.numbers()[-2:])
    for labels in _logs(store, "refs/versions", Reference):
        yield from (labels.get(number).ref for number in labels.numbers()[-keep.labels :])
    for runs in _logs(store, "runs", Run):
        for number in runs.numbers()[-keep.runs :] if keep.runs else ():
            yield from (stage.ref for stage in runs.get(number).stages.values())


def reachable(
    start: Iterable[ArtifactRef], manifests: Mapping[ArtifactRef, Manifest]
) -> set[ArtifactRef]:
    """These versions, and all that they were made of."""
    found: set[ArtifactRef] = set()
    todo = list(start)
    while todo:
        ref = todo.pop()
        if ref in manifests and ref not in found:
            found.add(ref)
            todo.extend(manifests[ref].inputs.values())
    return found


def _logs(store: Store, folder: str, kind: type[Kind]) -> Iterator[Log[Kind]]:
    places = {entry.path.rpartition("/")[0] for entry in store.files.entries(folder)}
    for place in sorted(places):
        yield Log(store.files, place, kind)
