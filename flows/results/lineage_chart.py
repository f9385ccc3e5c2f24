"""The lineage of a version from top to bottom, in the page's colours, its words readable."""

from __future__ import annotations

from html import escape

from pipeline.lineage.graph import Graph, Node
from pipeline.lineage.layout import layout

_WIDE, _HIGH = 144, 44  # a node, pixels
_ACROSS, _DOWN = 152, 74  # from node to node, pixels
_MARGIN = 4


def lineage_chart(graph: Graph) -> str:
    """The graph as one <svg> element; pages above, scores below."""
    if not graph.nodes:
        return ""
    laid = layout(graph)
    lines = [line for _, line in laid.places.values()]
    lines += [line for path in laid.paths.values() for _, line in path]
    first = min(lines)
    width = 2 * _MARGIN + (max(lines) - first) * _ACROSS + _WIDE
    height = 2 * _MARGIN + (laid.columns - 1) * _DOWN + _HIGH

    def corner(place: tuple[int, float]) -> tuple[float, float]:
        return _MARGIN + (place[1] - first) * _ACROSS, _MARGIN + place[0] * _DOWN

    drawn = []
    for edge, path in laid.paths.items():
        title = escape(f"{edge.reader} reads {edge.source} as {edge.role}")
        line = _line([corner(place) for place in path])
        drawn.append(f'<path class="edge" d="{line}"><title>{title}</title></path>')
    drawn += [_box(node, *corner(laid.places[node.name])) for node in graph.nodes]
    return (
        f'<svg class="chart lineage" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-label="What was made of what">{"".join(drawn)}</svg>'
    )


def _box(node: Node, x: float, y: float) -> str:
    left = f' <tspan class="left">{escape(node.left)}</tspan>' if node.left else ""
    middle = x + _WIDE / 2
    return (
        f"<g><title>{escape(node.name)}@{escape(node.key)}, {node.shards} shards</title>"
        f'<rect x="{x:g}" y="{y:g}" width="{_WIDE}" height="{_HIGH}" rx="6"/>'
        f'<text class="name" x="{middle:g}" y="{y + 18:g}">{escape(node.name)}</text>'
        f'<text class="size" x="{middle:g}" y="{y + 34:g}">{escape(node.size)}{left}</text></g>'
    )


def _line(corners: list[tuple[float, float]]) -> str:
    """From the foot of the source to the head of the reader, straight past the nodes between."""
    points = [(x + _WIDE / 2, y) for x, y in corners]
    x, y = points[0][0], points[0][1] + _HIGH
    drawn = f"M{x:g} {y:g}"
    for number, (to_x, to_y) in enumerate(points[1:], 1):
        middle = (y + to_y) / 2
        drawn += f"C{x:g} {middle:g} {to_x:g} {middle:g} {to_x:g} {to_y:g}"
        if number < len(points) - 1:
            drawn += f"V{to_y + _HIGH:g}"
        x, y = to_x, to_y + _HIGH
    return drawn
