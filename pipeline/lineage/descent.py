"""The whole family of a version: all that it was made of, and all that was made of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter

from pipeline.lineage.index.catalog import Version
from schemas.artifact import ArtifactRef

Versions = Mapping[ArtifactRef, Version]


def above(versions: Versions, start: Iterable[ArtifactRef]) -> set[ArtifactRef]:
    """What some versions were made of, back to the pages; without themselves."""
    sources = {ref: set(one.inputs.values()) for ref, one in versions.items()}
    return _reached(sources, start)


def below(versions: Versions, start: Iterable[ArtifactRef]) -> set[ArtifactRef]:
    """What was made of some versions, by any recipe; without themselves."""
    readers: dict[ArtifactRef, set[ArtifactRef]] = defaultdict(set)
    for ref, one in versions.items():
        for source in one.inputs.values():
            readers[source].add(ref)
    return _reached(readers, start)


def in_order(versions: Versions, chosen: Iterable[ArtifactRef]) -> list[ArtifactRef]:
    """Some versions, each after those that it was made of; otherwise the oldest first."""
    wanted = set(chosen)
    ordered = [ref for ref in versions if ref in wanted]
    before = {
        ref: [each for each in versions[ref].inputs.values() if each in wanted and each != ref]
        for ref in ordered
    }
    return list(TopologicalSorter(before).static_order())


def _reached(
    edges: Mapping[ArtifactRef, set[ArtifactRef]], start: Iterable[ArtifactRef]
) -> set[ArtifactRef]:
    begun = set(start)
    found: set[ArtifactRef] = set()
    todo = list(begun)
    while todo:
        for ref in edges.get(todo.pop(), ()):
            if ref not in found:
                found.add(ref)
                todo.append(ref)
    return found - begun
