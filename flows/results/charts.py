"""Charts as inline SVG: no script, no font and no colour of their own; the page's style has those.

Everything that is written on them is escaped here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

_MOST_POINTS = 300  # of a curve; where there are more, neighbours are averaged
_BAR, _BAR_STEP = 9, 36  # pixels


class Bar(NamedTuple):
    """A bar in two parts: what stayed and what left."""

    label: str
    told: str
    stayed: float
    left: float = 0


def bars(rows: Sequence[Bar], title: str) -> str:
    """Horizontal bars, as wide as the page gives them room; labels stand above."""
    longest = max((row.stayed + row.left for row in rows), default=0) or 1
    drawn = []
    for number, row in enumerate(rows):
        y = number * _BAR_STEP
        stayed, left = (100 * part / longest for part in (row.stayed, row.left))
        drawn.append(
            f'<text x="0" y="{y + 14}">{escape(row.label)}</text>'
            f'<text class="told" x="100%" y="{y + 14}" text-anchor="end">{escape(row.told)}</text>'
            f'<rect class="rail" x="0" y="{y + 20}" width="100%" height="{_BAR}"/>'
            f'<rect class="stayed" x="0" y="{y + 20}" width="{stayed:.2f}%" height="{_BAR}"/>'
            f'<rect class="gone" x="{stayed:.2f}%" y="{y + 20}" width="{left:.2f}%" '
            f'height="{_BAR}"/>'
        )
    return (
        f'<svg class="chart bars" width="100%" height="{len(rows) * _BAR_STEP}" role="img" '
        f'aria-label="{escape(title)}">{"".join(drawn)}</svg>'
    )


class Level(NamedTuple):
    """A horizontal line across a curve, with its name."""

    name: str
    value: float
    kind: str  # a class of the page's style


class _Frame(NamedTuple):
    """Where values lie on a curve's picture; sizes in pixels."""

    low: float
    high: float
    last: int  # step
    width: int = 640
    height: int = 300
    left: int = 34
    right: int = 158  # room for the names of levels
    top: int = 12
    bottom: int = 44

    def x(self, step: float) -> float:
        return self.left + (self.width - self.left - self.right) * step / self.last

    def y(self, value: float) -> float:
        inside = self.height - self.top - self.bottom
        return self.top + inside * (self.high - value) / (self.high - self.low)

    @property
    def edge(self) -> int:
        """Where the picture of the values ends, and the names begin."""
        return self.width - self.right


def loss_curve(points: Sequence[tuple[int, float]], levels: Sequence[Level]) -> str:
    """Training loss over steps, in nats per token, with other losses as level lines."""
    points = _thinned(points)
    values = [value for _, value in points] + [level.value for level in levels] or [0.0]
    gap = _tick_gap(max(values) - min(values))
    low = math.floor(min(values) / gap) * gap
    high = max(math.ceil(max(values) / gap) * gap, low + gap)
    frame = _Frame(low, high, max((step for step, _ in points), default=0) or 1)
    drawn = [*_axes(frame, gap), *(_level(frame, level) for level in levels)]
    line = " ".join(f"{frame.x(step):.1f},{frame.y(value):.1f}" for step, value in points)
    drawn.append(f'<polyline class="line train" points="{line}"/>')
    drawn += [
        f'<circle class="point" cx="{frame.x(step):.1f}" cy="{frame.y(value):.1f}" r="7">'
        f"<title>step {step:,}: {value:.3f}</title></circle>"
        for step, value in points
    ]
    ends = [Level("training", points[-1][1], "train")] if points else []
    drawn += _names(frame, [*ends, *levels])
    return (
        f'<svg class="chart curve" viewBox="0 0 {frame.width} {frame.height}" role="img" '
        f'aria-label="Loss by step of training">{"".join(drawn)}</svg>'
    )


