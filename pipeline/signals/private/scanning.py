"""What the detectors of all kinds share: classes of bytes, and what stands around a span.

A detector looks at one text from a place where a byte shows that something may be there. It gives
the start and the stop of the span, both 0 where there is none, and the place up to which it need
not look again, 0 where it has not read on. `done` is that place, as it was told last.
"""

import string
from typing import Any

import numpy as np

from pipeline.signals.kernels.compiled import compiled

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Array = np.ndarray[Any, Any]
Members = np.ndarray[Any, np.dtype[np.bool_]]
Found = tuple[int, int, int]


def members(characters: str) -> Members:
    """Which bytes are among some ASCII characters, (256,)."""
    return np.isin(np.arange(256), list(characters.encode("ascii")))


def phrases(*words: str) -> Bytes:
    """Words as UTF-8, with a zero after each, for `is_one_of` and `follows_one_of`."""
    return np.frombuffer("".join(f"{word}\0" for word in words).encode(), np.uint8)


DIGITS = members(string.digits)
HEX = members(string.hexdigits)
LETTERS = members(string.ascii_letters)
CAPITALS = members(string.ascii_uppercase)
ALPHANUMERIC = members(string.ascii_letters + string.digits)
SPACE, HYPHEN, DOT, COMMA, COLON, AT, PLUS, SLASH, BRACKET, ZERO = (ord(c) for c in " -.,:@+/(0")
NO_BREAK = (0xC2, 0xA0)  # a space that does not break, in UTF-8
# Before a number that is a thing's, and nobody's.
THINGS = ("part", "order", "item", "model", "catalog", "stock", "invoice", "serial")
_NO_PERSON = phrases(*(f"{what} {word}" for what in THINGS for word in ("no.", "number", "#")))
_THING_REACH = 18  # bytes before a number in which its name may stand
_LEADS = members(" \t\n\r\f\v=:\"'(")  # between a word and the number that it names


@compiled
def run_end(data: Bytes, at: int, among: Members) -> int:
    """The place after the bytes from `at` on that are among some."""
    while at < len(data) and among[data[at]]:
        at += 1
    return at


@compiled
def bounded_end(data: Bytes, at: int, most: int, among: Members) -> int:
    """The place after at most so many bytes that are among some."""
    stop = at
    while stop < min(len(data), at + most) and among[data[stop]]:
        stop += 1
    return stop


@compiled
def alone(data: Bytes, start: int, stop: int, joins: Members) -> bool:
    """Whether none of `joins` touches a span on either side."""
    before = start > 0 and joins[data[start - 1]]
    return not before and not (stop < len(data) and joins[data[stop]])


@compiled
def in_decimal(data: Bytes, start: int, stop: int, comma: int) -> bool:
    """Whether a point, or `comma`, joins the digits to more digits."""
    before = start > 1 and (data[start - 1] == DOT or data[start - 1] == comma)
    after = stop + 1 < len(data) and (data[stop] == DOT or data[stop] == comma)
    return bool((before and DIGITS[data[start - 2]]) or (after and DIGITS[data[stop + 1]]))


@compiled
def lower(byte: int) -> int:
    """An ASCII letter in lower case."""
    return byte + 32 if 65 <= byte <= 90 else byte


@compiled
def is_there(data: Bytes, at: int, word: Bytes) -> bool:
    """Whether the bytes of a word stand at a place."""
    if at < 0 or at + len(word) > len(data):
        return False
    for place in range(len(word)):  # noqa: SIM110 (compiled)
        if data[at + place] != word[place]:
            return False
    return True


@compiled
def is_one_of(data: Bytes, start: int, stop: int, words: Bytes) -> bool:
    """Whether a span is, in lower case, one of some `phrases`."""
    at, same = start, True
    for letter in words:
        if letter == 0:
            if same and at == stop:
                return True
            at, same = start, True
            continue
        same = same and at < stop and lower(data[at]) == letter
        at += 1
    return False


@compiled
def ends_with(data: Bytes, least: int, stop: int, words: Bytes, whole: bool) -> int:
    """Where the first of some `phrases` begins that the bytes before `stop` end with; else -1.

    `whole`: where it has to be a word of its own.
    """
    begin = 0
    for end in range(len(words)):
        if words[end]:
            continue
        start = stop - (end - begin)
        same = start >= least
        place = 0
        while same and place < end - begin:
            same = lower(data[start + place]) == words[begin + place]
            place += 1
        if same and (not whole or _begins_word(data, start, least)):
            return start
        begin = end + 1
    return -1


@compiled
def _begins_word(data: Bytes, start: int, least: int) -> bool:
    """Whether a word in letters of ASCII is no end of a longer one; others stand without spaces."""
    if start <= least or not LETTERS[data[start]]:
        return True
    return not (ALPHANUMERIC[data[start - 1]] or data[start - 1] >= 0x80)


@compiled
def follows_one_of(data: Bytes, start: int, words: Bytes, reach: int) -> bool:
    """Whether the words before a place, at most `reach` bytes of them, end with one of some."""
    least, stop = max(start - reach, 0), start
    while stop > least and _LEADS[data[stop - 1]]:
        stop -= 1
    return ends_with(data, least, stop, words, True) >= 0


@compiled
def is_of_thing(data: Bytes, start: int) -> bool:
    """Whether the words before a number say that it is a part's, an order's, ..."""
    return follows_one_of(data, start, _NO_PERSON, _THING_REACH)
