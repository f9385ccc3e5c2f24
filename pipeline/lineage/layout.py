"""Places for the nodes of a lineage graph: columns from left to right, few crossings, no overlap.

Source: the layered drawing of Sugiyama, Tagawa and Toda, 1981, doi:10.1109/TSMC.1981.4308636.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

from pipeline.lineage.graph import Edge, Graph, layers

SWEEPS = 8  # passes over the columns; orders of graphs like ours stop changing after a few


class Layout(NamedTuple):
    """Where things are: columns and lines from 0, lines may be halves."""

    places: dict[str, tuple[int, float]]  # node -> column, line
    paths: dict[Edge, tuple[tuple[int, float], ...]]  # edge -> places from source to reader
    columns: int
    lines: float


def layout(graph: Graph) -> Layout:
    """Lay a graph out. Long edges of one source share a place in each column between."""
    column = layers(graph)
    chains = {edge: _chain(edge, column) for edge in graph.edges}
    members: dict[int, list[str]] = defaultdict(list)
    for node in graph.nodes:
        members[column[node.name]].append(node.name)
    for edge, chain in chains.items():
        for step, name in enumerate(chain[1:-1], column[edge.source] + 1):
            if name not in members[step]:
                members[step].append(name)
    beside: dict[str, list[str]] = defaultdict(list)
    for chain in chains.values():
        for one, other in pairwise(chain):
            beside[one].append(other)
            beside[other].append(one)
    line = _lines(members, beside)
    where = {name: (step, line[name]) for step, names in members.items() for name in names}
    return Layout(
        {node.name: where[node.name] for node in graph.nodes},
        {edge: tuple(where[name] for name in chain) for edge, chain in chains.items()},
        len(members),
        max(line.values(), default=0) + 1,
    )


def _chain(edge: Edge, column: dict[str, int]) -> list[str]:
    """The nodes of an edge's path: one that is not drawn for each column between the ends."""
    between = range(column[edge.source] + 1, column[edge.reader])
    return [edge.source, *(f"{edge.source} {step}" for step in between), edge.reader]


def _lines(members: dict[int, list[str]], beside: dict[str, list[str]]) -> dict[str, float]:
    """The line of every node: columns are sorted by the mean line of their neighbours."""
    tallest = max(map(len, members.values()), default=0)
    line: dict[str, float] = {}
    for names in members.values():
        _spread(names, line, tallest)
    for sweep in range(SWEEPS):
        for step in sorted(members, reverse=bool(sweep % 2)):
            order = {name: (_mean(beside[name], line), line[name]) for name in members[step]}
            members[step].sort(key=order.__getitem__)
            _spread(members[step], line, tallest)
    return line


def _spread(names: list[str], line: dict[str, float], tallest: int) -> None:
    """Give the names of a column lines in their order, in the middle of the drawing."""
    first = (tallest - len(names)) / 2
    line.update({name: first + n for n, name in enumerate(names)})


def _mean(names: list[str], line: dict[str, float]) -> float:
    return sum(line[name] for name in names) / max(1, len(names))
