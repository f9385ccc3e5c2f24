"""A chart of growing costs: both axes logarithmic, a line for each stage, linear growth dotted."""

import math
from html import escape

WIDTH, HEIGHT = 930, 560  # pixels
LEFT, RIGHT, TOP, BOTTOM = 70, 320, 50, 50
COLOURS = ("#0b5394", "#b45f06", "#38761d", "#741b47", "#990000", "#134f5c", "#674ea7", "#7f6000")
DASHES = ("", "7 3", "2 3")
LEAST_SECONDS = 0.1  # below it a stage is not drawn: its figure is the clock's
GAP = 15  # pixels between two names


def chart(sizes, figures):
    """A whole SVG file.

    Args:
        sizes: documents of each run, ascending.
        figures: stage -> its `cpu_seconds`, one for each size, and its `exponent`.
    """
    drawn = {
        stage: told for stage, told in figures.items() if min(told["cpu_seconds"]) > LEAST_SECONDS
    }
    whole = [sum(told["cpu_seconds"][n] for told in figures.values()) for n in range(len(sizes))]
    step = math.log(sizes[-1] / sizes[-2])
    drawn["all stages"] = {
        "cpu_seconds": whole,
        "exponent": round(math.log(whole[-1] / whole[-2]) / step, 2),
    }
    low = 10 ** math.floor(math.log10(min(min(told["cpu_seconds"]) for told in drawn.values())))
    high = 10 ** math.ceil(math.log10(max(whole)))

    def x(size):
        share = math.log(size / sizes[0]) / math.log(sizes[-1] / sizes[0])
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(seconds):
        share = math.log(seconds / low) / math.log(high / low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    parts = [_grid(sizes, low, high, x, y), _linear(sizes, low, high, x, y)]
    ends = sorted(drawn, key=lambda stage: y(drawn[stage]["cpu_seconds"][-1]))
    below = 0
    for number, stage in enumerate(ends):
        told = drawn[stage]
        end = y(told["cpu_seconds"][-1])
        below = max(end, below + GAP)
        parts.append(_line(number, stage, told, [*map(x, sizes)], [*map(y, told["cpu_seconds"])]))
        parts.append(
            f'<text x="{WIDTH - RIGHT + 12}" y="{below + 4:.1f}" fill="{_colour(number)}">'
            f"{escape(stage)}: {told['cpu_seconds'][-1]:.3g} s, exponent {told['exponent']}</text>"
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="{LEFT}" y="24" font-size="15">CPU seconds of each stage, '
        f"JSON Lines to tokens</text>{''.join(parts)}</svg>\n"
    )


def _colour(number):
    return COLOURS[number % len(COLOURS)]


def _grid(sizes, low, high, x, y):
    found = []
    seconds = low
    while seconds <= high:
        found.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(seconds):.1f}" y2="{y(seconds):.1f}" '
            f'stroke="#ddd"/><text x="{LEFT - 8}" y="{y(seconds) + 4:.1f}" text-anchor="end">'
            f"{seconds:g} s</text>"
        )
        seconds = round(seconds * 10, 9)
    for size in sizes:
        found.append(
            f'<line x1="{x(size):.1f}" x2="{x(size):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" '
            f'stroke="#ddd"/><text x="{x(size):.1f}" y="{HEIGHT - BOTTOM + 20}" '
            f'text-anchor="middle">{size:,} documents</text>'
        )
    return "".join(found)


def _linear(sizes, low, high, x, y):
    """Lines of slope 1, for the eye."""
    found, start = [], low
    while start * sizes[-1] / sizes[0] <= high:
        stop = start * sizes[-1] / sizes[0]
        found.append(
            f'<line x1="{x(sizes[0]):.1f}" y1="{y(start):.1f}" x2="{x(sizes[-1]):.1f}" '
            f'y2="{y(stop):.1f}" stroke="#bbb" stroke-dasharray="1 4"/>'
        )
        start *= 10
    return "".join(found)


def _line(number, stage, told, xs, ys):
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{_colour(number)}"/>'
        for x, y in zip(xs, ys, strict=True)
    )
    dash = DASHES[number // len(COLOURS) % len(DASHES)]
    return (
        f"<g><title>{escape(stage)}: {told['cpu_seconds']}</title>"
        f'<polyline points="{points}" fill="none" stroke="{_colour(number)}" stroke-width="1.8" '
        f'stroke-dasharray="{dash}"/>{dots}</g>'
    )
