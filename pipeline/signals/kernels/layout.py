"""Counting the lines of each document that stand in tables and in verse, and what is in lines."""

from functools import cache
from typing import Any

import numpy as np

from pipeline.compiling import compiled, inlined, lean
from pipeline.eight_bytes import (
    HIGHS,
    ONES,
    SPACES,
    before_first,
    first_of,
    lowest_first,
    number_of,
    odd_in,
    same_in,
)
from pipeline.signals.kernels.characters import CODE_POINTS, FULL_STOP, SPACE, WIDE
from pipeline.signals.kernels.lines import SHORT_COLUMNS
from pipeline.signals.kernels.utf8 import NOT_ASCII, before, code_point

Array = np.ndarray[Any, Any]

COUNTS = ("tables", "verse", "columns", "short_columns")
TABLES, VERSE, ALL_COLUMNS, SHORT = range(4)

NEW_LINE, TAB, BAR, BOX_BAR = 0x0A, 0x09, 0x7C, 0x2502
BARS = np.uint64(BAR) * ONES
EIGHT, INSIDE, OUTSIDE = np.uint64(8), np.uint64(0x80), np.uint64(0)
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
        at, stop = offsets[row], offsets[row + 1]
        while at < stop:
            at = _look(data, at, stop, kinds, small, line)
            _add_row(line, table, counts, row)
            _add_verse(line, block, counts, row)
            counts[row, ALL_COLUMNS] += line[_COLUMNS]
            if line[_COLUMNS] <= SHORT_COLUMNS:
                counts[row, SHORT] += line[_COLUMNS]
        line[:] = 0  # an empty one, which ends what is open
        _add_row(line, table, counts, row)
        _add_verse(line, block, counts, row)
    return counts


@inlined
def _look(data: Array, start: int, stop: int, kinds: Array, small: Array, line: Array) -> int:
    """What one line is like; no columns if it is blank.

    Returns:
        The byte behind the line and its end.
    """
    at, end, columns, words, cells, first = start, start, 0, 0, 0, np.int64(0)
    inside = OUTSIDE  # of a word, the byte before
    while at < stop:
        if first and data[at] < NOT_ASCII and at + 8 <= stop:
            plain, seen = _plain_before(data, at)
            at = end = at + plain
            columns += plain
            if plain:
                words += number_of(seen & ~((seen << EIGHT) | inside))
                inside = (seen >> np.uint64(8 * plain - 8)) & INSIDE
            if plain == 8:
                continue
        point, size = code_point(data, at)
        end, at = at, at + size
        if point == NEW_LINE:
            break
        end, columns = at, columns + 1 + (kinds[point] & WIDE != 0)
        cells += point in (BAR, BOX_BAR) or (point == TAB and first != 0)
        if kinds[point] & SPACE:
            inside = OUTSIDE
            continue
        words += inside == OUTSIDE
        inside = INSIDE
        first = point if first == 0 else first
    last, blank = _last(data, start, end, kinds)
    line[_COLUMNS], line[_WORDS], line[_CELLS] = columns - blank, words, cells
    line[_ENDED] = (kinds[last] & FULL_STOP) != 0 or last in PAUSES
    line[_SMALL] = small[first]
    return at


@inlined
def _plain_before(data: Array, at: int) -> tuple[int, np.uint64]:
    """How many of the next eight bytes stand before the first bar, control or one not ASCII.

    Returns:
        How many, and the high bit of each of them that is no space.
    """
    eight = lowest_first(data, at)
    spaces = same_in(eight, SPACES)
    others = (odd_in(eight) ^ spaces) | same_in(eight, BARS)
    return first_of(others), before_first(others) & ~spaces & HIGHS


@lean
def _last(data: Array, start: int, stop: int, kinds: Array) -> tuple[np.int64, int]:
    """The last character of a line that is neither white space nor emphasis, or 0.

    Returns:
        The character, and the columns of the white space at the end.
    """
    at, columns, is_end = stop, 0, True
    while at > start:
        at = before(data, at)
        point, _ = code_point(data, at)
        if kinds[point] & SPACE:
            columns += is_end * (1 + (kinds[point] & WIDE != 0))
            continue
        if point not in EMPHASIS:
            return point, columns
        is_end = False
    return np.int64(0), columns


@inlined
def _add_row(line: Array, table: Array, counts: Array, row: int) -> None:
    """Go on with a table, or end it: its separators a row, and its rows so far."""
    if line[_CELLS] != table[0]:
        if table[0] >= SEPARATORS and table[1] >= ROWS:
            counts[row, TABLES] += table[1]
        table[0], table[1] = line[_CELLS], 0
    table[1] += 1


@inlined
def _add_verse(line: Array, block: Array, counts: Array, row: int) -> None:
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
            counts[row, VERSE] += lines
    block[:] = 0