def _axes(frame: _Frame, gap: float) -> list[str]:
    ticks = [frame.low + n * gap for n in range(round((frame.high - frame.low) / gap) + 1)]
    drawn = [
        f'<line class="grid" x1="{frame.left}" x2="{frame.edge}" y1="{frame.y(tick):.1f}" '
        f'y2="{frame.y(tick):.1f}"/><text class="tick" x="{frame.left - 8}" '
        f'y="{frame.y(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>'
        for tick in ticks
    ]
    below = frame.height - frame.bottom
    steps = ((0, "start"), (frame.last // 2, "middle"), (frame.last, "end"))
    drawn += [
        f'<text class="tick" x="{frame.x(step):.1f}" y="{below + 18}" text-anchor="{anchor}">'
        f"{step:,}</text>"
        for step, anchor in steps
    ]
    middle = frame.x(frame.last / 2)
    title = "steps of training; loss in nats per token"
    drawn.append(
        f'<text class="tick" x="{middle:.1f}" y="{below + 38}" text-anchor="middle">{title}</text>'
    )
    return drawn


def _level(frame: _Frame, level: Level) -> str:
    y = f"{frame.y(level.value):.1f}"
    kind = escape(level.kind)
    return f'<line class="line {kind}" x1="{frame.left}" x2="{frame.edge}" y1="{y}" y2="{y}"/>'


def _names(frame: _Frame, levels: Sequence[Level]) -> list[str]:
    """The names at the right edge, from the top, none over another."""
    drawn, above = [], -math.inf
    for level in sorted(levels, key=lambda level: -level.value):
        above = max(frame.y(level.value), above + 17)
        drawn.append(
            f'<text class="name {escape(level.kind)}" x="{frame.edge + 8}" y="{above + 4:.1f}">'
            f"{escape(level.name)} {level.value:.2f}</text>"
        )
    return drawn


def _tick_gap(spread: float) -> float:
    return next((gap for gap in (0.1, 0.2, 0.5, 1, 2, 5) if spread <= 6 * gap), 10)


def _thinned(points: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """At most so many points: the last of each group of neighbours, with their mean."""
    size = math.ceil(len(points) / _MOST_POINTS) or 1
    groups = [points[first : first + size] for first in range(0, len(points), size)]
    return [(group[-1][0], sum(value for _, value in group) / len(group)) for group in groups]


class Station(NamedTuple):
    """How many documents came to a place on the way, and what became of the others there."""

    name: str
    documents: int
    left: tuple[str, ...] = ()  # "65 by rules": those that went no further


_NODE, _STEP, _TALL = 12, 178, 110  # width, distance and greatest height of a node, pixels
_OVER, _MARGIN = 52, 8  # room above the nodes for their names; at the sides
_BELOW = 40  # from the bottom of the nodes to the words about those that left


def stream(stations: Sequence[Station], ends: Sequence[Station] = ()) -> str:
    """Documents as a stream from place to place: what stays goes right, what leaves goes down.

    Args:
        stations: in order; each has at most as many documents as the one before.
        ends: what the last station divides into.
    """
    most = max((station.documents for station in stations), default=0) or 1
    high = [_TALL * station.documents / most for station in stations]
    drawn = []
    for number, station in enumerate(stations):
        x = _MARGIN + number * _STEP
        if number + 1 < len(stations):
            drawn.append(_band(x + _NODE, _OVER, x + _STEP, _OVER, high[number + 1]))
            drawn.append(_leaving(x + _NODE, high[number + 1], high[number], station.left))
        drawn.append(_node(x, _OVER, high[number], station))
    x, y = _MARGIN + (len(stations) - 1) * _STEP, float(_OVER)
    level = y
    for end in ends:
        tall = _TALL * end.documents / most
        drawn.append(_band(x + _NODE, y, x + _STEP, level, tall))
        drawn.append(_node(x + _STEP, level, tall, end))
        y, level = y + tall, level + tall + _OVER
    width = _MARGIN * 2 + (len(stations) - (not ends)) * _STEP + 116
    lines = max((len(station.left) for station in stations), default=0)
    height = max(_OVER + _TALL + _BELOW + 18 * lines, level - _OVER + _MARGIN)
    return (
        f'<svg class="chart stream" viewBox="0 0 {width} {height:.0f}" role="img" '
        f'aria-label="What became of the documents">{"".join(drawn)}</svg>'
    )


def _node(x: float, y: float, tall: float, station: Station) -> str:
    return (
        f'<text class="count" x="{x:g}" y="{y - 26:.1f}">{station.documents:,}</text>'
        f'<text x="{x:g}" y="{y - 9:.1f}">{escape(station.name)}</text>'
        f'<rect class="node" x="{x:g}" y="{y:.1f}" width="{_NODE}" height="{max(tall, 2):.1f}"/>'
    )


def _band(x: float, y: float, to_x: float, to_y: float, tall: float) -> str:
    """A ribbon of one width from one node to the next."""
    middle, tall = (x + to_x) / 2, max(tall, 1)
    return (
        f'<path class="band" d="M{x:g} {y:.1f}C{middle:g} {y:.1f} {middle:g} {to_y:.1f} {to_x:g} '
        f"{to_y:.1f}V{to_y + tall:.1f}C{middle:g} {to_y + tall:.1f} {middle:g} {y + tall:.1f} "
        f'{x:g} {y + tall:.1f}Z"/>'
    )


def _leaving(x: float, stays: float, came: float, words: tuple[str, ...]) -> str:
    """A ribbon that turns down, and what is said of those that left."""
    if not words:
        return ""
    top, wide = _OVER + stays, max(came - stays, 2)
    end, middle = _OVER + _TALL + _BELOW - 18, x + 62
    left, right, bottom = middle - wide / 2, middle + wide / 2, top + wide
    told = "".join(
        f'<text class="left" x="{middle - 44:g}" y="{end + 18 * n:.1f}">{escape(text)}</text>'
        for n, text in enumerate(words, 1)
    )
    return (
        f'<path class="leaving" d="M{x:g} {top:.1f}Q{right:.1f} {top:.1f} {right:.1f} {end}'
        f'H{left:.1f}Q{left:.1f} {bottom:.1f} {x:g} {bottom:.1f}Z"/>{told}'
    )
