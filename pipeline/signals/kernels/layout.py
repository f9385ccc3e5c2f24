"""Counting the lines of each document that stand in tables and in verse, and what is in lines."""

from functools import cache
from typing import Any

import numpy as np

from pipeline.compiling import compiled, part
from pipeline.signals.kernels.characters import CODE_POINTS, FULL_STOP, SPACE, WIDE
from pipeline.signals.kernels.lines import SHORT_COLUMNS
from pipeline.signals.kernels.utf8 import code_point

Array = np.ndarray[Any, Any]

COUNTS = ("tables", "verse", "columns", "short_columns")
TABLES, VERSE, ALL_COLUMNS, SHORT = range(4)

NEW_LINE, TAB, BAR, BOX_BAR = 0x0A, 0x09, 0x7C, 0x2502
EMPHASIS = (0x2A, 0x5F)  # * and _ of Markdown, which may stand behind a line's last character
PAUSES = (0x2C, 0x3B, 0x2013, 0x2014, 0x2D, 0x060C, 0x061B, 0x3001, 0xFF0C, 0xFF1B)  # , ; – — - ...

SEPARATORS = 2  # between cells: a row has at least three cells, or two in bars
ROWS = 3  # of a table, each with as many cells as the one before
COLUMNS = 60  # a line of verse is no wider
NARROWEST = 10  # columns a line on average: entries of menus are shorter
WORDS = 3  # a line on average, of verse without punctuation
STANZA = 2  # lines

_COLUMNS, _WORDS, _CELLS, _ENDED, _SMALL = range(5)  # of one line
_LINES, _NARROW = 5, 6  # of a block of lines, beside the sums of these


@cache
def small_letters() -> Array:
    """Which code points are lower-case letters, bool."""
    table = np.zeros(CODE_POINTS, np.bool_)
    table[: 0x1E944 + 1] = [chr(point).islower() for point in range(0x1E944 + 1)]
    table.flags.writeable = False
    return table


@compiled
def count_layout(data: Array, offsets: Array, kinds: Array, small: Array) -> Array:
    """Count the lines that are rows of a table, and those that are verse.

    Rows of a table are at least three lines on end with the same number of bars and tabs, two or
    more. Verse is a block of at least two lines between blank ones, most of them at most 60
    columns wide, ten on average; and at least a quarter of them end in a mark that ends or parts
    sentences, or, with three words each, at least half begin with a small letter. Entries of menus
    and lists of names do neither. `columns` are those of all lines, `short_columns` those of lines
    of at most 30; the space at the end of a line is none.

    Args:
        data: the bytes of all documents, uint8.
        offsets: (n + 1,) int64: document i is `data[offsets[i]:offsets[i + 1]]`.
        kinds: what each code point is, `characters.kinds()`.
        small: which code points are lower-case letters, `small_letters()`.

    Returns:
        (n, len(COUNTS)) int64.
    """
    counts = np.zeros((len(offsets) - 1, len(COUNTS)), np.int64)
    line, table, block = np.zeros(5, np.int64), np.zeros(2, np.int64), np.zeros(7, np.int64)
    for row in range(len(offsets) - 1):
        start, last = offsets[row], offsets[row + 1]
        while start <= last:  # the last line is an empty one, and ends what is open
            stop = start
            while stop < last and data[stop] != NEW_LINE:
                stop += 1
            _look(data, start, stop, kinds, small, line)
            _add_row(line, table, counts[row])
            _add_verse(line, block, counts[row])
            counts[row, ALL_COLUMNS] += line[_COLUMNS]
            if line[_COLUMNS] <= SHORT_COLUMNS:
                counts[row, SHORT] += line[_COLUMNS]
            start = stop + 1
        line[:] = 0
        _add_row(line, table, counts[row])
        _add_verse(line, block, counts[row])
    return counts


@part
def _look(data: Array, start: int, stop: int, kinds: Array, small: Array, line: Array) -> None:
    """What one line is like; no columns if it is blank."""
    line[:] = 0
    at, columns, inside, last, first = start, 0, False, np.int64(0), np.int64(0)
    while at < stop:
        point, size = code_point(data, at)
        at += size
        line[_CELLS] += point in (BAR, BOX_BAR) or (point == TAB and first != 0)
        columns += 2 if kinds[point] & WIDE else 1
        if kinds[point] & SPACE:
            inside = False
            continue
        line[_COLUMNS] = columns  # without the space at the end
        line[_WORDS] += not inside
        inside = True
        first = point if first == 0 else first
        last = last if point in EMPHASIS else point
    line[_ENDED] = (kinds[last] & FULL_STOP) != 0 or last in PAUSES
    line[_SMALL] = small[first]


@part
def _add_row(line: Array, table: Array, counts: Array) -> None:
    """Go on with a table, or end it: its separators a row, and its rows so far."""
    if line[_CELLS] != table[0]:
        if table[0] >= SEPARATORS and table[1] >= ROWS:
            counts[TABLES] += table[1]
        table[0], table[1] = line[_CELLS], 0
    table[1] += 1


@part
def _add_verse(line: Array, block: Array, counts: Array) -> None:
    """Go on with a block of lines, or end it."""
    if line[_COLUMNS]:
        for at in range(len(line)):
            block[at] += line[at]
        block[_LINES] += 1
        block[_NARROW] += line[_COLUMNS] <= COLUMNS
        return
    lines = block[_LINES]
    fits = block[_NARROW] * 4 >= lines * 3 and block[_COLUMNS] >= lines * NARROWEST
    if lines >= STANZA and fits:
        running = block[_SMALL] * 2 >= lines and block[_WORDS] >= lines * WORDS
        if block[_ENDED] * 4 >= lines or running:
            counts[VERSE] += lines
    block[:] = 0
