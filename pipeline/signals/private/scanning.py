"""What the scans of all kinds share: classes of bytes, and what stands around a span."""

import string
from typing import Any

import numpy as np

from pipeline.signals.kernels.compiled import compiled
from pipeline.signals.private.kind import Bytes

Members = np.ndarray[Any, np.dtype[np.bool_]]


def members(characters: str) -> Members:
    """Which bytes are among some ASCII characters, (256,)."""
    return np.isin(np.arange(256), list(characters.encode("ascii")))


def letters_of(words: str) -> Bytes:
    """ASCII words as bytes, with a space after each, for `is_one_of`."""
    return np.frombuffer(f"{words} ".encode("ascii"), np.uint8)


DIGITS = members(string.digits)
HEX = members(string.hexdigits)
LETTERS = members(string.ascii_letters)
ALPHANUMERIC = members(string.ascii_letters + string.digits)
SPACE, HYPHEN, DOT, COMMA, COLON, AT, PLUS, SLASH, BRACKET, ZERO = (ord(c) for c in " -.,:@+/(0")


@compiled
def run_end(data: Bytes, at: int, among: Members) -> int:
    """The place after the bytes from `at` on that are among some."""
    while at < len(data) and among[data[at]]:
        at += 1
    return at


@compiled
def alone(data: Bytes, start: int, stop: int, joins: Members) -> bool:
    """Whether none of `joins` touches a span on either side."""
    before = start > 0 and joins[data[start - 1]]
    return not before and not (stop < len(data) and joins[data[stop]])


@compiled
def in_decimal(data: Bytes, start: int, stop: int) -> bool:
    """Whether a point or comma joins the digits to more digits."""
    before = start > 1 and (data[start - 1] == DOT or data[start - 1] == COMMA)
    after = stop + 1 < len(data) and (data[stop] == DOT or data[stop] == COMMA)
    return bool((before and DIGITS[data[start - 2]]) or (after and DIGITS[data[stop + 1]]))


@compiled
def lower(byte: int) -> int:
    """An ASCII letter in lower case."""
    return byte + 32 if 65 <= byte <= 90 else byte


@compiled
def is_one_of(data: Bytes, start: int, stop: int, words: Bytes) -> bool:
    """Whether a span is, in lower case, one of `letters_of` some words."""
    at, same = start, True
    for letter in words:
        if letter == SPACE:
            if same and at == stop:
                return True
            at, same = start, True
            continue
        same = same and at < stop and lower(data[at]) == letter
        at += 1
    return False
