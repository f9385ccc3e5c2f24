"""What a version stands on: one version of every stage before it, back to the pages."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter

from pipeline.store import Store
from schemas.artifact import ArtifactRef, Manifest

# Stages that a refresh keeps as they are: what they were made of is an older corpus than the one
# that a model beside them has learnt from.
PINNED = ("tokenizer", "validation")


@dataclass(frozen=True)
class Ancestry:
    """Versions that belong together, at most one of a stage, inputs before what reads them.

    A stage whose output came out equal is not made again, so a version may name inputs that are
    older than those of its neighbours; where two versions of a stage are in reach, the one fewest
    steps away counts, and one that only a pinned version was made of counts last.
    """

    versions: dict[str, Manifest]  # stage -> its version
    missing: tuple[ArtifactRef, ...] = ()  # named as an input, but no longer in the store

    def get(self, stage: str) -> Manifest | None:
        """The version of a stage, or None where nothing here stands on it."""
        return self.versions.get(stage)

    def families(self) -> dict[str, Manifest]:
        """The versions of all signal families, by stage."""
        return {name: one for name, one in self.versions.items() if name.startswith("signals.")}

    def upto(self, stage: str) -> Ancestry:
        """The version of a stage, and those that it stands on."""
        needed, todo = set(), [stage]
        while todo:
            name = todo.pop()
            if name in self.versions and name not in needed:
                needed.add(name)
                todo += [ref.stage for ref in self.versions[name].inputs.values()]
        return Ancestry({name: one for name, one in self.versions.items() if name in needed})

    def edges(self) -> Iterator[tuple[str, str, str]]:
        """Every (stage, role, stage that reads it in that role) among the versions."""
        for name, manifest in self.versions.items():
            for role, ref in manifest.inputs.items():
                if ref.stage in self.versions and ref.stage != name:
                    yield ref.stage, role, name


def ancestry(store: Store, *heads: Manifest) -> Ancestry:
    """The given versions and all that they stand on.

    Args:
        store: where they are.
        heads: the versions to begin at; of several versions of a stage the first one counts.
    """
    versions: dict[str, Manifest] = {}
    missing: dict[ArtifactRef, None] = {}
    todo: deque[Manifest] = deque()
    last: deque[Manifest] = deque()

    def add(found: Manifest) -> None:
        versions[found.stage] = found
        (last if found.stage in PINNED else todo).append(found)

    for head in heads:
        if head.stage not in versions:
            add(head)
    while todo or last:
        for ref in (todo or last).popleft().inputs.values():
            if ref.stage in versions:
                continue
            found = store.find(ref)
            if found is None:
                missing[ref] = None
            else:
                add(found)
    return Ancestry(_in_order(versions), tuple(missing))


def of_refs(store: Store, refs: Iterable[ArtifactRef]) -> Ancestry:
    """The versions of one run, and all that they stand on; the run's own ones count first."""
    found = [manifest for ref in refs if (manifest := store.find(ref)) is not None]
    return ancestry(store, *found)


def earlier_windows(store: Store, manifest: Manifest) -> Iterator[Manifest]:
    """The version, and those of the same stage that it goes on from, the newest first."""
    found: Manifest | None = manifest
    while found is not None:
        yield found
        before = [ref for ref in found.inputs.values() if ref.stage == manifest.stage]
        found = store.find(before[0]) if before else None


def readers(store: Store, stage: str, role: str) -> Iterator[tuple[Manifest, Manifest]]:
    """Every version of a stage, the newest first, with the version that it read as `role`."""
    for manifest in store.manifests(stage):
        ref = manifest.inputs.get(role)
        read = store.find(ref) if ref else None
        if read is not None:
            yield manifest, read


def _in_order(versions: dict[str, Manifest]) -> dict[str, Manifest]:
    """The same versions, each after those that it reads; otherwise by name."""
    before = {
        name: sorted({ref.stage for ref in one.inputs.values()} & versions.keys() - {name})
        for name, one in sorted(versions.items())
    }
    return {name: versions[name] for name in TopologicalSorter(before).static_order()}
