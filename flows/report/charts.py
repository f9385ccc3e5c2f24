"""Charts of a report as inline SVG, in the page's colours; everything written is escaped here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from flows.histograms.histogram import Bar, Bound, Histogram
from flows.results.words import language_name

_WIDTH, _HEIGHT = 430, 118  # pixels, without the names of the bounds
_LEFT, _RIGHT, _BOTTOM = 40, 16, 22
_LINE = 15  # of a bound's name above the chart
_MOST_BOUNDS = 6  # names of one chart
_LETTER = 7.0  # the width of a letter, at most


def histogram(found: Histogram) -> str:
    """Bars of kept and dropped documents, with the bounds of the rules drawn in."""
    if not found.bars:
        return ""
    bounds = _named(found.bounds)
    top = 10 + _LINE * len(bounds)
    inside = _HEIGHT - _BOTTOM - 8
    most = max(bar.kept + bar.dropped for bar in found.bars) or 1
    floor = top + inside
    drawn = [_grid(top, floor, most), *_bars(found, floor, inside / most)]
    for tick in found.ticks:
        drawn.append(
            f'<text class="tick" x="{_x(tick.at):.1f}" y="{floor + 15}" text-anchor="middle">'
            f"{amount(tick.value)}</text>"
        )
    drawn += [
        _bound(place, told, 10 + _LINE * number, floor)
        for number, (place, told) in enumerate(bounds)
    ]
    return (
        f'<svg class="chart histogram" viewBox="0 0 {_WIDTH} {floor + _BOTTOM}" role="img" '
        f'aria-label="{escape(found.signal)}">{"".join(drawn)}</svg>'
    )


def _x(at: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * at


def _grid(top: int, floor: int, most: int) -> str:
    drawn = []
    for y, count in ((top, most), (floor, 0)):
        drawn.append(
            f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>'
            f'<text class="tick" x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{_few(count)}</text>'
        )
    return "".join(drawn)


def _bars(found: Histogram, floor: float, scale: float) -> list[str]:
    drawn, below = [], 0
    total = found.documents - found.missing or 1
    for bar in found.bars:
        left, right = _x(bar.at), max(_x(bar.to_at), _x(bar.at) + 1.5)
        wide = max(1.0, right - left - 0.8)
        kept, dropped = bar.kept * scale, bar.dropped * scale
        told = _told(bar, below / total)
        below += bar.kept + bar.dropped
        if bar.kept + bar.dropped:
            drawn.append(
                f"<g><title>{told}</title>"
                f'<rect class="stayed" x="{left:.1f}" y="{floor - kept:.1f}" width="{wide:.1f}" '
                f'height="{kept:.1f}"/><rect class="gone" x="{left:.1f}" '
                f'y="{floor - kept - dropped:.1f}" width="{wide:.1f}" height="{dropped:.1f}"/></g>'
            )
    return drawn


def _told(bar: Bar, below: float) -> str:
    return (
        f"{amount(bar.low)} to {amount(bar.high)}: {bar.kept:,} kept, {bar.dropped:,} dropped; "
        f"{below:.1%} of all lie below {amount(bar.low)}"
    )


def _named(bounds: Sequence[Bound]) -> list[tuple[float, str]]:
    """Place and name of each bound in sight; languages with the same bound are one."""
    here = [bound for bound in bounds if 0 <= bound.at <= 1]
    everyone = {code for bound in bounds for code in bound.languages}
    found = []
    for bound in sorted(here, key=lambda bound: bound.at):
        few = set(bound.languages) != everyone and len(bound.languages) <= 4
        whose = f" ({', '.join(language_name(code) for code in bound.languages)})" if few else ""
        found.append((bound.at, f"{bound.rule}: {bound.side} {amount(bound.value)}{whose}"))
    if len(found) > _MOST_BOUNDS:
        found = [*found[: _MOST_BOUNDS - 1], (found[-1][0], f"{len(found)} bounds in all")]
    return found


def _bound(at: float, told: str, y: int, floor: float) -> str:
    x, wide = _x(at), len(told) * _LETTER
    place = f'x="{x + 5:.1f}"'
    if x + 5 + wide > _WIDTH:  # no room to the right: to the left of it, or as far as there is room
        edge = x - 5 if x > wide else _WIDTH - 2
        place = f'x="{edge:.1f}" text-anchor="end"'
    return (
        f'<g class="threshold"><title>{escape(told)}</title>'
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y - 7}" y2="{floor:.1f}"/>'
        f'<text {place} y="{y + 2}">{escape(told)}</text></g>'
    )


def columns(counts: Sequence[tuple[str, int]], title: str) -> str:
    """A column for each count, as high as its logarithm: few of one stand beside very many."""
    if not counts:
        return ""
    most = math.log1p(max(count for _, count in counts))
    step = min((_WIDTH - _LEFT - _RIGHT) / len(counts), 42)
    floor, inside = _HEIGHT - _BOTTOM, _HEIGHT - _BOTTOM - 20
    drawn = []
    for number, (name, count) in enumerate(counts):
        x, tall = _LEFT + number * step, inside * math.log1p(count) / most
        drawn.append(
            f"<g><title>{escape(name)}: {count:,}</title>"
            f'<rect class="stayed" x="{x + 1:.1f}" y="{floor - tall:.1f}" width="{step - 2:.1f}" '
            f'height="{tall:.1f}"/>'
            f'<text class="tick" x="{x + step / 2:.1f}" y="{floor - tall - 4:.1f}" '
            f'text-anchor="middle">{_few(count)}</text>'
            f'<text class="tick" x="{x + step / 2:.1f}" y="{floor + 15}" text-anchor="middle">'
            f"{escape(name)}</text></g>"
        )
    return (
        f'<svg class="chart histogram" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title)}">{"".join(drawn)}</svg>'
    )


def amount(value: float) -> str:
    """A value in few digits: 0.35, 12, 1,200, 3.4e+06."""
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value):,}"
    return f"{value:.3g}" if abs(value) < 1000 or abs(value) >= 1e6 else f"{value:,.0f}"


def _few(count: int) -> str:
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{count / size:.3g}{unit}"
    return str(count)
