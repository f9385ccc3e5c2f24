"""Cutting numbers into bars of equal width, on a scale that fits them."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

_BARS = 48
_SKEWED = 4  # the 99th percentile over the median: from here on the scale is logarithmic,
_TALL = 100  # where the greatest value is above this
_TAIL = 0.998  # what is above this quantile lies in the last bar


class Scale(NamedTuple):
    """Where a value lies on the axis, from 0 to 1."""

    low: float
    high: float
    log: bool
    tail: bool  # the last bar holds all that is above, too

    def at(self, value: float) -> float:
        """The place of a value; below 0 and above 1 it is off the axis."""
        if self.log:
            low, high, inner = (math.log1p(max(v, 0)) for v in (self.low, self.high, value))
        else:
            low, high, inner = self.low, self.high, value
        return (inner - low) / (high - low)

    def edges(self, bars: int) -> Numbers:
        """The edges of the bars."""
        if not self.log:
            return np.linspace(self.low, self.high, bars + 1)
        return np.expm1(np.linspace(math.log1p(self.low), math.log1p(self.high), bars + 1))


def scale_of(
    values: Numbers, bounds: list[float], *, low: float, high: float, whole: bool
) -> Scale:
    """A scale on which values can be told apart, with the bounds near them in view.

    Args:
        values: some of them, as they lie.
        bounds: of rules.
        low: the smallest of all values.
        high: the greatest.
        whole: they are whole numbers.
    """
    median, most, last = (float(np.quantile(values, q)) for q in (0.5, 0.99, _TAIL))
    log = low >= 0 and high > _TALL and most > _SKEWED * max(median, 1.0)
    top = last if not log and high > low + 2 * (last - low) > low else high
    near = [bound for bound in bounds if 2 * low - top <= bound <= 2 * top - low]
    first, end = min([low, *near]), max([top, *near])
    if whole:
        first, end = float(math.floor(first)), float(math.floor(end) + 1)
    elif end <= first:
        first, end = (0.0, 1.0) if 0 <= first < 1 else (first - 0.5, first + 0.5)
    return Scale(first, end, log, high > max(top, end))


def edges_of(scale: Scale, *, whole: bool) -> Numbers:
    """The edges of the bars; of whole numbers no bar is thinner than one."""
    edges = scale.edges(_BARS)
    return np.unique(np.round(edges)) if whole else edges


def counts(values: Numbers, edges: Numbers) -> npt.NDArray[np.int64]:
    """How many values lie in each bar; what lies beyond the last edges is in the last bars."""
    inside = np.clip(values, edges[0], edges[-1])
    return np.histogram(inside, edges)[0].astype(np.int64)


def ticks(scale: Scale) -> list[tuple[float, float]]:
    """Round numbers along the axis, each with its place."""
    if scale.log:
        powers = [0.0] + [f * 10.0**p for p in range(-3, 12) for f in (1, 3)]
        found = [p for p in powers if scale.low <= p <= scale.high]
    else:
        rough = (scale.high - scale.low) / 6
        power = 10.0 ** math.floor(math.log10(rough))
        gap = next(power * f for f in (1, 2, 5, 10) if power * f >= rough)
        first = math.ceil(scale.low / gap)
        found = [gap * n for n in range(first, math.floor(scale.high / gap) + 1)]
    shown: list[tuple[float, float]] = []
    for value in found:
        at = scale.at(value)
        if not shown or at - shown[-1][1] > 0.07:
            shown.append((value, at))
    return shown
