"""Whether a confidence means something: of answers with .8, are 80 % right?"""

from collections import defaultdict
from typing import Any

BINS = 10
SIDE = 300  # pixels of a plot


def calibration(
    rows: list[tuple[str, float, bool]], languages: frozenset[str] | None = None
) -> dict[str, Any]:
    """The expected calibration error, and the table behind it.

    Args:
        rows: the language, the confidence (0: no answer, left out) and whether the answer is right.
        languages: those to look at; all by default.

    Returns:
        `error`: the mean distance of confidence and share of right answers over ten equal bins,
        by their weight; each language weighs the same. `bins`: those three, of each.
    """
    asked = [row for row in rows if row[1] > 0 and (languages is None or row[0] in languages)]
    counts: dict[str, int] = defaultdict(int)
    for language, _, _ in asked:
        counts[language] += 1
    sums = [[0.0, 0.0, 0.0] for _ in range(BINS)]
    for language, sure, right in asked:
        weight = 1 / counts[language] / len(counts)
        into = sums[min(int(sure * BINS), BINS - 1)]
        for place, value in enumerate((weight, weight * sure, weight * right)):
            into[place] += value
    bins = [
        {"confidence": sure / weight, "right": right / weight, "weight": weight}
        for weight, sure, right in sums
        if weight
    ]
    error = sum(each["weight"] * abs(each["confidence"] - each["right"]) for each in bins)
    return {"error": error, "bins": bins}


def plot(groups: dict[str, dict[str, dict[str, Any]]]) -> str:
    """A page with one plot for each group and kind; on the line the confidence is exact."""
    parts = [
        "<!doctype html><meta charset=utf-8><title>Calibration of languages</title>",
        "<style>body{font:14px sans-serif}figure{display:inline-block;margin:12px}</style>",
        "<p>Right answers over confidence; the area of a dot is its share of the texts.</p>",
    ]
    for group, kinds in groups.items():
        parts.append(f"<h2>Languages: {group}</h2>")
        parts += [_figure(kind, found) for kind, found in kinds.items()]
    return "\n".join(parts)


def _figure(kind: str, found: dict[str, Any]) -> str:
    dots = "".join(
        f'<circle cx="{SIDE * each["confidence"]:.1f}" cy="{SIDE * (1 - each["right"]):.1f}" '
        f'r="{3 + 20 * each["weight"] ** 0.5:.1f}" fill="#2563eb" fill-opacity=".6"/>'
        for each in found["bins"]
    )
    return (
        f'<figure><svg width="{SIDE}" height="{SIDE}" style="overflow:visible">'
        f'<rect width="{SIDE}" height="{SIDE}" fill="#f8fafc" stroke="#94a3b8"/>'
        f'<line x1="0" y1="{SIDE}" x2="{SIDE}" y2="0" stroke="#94a3b8"/>{dots}</svg>'
        f"<figcaption>{kind}: error {found['error']:.3f}</figcaption></figure>"
    )
