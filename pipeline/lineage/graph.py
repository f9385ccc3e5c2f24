"""The graph of a version's lineage: a node for each stage, with its size and what left there."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.lineage.ancestry import Ancestry
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


def lineage_graph(versions: Ancestry) -> Graph:
    """The graph of some versions that belong together."""
    nodes = tuple(_node(name, manifest) for name, manifest in versions.versions.items())
    edges = {(source, reader): role for source, role, reader in versions.edges()}
    return Graph(nodes, tuple(Edge(*ends, role) for ends, role in sorted(edges.items())))


def layers(graph: Graph) -> dict[str, int]:
    """Node -> its column: one more than the last of those that it reads, from 0."""
    found: dict[str, int] = {}
    for node in graph.nodes:
        before = [found[edge.source] for edge in graph.edges if edge.reader == node.name]
        found[node.name] = max(before, default=-1) + 1
    return found


def _node(name: str, manifest: Manifest) -> Node:
    account = manifest.account
    rows = _main_rows(manifest)
    if account and (account.dropped.count or account.quarantined.count):
        size = f"{account.kept.count:,} kept"
    else:
        size = f"{rows[1]:,} {rows[0]}" if rows else _files(manifest)
    return Node(name, manifest.ref.key[:12], size, _left(manifest), len(manifest.shards))


def _left(manifest: Manifest) -> str:
    account = manifest.account
    if account is None:
        return ""
    counts = ((account.dropped.count, "dropped"), (account.quarantined.count, "quarantined"))
    return ", ".join(f"{count:,} {word}" for count, word in counts if count)


def _main_rows(manifest: Manifest) -> tuple[str, int] | None:
    """The table with the most to say, and its rows."""
    rows = {table: count for table, count in manifest.rows.items() if table != "ledger"}
    table = next((name for name in (manifest.stage, "rows") if name in rows), min(rows, default=""))
    return (table, rows[table]) if table else None


def _files(manifest: Manifest) -> str:
    names = [name.removeprefix("file ") for name in manifest.digests if name.startswith("file ")]
    return names[0] if len(names) == 1 else f"{len(names)} files"
