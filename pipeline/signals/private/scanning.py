"""What the detectors of all kinds share: classes of bytes, and what stands around a span.

A detector looks at one text from a place where a byte shows that something may be there. It gives
the start and the stop of the span, both 0 where there is none, and the place up to which it need
not look again, 0 where it has not read on. `done` is that place, as it was told last.
"""

import string
from typing import Any

import numpy as np

from pipeline.compiling import part

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Array = np.ndarray[Any, Any]
Members = np.ndarray[Any, np.dtype[np.bool_]]
Found = tuple[int, int, int]


def members(characters: str) -> Members:
    """Which bytes are among some ASCII characters, (256,)."""
    return np.isin(np.arange(256), list(characters.encode("ascii")))


def phrases(*words: str) -> Bytes:
    """Words as UTF-8, with a zero after each, for `ends_with` and `follows_one_of`."""
    return np.frombuffer("".join(f"{word}\0" for word in words).encode(), np.uint8)


DIGITS = members(string.digits)
HEX = members(string.hexdigits)
LETTERS = members(string.ascii_letters)
CAPITALS = members(string.ascii_uppercase)
ALPHANUMERIC = members(string.ascii_letters + string.digits)
# Letters of ASCII in lower case, and all other bytes as they are.
LOWER = np.array([ord(chr(byte).lower()) if byte < 0x80 else byte for byte in range(256)], np.uint8)
SPACE, HYPHEN, DOT, COLON, AT, SLASH, BRACKET, ZERO = (ord(c) for c in " -.:@/(0")
QUOTE, STROKE = ord('"'), ord("\\")
NEWLINE = ord("\n")
NO_BREAK = (0xC2, 0xA0)  # a space that does not break, in UTF-8; no word here ends with these
# Before a number that is a thing's, and nobody's.
THINGS = ("part", "order", "item", "model", "catalog", "stock", "invoice", "serial")
NO_PERSON = phrases(*(f"{what} {word}" for what in THINGS for word in ("no.", "number", "#")))
# How a key ends whose value names a thing or a time, in lower case.
THING_KEYS = (
    *("id", "key", "video", "item", "post", "sku", "asin", "dpci", "tcin", "upc", "ean", "gtin"),
    *("isbn", "hash", "time", "timestamp", "date", "cursor"),
)
_THING_KEYS = phrases(*THING_KEYS)
KEY_SPACES, KEY_STROKES = 2, 3  # at most; three strokes are JSON in JSON in JSON
REACH = 24  # bytes before a number in which the word may stand that says what it is
POINT, POINT_OR_COMMA = members("."), members(".,")
NOTHING = members("")
_INSIDE = ALPHANUMERIC | (np.arange(256) >= 0x80)  # before an end of a longer word
# Between a word and the number that it names.
_LEADS = members(" \t\n\r\f\v=:\"'(\\") | np.isin(np.arange(256), NO_BREAK)


@part
def run_end(data: Bytes, at: int, among: Members) -> int:
    """The place after the bytes from `at` on that are among some."""
    while at < len(data) and among[data[at]]:
        at += 1
    return at


@part
def bounded_end(data: Bytes, at: int, last: int, among: Members) -> int:
    """The place after the bytes from `at` on that are among some, `last` at the latest."""
    while at < last and at < len(data) and among[data[at]]:
        at += 1
    return at


@part
def alone(data: Bytes, start: int, stop: int, joins: Members) -> bool:
    """Whether none of `joins` touches a span on either side."""
    before = start > 0 and joins[data[start - 1]]
    return not before and not (stop < len(data) and joins[data[stop]])


@part
def in_decimal(data: Bytes, start: int, stop: int, marks: Members) -> bool:
    """Whether a mark of decimals joins the digits to more digits."""
    before = start > 1 and marks[data[start - 1]]
    after = stop + 1 < len(data) and marks[data[stop]]
    return (before and DIGITS[data[start - 2]]) or (after and DIGITS[data[stop + 1]])


@part
def is_there(data: Bytes, at: int, word: Bytes) -> bool:
    """Whether the bytes of a word stand at a place."""
    if at < 0 or at + len(word) > len(data):
        return False
    for place in range(len(word)):  # noqa: SIM110 (compiled)
        if data[at + place] != word[place]:
            return False
    return True


@part
def ends_with(data: Bytes, least: int, stop: int, words: Bytes, inside: Members) -> bool:
    """Whether the bytes from `least` to `stop` end with one of some `phrases`.

    A phrase that begins with a letter of ASCII is not meant where one of `inside` stands before it;
    words in other scripts stand without spaces.
    """
    begin = 0
    for end in range(len(words)):
        if words[end]:
            continue
        start = stop - (end - begin)
        same = start >= least
        place = 0
        while same and place < end - begin:
            same = LOWER[data[start + place]] == words[begin + place]
            place += 1
        if same and not (start > least and LETTERS[data[start]] and inside[data[start - 1]]):
            return True
        begin = end + 1
    return False


@part
def follows_one_of(data: Bytes, start: int, words: Bytes) -> bool:
    """Whether the words before a place, at most `REACH` bytes of them, end with one of some."""
    return leads_from(data, start, words, _LEADS)


@part
def leads_from(data: Bytes, start: int, words: Bytes, leads: Members) -> bool:
    """The same, with `leads` as all that may stand between a word and the place."""
    least, stop = start - REACH if start > REACH else 0, start
    while stop > least and leads[data[stop - 1]]:
        stop -= 1
    return ends_with(data, least, stop, words, _INSIDE)


@part
def in_json(data: Bytes, start: int) -> bool:
    """Whether a number is a value in JSON whose key says that it names a thing.

    Many identifiers only look like numbers of cards. A quote alone says nothing: it stands around
    cards in tables and in speech as well.
    """
    at = _before_quote(data, start)
    at = _before(data, at if at else start, SPACE, KEY_SPACES)
    if at < 2 or data[at - 1] != COLON:
        return False
    stop = _before_quote(data, _before(data, at - 1, SPACE, KEY_SPACES))
    least = stop - REACH if stop > REACH else 0
    return ends_with(data, least, stop, _THING_KEYS, NOTHING)


@part
def _before_quote(data: Bytes, at: int) -> int:
    """Where a quote before a place begins, with the strokes that escape it; 0 without one."""
    if at < 1 or data[at - 1] != QUOTE:
        return 0
    return _before(data, at - 1, STROKE, KEY_STROKES)


@part
def _before(data: Bytes, at: int, byte: int, most: int) -> int:
    """Where the bytes of one sort that end before a place begin, at most so many of them."""
    least = at - most if at > most else 0
    while at > least and data[at - 1] == byte:
        at -= 1
    return at
