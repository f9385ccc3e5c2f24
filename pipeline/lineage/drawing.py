"""A lineage graph as Mermaid text, and as an SVG that needs nothing from outside."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from pipeline.lineage.graph import Graph, Node
from pipeline.lineage.layout import layout

_WIDTH, _HEIGHT = 136, 50  # of a node, pixels
_COLUMN, _LINE = 190, 66  # from node to node, pixels
_MARGIN = 16

_RULES = {
    "": "max-width:100%;height:auto",
    "text": "font:12px system-ui,sans-serif;fill:#1f2933",
    ".name": "font-weight:600",
    ".size": "fill:#52606d;font-size:11px",
    ".left": "fill:#b4540a;font-size:11px",
    "rect": "fill:#fff;stroke:#9aa5b1;rx:6",
    ".edge": "fill:none;stroke:#9aa5b1;stroke-width:1.3",
}
_STYLE = "".join(f".lineage {what}{{{how}}}" for what, how in _RULES.items())


def to_mermaid(graph: Graph) -> str:
    """A Mermaid flowchart, left to right."""
    numbers = {node.name: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    for node in graph.nodes:
        told = [node.name, node.size, node.left, node.key]
        lines.append(f'  {numbers[node.name]}["{"<br/>".join(_quiet(t) for t in told if t)}"]')
    lines += [f"  {numbers[edge.source]} --> {numbers[edge.reader]}" for edge in graph.edges]
    return "\n".join(lines) + "\n"


def to_svg(graph: Graph) -> str:
    """The graph as one <svg> element: no script, no font and no link from outside."""
    laid = layout(graph)
    width = 2 * _MARGIN + (laid.columns - 1) * _COLUMN + _WIDTH
    height = 2 * _MARGIN + (laid.lines - 1) * _LINE + _HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'class="lineage" role="img" aria-label="lineage" width="{width:g}">',
        f"<style>{_STYLE}</style>",
    ]
    for edge, path in laid.paths.items():
        title = escape(f"{edge.reader} reads {edge.source} as {edge.role}")
        parts.append(f'<path class="edge" d="{_curve(path)}"><title>{title}</title></path>')
    parts += [_box(node, laid.places[node.name]) for node in graph.nodes]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _box(node: Node, place: tuple[int, float]) -> str:
    x, y = _MARGIN + place[0] * _COLUMN, _MARGIN + place[1] * _LINE
    told = [("name", node.name), ("size", node.size), ("left", node.left)]
    rows = [(kind, text) for kind, text in told if text]
    first = y + _HEIGHT / 2 + 4 - 7 * (len(rows) - 1)
    words = "".join(
        f'<text class={quoteattr(kind)} x="{x + _WIDTH / 2:g}" y="{first + 14 * n:g}" '
        f'text-anchor="middle">{escape(text)}</text>'
        for n, (kind, text) in enumerate(rows)
    )
    title = f"<title>{escape(node.name)}@{escape(node.key)}, {node.shards} shards</title>"
    frame = f'<rect x="{x:g}" y="{y:g}" width="{_WIDTH}" height="{_HEIGHT}"/>'
    return f"<g>{title}{frame}{words}</g>"


def _curve(path: tuple[tuple[int, float], ...]) -> str:
    """A smooth line from the right side of the source to the left side of the reader.

    In the columns between it runs level, so that it passes beside the nodes there.
    """
    points = [(_MARGIN + c * _COLUMN, _MARGIN + line * _LINE + _HEIGHT / 2) for c, line in path]
    x, y = points[0][0] + _WIDTH, points[0][1]
    drawn = f"M{x:g} {y:g}"
    for n, (left, level) in enumerate(points[1:], 1):
        middle = (x + left) / 2
        drawn += f"C{middle:g} {y:g} {middle:g} {level:g} {left:g} {level:g}"
        if n < len(points) - 1:
            drawn += f"H{left + _WIDTH:g}"
        x, y = left + _WIDTH, level
    return drawn


def _quiet(text: str) -> str:
    """Text that Mermaid takes as text."""
    return escape(text).replace('"', "#quot;").replace("&", "#").replace("`", "#96;")
