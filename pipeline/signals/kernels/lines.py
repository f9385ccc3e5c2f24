"""Counting the lines of each document by what they look like."""

from typing import Any

import numpy as np

from pipeline.signals.kernels.characters import BULLET, CODE, FULL_STOP, SPACE, WIDE
from pipeline.signals.kernels.compiled import code_point, compiled

Array = np.ndarray[Any, Any]

COUNTS = ("lines", "bullets", "ellipses", "full_stops", "short", "code", "symbols")
LINES, BULLETS, ELLIPSES, FULL_STOPS, SHORT, CODE_LINES, SYMBOLS = range(7)

SHORT_COLUMNS = 30  # FineWeb's short line (Penedo et al., 2024, arXiv:2406.17557, section 3.6)
NEW_LINE, DOT, HASH, ELLIPSIS = 0x0A, 0x2E, 0x23, 0x2026
BRACES = (0x7B, 0x7D, 0x3B)  # { } ;
MARKS_OF_CODE = 8  # a line of code has a mark in every so many characters


@compiled
def count_lines(data: Array, offsets: Array, kinds: Array) -> Array:
    """Count the lines that hold anything, and those that begin or end in a telling way.

    Args:
        data: the bytes of all documents, uint8.
        offsets: (n + 1,) int64: document i is `data[offsets[i]:offsets[i + 1]]`.
        kinds: what each code point is, `characters.kinds()`.

    Returns:
        (n, len(COUNTS)) int64.
    """
    counts = np.zeros((len(offsets) - 1, len(COUNTS)), np.int64)
    for row in range(len(offsets) - 1):
        start = offsets[row]
        while start < offsets[row + 1]:
            stop = start
            while stop < offsets[row + 1] and data[stop] != NEW_LINE:
                stop += 1
            _count_line(data, start, stop, kinds, counts[row])
            start = stop + 1
    return counts


@compiled
def _count_line(data: Array, start: int, stop: int, kinds: Array, counts: Array) -> None:
    first = last = np.int64(0)
    at, dots, columns, marks, letters = start, 0, 0, 0, 0
    while at < stop:
        point, size = code_point(data, at)
        at += size
        kind = kinds[point]
        columns += 2 if kind & WIDE else 1
        if kind & SPACE:
            continue
        first = point if first == 0 else first
        dots = dots + 1 if point == DOT else 0
        last = point
        letters += 1
        marks += (kind & CODE) != 0
        counts[SYMBOLS] += point in (HASH, ELLIPSIS) or dots == 3
    if first == 0:
        return
    counts[LINES] += 1
    counts[BULLETS] += (kinds[first] & BULLET) != 0
    counts[ELLIPSES] += last == ELLIPSIS or dots >= 3
    counts[FULL_STOPS] += (kinds[last] & FULL_STOP) != 0
    counts[SHORT] += columns <= SHORT_COLUMNS
    counts[CODE_LINES] += last in BRACES or marks * MARKS_OF_CODE >= letters
