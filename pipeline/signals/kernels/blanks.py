"""Blanking out what says nothing of a text's language, or what a detector does not take."""

import unicodedata
from typing import Any

import numpy as np

from pipeline.compiling import compiled, inlined, part
from pipeline.kept_arrays import Arrays, kept, source_of
from pipeline.signals.kernels import characters
from pipeline.signals.kernels.characters import ASSIGNED, CODE_POINTS
from pipeline.signals.kernels.utf8 import code_point

Array = np.ndarray[Any, Any]

AT, COLON, SLASH, BLANK, DELETE, LINE_END = 0x40, 0x3A, 0x2F, 0x20, 0x7F, 0x0A
VISIBLE = DELETE - BLANK
STRIDE = 32  # bytes


def readable() -> Array:
    """Whether CLD2 takes each code point, bool: no control, format or unassigned character.

    Line ends are taken. What lies beyond all letters and signs is not.
    """
    return _readable()[0]


@kept(source_of(__file__), characters.SOURCE)
def _readable() -> Arrays:
    table = np.zeros(CODE_POINTS, np.bool_)
    for point in range(ASSIGNED):
        table[point] = unicodedata.category(chr(point))[0] != "C"
    table[ord("\n")] = True
    return (table,)


@compiled
def blank_out(data: Array, offsets: Array, taken: Array) -> Array:
    """The texts with spaces for addresses and for characters that are not `taken`.

    An address is a run of visible ASCII characters with an at sign or `://` in it. Its letters
    belong to no language. Each byte becomes one space, so the offsets stay as they are.

    Args:
        data: the bytes of all documents, uint8.
        offsets: (n + 1,) int64: document i is `data[offsets[i]:offsets[i + 1]]`.
        taken: `readable()`.

    Returns:
        As many bytes as there are up to the last offset, uint8.
    """
    clean = data[: offsets[-1]].copy()
    for row in range(len(offsets) - 1):
        begin, stop = offsets[row], offsets[row + 1]
        at = _past_plain(data, begin, stop)
        while at < stop:
            point, size = code_point(data, at)
            if not taken[point]:
                _blank(clean, at, at + size)
            at += size
            if size == 1 and _makes_address(data, begin, at - 1):
                first, at = _address(data, begin, at - 1, stop)
                _blank(clean, first, at)
            at = _past_plain(data, at, stop)
    return clean


@part
def _past_plain(data: Array, at: int, stop: int) -> int:
    """The place from which on there may be something to blank; many bytes at a time."""
    while at + STRIDE <= stop:
        odd: Any = False
        for each in range(at, at + STRIDE):  # a fixed number, so that it is vectorised
            odd |= _is_odd(data[each])
        if odd:
            break
        at += STRIDE
    while at < stop and not _is_odd(data[at]):
        at += 1
    return at


@inlined
def _is_odd(byte: Any) -> Any:
    """Whether a byte is none of a visible ASCII character, or may make an address."""
    beyond = np.uint8(byte - np.uint8(BLANK)) >= np.uint8(VISIBLE)  # unsigned: less is more
    return (beyond & (byte != LINE_END)) | (byte == AT) | (byte == SLASH)


@part
def _makes_address(data: Array, begin: int, at: int) -> bool:
    """Whether a run of visible ASCII characters is an address by what stands at `at`."""
    if data[at] != SLASH:
        return bool(data[at] == AT)
    return at - begin >= 2 and data[at - 1] == SLASH and data[at - 2] == COLON


@part
def _address(data: Array, begin: int, at: int, stop: int) -> tuple[int, int]:
    """The run of visible ASCII characters around `at`, and the place after it."""
    first = at
    while first > begin and BLANK < data[first - 1] < DELETE:
        first -= 1
    while at < stop and BLANK < data[at] < DELETE:
        at += 1
    return first, at


@part
def _blank(clean: Array, at: int, stop: int) -> None:
    for each in range(at, stop):
        clean[each] = BLANK
