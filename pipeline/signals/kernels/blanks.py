"""Blanking out what says nothing of a text's language, or what a detector does not take."""

import unicodedata
from typing import Any

import numpy as np

from pipeline.compiling import compiled, part
from pipeline.kept_arrays import Arrays, kept, source_of
from pipeline.signals.kernels import characters
from pipeline.signals.kernels.characters import ASSIGNED, CODE_POINTS
from pipeline.signals.kernels.utf8 import code_point

Array = np.ndarray[Any, Any]

AT, COLON, SLASH, BLANK, DELETE = 0x40, 0x3A, 0x2F, 0x20, 0x7F


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
        at, stop = offsets[row], offsets[row + 1]
        start, address = at, False  # of the run of visible ASCII characters
        while at < stop:
            point, size = code_point(data, at)
            if not taken[point]:
                clean[at : at + size] = BLANK
            if point <= BLANK or point >= DELETE:
                if address:
                    clean[start:at] = BLANK
                start, address = at + size, False
            else:
                address = address or _makes_address(data, start, at)
            at += size
        if address:
            clean[start:stop] = BLANK
    return clean


@part
def _makes_address(data: Array, start: int, at: int) -> bool:
    """Whether the run from `start` is an address by what stands at `at`."""
    if data[at] == AT:
        return True
    slashes = at - start >= 2 and data[at] == SLASH and data[at - 1] == SLASH
    return slashes and data[at - 2] == COLON
