"""Counting the lines of each document by what they look like."""

from typing import Any

import numpy as np

from pipeline.compiling import compiled, inlined, lean
from pipeline.eight_bytes import (
    HIGHS,
    ONES,
    SPACES,
    ZEROS,
    before_first,
    between_in,
    first_of,
    letters_in,
    lowest_first,
    number_of,
    same_in,
)
from pipeline.signals.kernels.characters import (
    BULLET,
    CLOSING,
    CODE,
    FULL_STOP,
    SENTENCE_ENDS,
    SPACE,
    WIDE,
)
from pipeline.signals.kernels.utf8 import NOT_ASCII, before, code_point

Array = np.ndarray[Any, Any]

COUNTS = (
    *("lines", "bullets", "ellipses", "full_stops", "short", "code"),  # lines of each kind
    *("line_ends", "hash_signs", "ellipsis_signs", "braces"),
)

SHORT_COLUMNS = 30  # FineWeb's short line (Penedo et al., 2024, arXiv:2406.17557, section 3.6)
NEW_LINE, DOT, HASH, STAR, ELLIPSIS = 0x0A, 0x2E, 0x23, 0x2A, 0x2026
OPEN, CLOSE = 0x7B, 0x7D  # curly braces
ENDS_OF_CODE = (OPEN, CLOSE, 0x3B)  # and ;
ENDS, CLOSERS = tuple(map(ord, SENTENCE_ENDS)), tuple(map(ord, CLOSING))
COLONS, EXCLAMATIONS, QUOTES, COMMAS, HYPHENS, APOSTROPHES, QUESTIONS = (
    np.uint64(ord(sign)) * ONES for sign in ":!\",-'?"
)
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
        at, stop = offsets[row], offsets[row + 1]
        lines, bullets, ellipses, full_stops, short, code = 0, 0, 0, 0, 0, 0
        line_ends, hashes, signs, braces = 0, 0, 0, 0
        while at < stop:
            at, bullet, last, ended, dots, columns, letters, marks, hashed, dotted, curly = _line(
                data, at, stop, kinds
            )
            line_ends += data[at - 1] == NEW_LINE
            hashes += hashed
            signs += dotted
            braces += curly
            if letters:
                lines += 1
                bullets += bullet
                ellipses += last == ELLIPSIS or dots >= 3
                full_stops += ended
                short += columns <= SHORT_COLUMNS
                code += last in ENDS_OF_CODE or marks * MARKS_OF_CODE >= letters
        of_lines = (lines, bullets, ellipses, full_stops, short, code)
        for column, count in enumerate((*of_lines, line_ends, hashes, signs, braces)):
            counts[row, column] = count
    return counts


@inlined
def _line(
    data: Array, start: int, stop: int, kinds: Array
) -> tuple[int, bool, np.int64, bool, int, int, int, int, int, int, int]:
    """Read one line, or up to `stop`.

    Returns:
        The byte behind the line; whether it begins with a bullet; its last character that is no
        white space; whether it ends as a sentence does, closing quotes and brackets aside; how many
        dots it ends with; how many columns it takes; how many characters are no white space; and
        how many are marks of code, hash signs, ellipses, and curly braces.
    """
    at, dots, columns, letters, marks, hashes, ellipses, curly = start, 0, 0, 0, 0, 0, 0, 0
    bullet = False
    while at < stop:
        if letters and data[at] < NOT_ASCII and at + 8 <= stop:
            plain, seen = _plain_before(data, at)
            at, columns, letters = at + plain, columns + plain, letters + seen
            dots = 0 if seen else dots
            if plain == 8:
                continue
        point, size = code_point(data, at)
        kind = kinds[point]
        at += size
        if point == NEW_LINE:
            break
        columns += 1 + ((kind & WIDE) != 0)
        if kind & SPACE:
            continue
        bullet = bullet if letters else _is_bullet(data, at, stop, kinds, point)
        letters += 1
        if kind & (CODE | FULL_STOP):  # one in twenty or so: all that is looked for is among them
            dots = (dots + 1) * (point == DOT)
            marks += (kind & CODE) != 0
            hashes += point == HASH
            ellipses += (point == ELLIPSIS) | (dots == 3)
            curly += (point == OPEN) | (point == CLOSE)
        else:
            dots = 0
    last, ended = _end(data, start, at, kinds)
    return at, bullet, last, ended, dots, columns, letters, marks, hashes, ellipses, curly


@inlined
def _plain_before(data: Array, at: int) -> tuple[int, int]:
    """How many of the next eight bytes stand before the first that is counted or may be a dot.

    That is all but ASCII letters and digits, the space and ``! " ' , - : ?``

    Returns:
        How many bytes, and how many of them are no spaces.
    """
    eight = lowest_first(data, at)
    seen = letters_in(eight) | between_in(eight, ZEROS, COLONS)
    seen |= between_in(eight, EXCLAMATIONS, QUOTES) | between_in(eight, COMMAS, HYPHENS)
    seen |= same_in(eight, APOSTROPHES) | same_in(eight, QUESTIONS)
    others = ~(seen | same_in(eight, SPACES)) & HIGHS
    return first_of(others), number_of(seen & before_first(others))


@lean
def _end(data: Array, start: int, stop: int, kinds: Array) -> tuple[np.int64, bool]:
    """The last character of a line that is no white space, 0 if none; whether it ends a sentence.

    What ends a sentence may stand before closing quotes and brackets.
    """
    at, last = stop, np.int64(0)
    while at > start:
        at = before(data, at)
        point = code_point(data, at)[0]
        if kinds[point] & SPACE:
            continue
        last = point if last == 0 else last
        if point not in CLOSERS:
            return last, point in ENDS
    return last, False


@lean
def _is_bullet(data: Array, at: int, stop: int, kinds: Array, first: np.int64) -> bool:
    """Whether the first character of a line, that before `at`, is a bullet.

    An asterisk is one only before white space: before text it is bold.
    """
    alone = at >= stop or kinds[code_point(data, at)[0]] & SPACE != 0
    return kinds[first] & BULLET != 0 and (first != STAR or alone)
