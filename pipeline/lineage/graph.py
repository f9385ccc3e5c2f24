"""The graph of a version's lineage: a node for each stage, with its size and what left there."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.living import Count, Living
from pipeline.store import Store
from schemas.artifact import Manifest


class Node(NamedTuple):
    """One version."""

    name: str  # the stage
    key: str  # 12 hex digits
    size: str  # "460 documents"
    left: str  # "12 dropped, 1 quarantined", or ""
    shards: int


class Edge(NamedTuple):
    """`reader` reads `source` in a role."""

    source: str
    reader: str
    role: str


class Graph(NamedTuple):
    """Nodes in an order in which every node comes after what it reads."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def lineage_graph(store: Store, versions: Ancestry) -> Graph:
    """The graph of some versions that belong together; documents are counted as `Living` does."""
    living = Living(store, versions.versions)
    nodes = tuple(_node(name, manifest, living) for name, manifest in versions.versions.items())
    edges = {(source, reader): role for source, role, reader in versions.edges()}
    return Graph(nodes, tuple(Edge(*ends, role) for ends, role in sorted(edges.items())))


def layers(graph: Graph) -> dict[str, int]:
    """Node -> its column: one more than the last of those that it reads, from 0."""
    found: dict[str, int] = {}
    for node in graph.nodes:
        before = [found[edge.source] for edge in graph.edges if edge.reader == node.name]
        found[node.name] = max(before, default=-1) + 1
    return found


def _node(name: str, manifest: Manifest, living: Living) -> Node:
    count = living.count(name)
    if name == "pages":
        size = f"{living.pages():,} pages"
    elif count is None:
        size = _files(manifest)
    elif count.dropped or count.quarantined:
        size = f"{count.kept:,} kept"
    else:
        size = f"{count.kept:,} documents"
    return Node(name, manifest.ref.key[:12], size, _left(count), len(manifest.shards))


def _left(count: Count | None) -> str:
    if count is None:
        return ""
    counts = ((count.dropped, "dropped"), (count.quarantined, "quarantined"))
    return ", ".join(f"{number:,} {word}" for number, word in counts if number)


def _files(manifest: Manifest) -> str:
    names = [name.removeprefix("file ") for name in manifest.digests if name.startswith("file ")]
    return names[0] if len(names) == 1 else f"{len(names)} files"
