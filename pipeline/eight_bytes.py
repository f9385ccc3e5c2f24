"""Eight bytes as one number, and what can be seen of all of them at once.

Written byte by byte, and one load or one store once compiled. Whoever loads sees to it that there
are eight: nothing here looks where the array ends.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.compiling import inlined

Array = np.ndarray[Any, Any]

HIGHS = np.uint64(0x8080808080808080)  # the high bit of each byte
ONES = np.uint64(0x0101010101010101)
ALL_BUT_HIGHS = np.uint64(0x7F7F7F7F7F7F7F7F)
SPACES = np.uint64(0x2020202020202020)
SMALL = SPACES  # the bit of each byte that makes an ASCII letter small
ZEROS, NINES = np.uint64(ord("0")) * ONES, np.uint64(ord("9")) * ONES
# Added to seven bits, the high bit says: `a` or behind it; behind `z`; behind the space.
_FROM_A, _BEHIND_Z = np.uint64(0x1F1F1F1F1F1F1F1F), np.uint64(0x0505050505050505)
_BEHIND_SPACE = np.uint64(0x5F5F5F5F5F5F5F5F)
_BYTE, _ONE, _SEVEN, _SUM = np.uint64(0xFF), np.uint64(1), np.uint64(7), np.uint64(56)


@inlined
def lowest_first(data: Array, at: int) -> np.uint64:
    """`data[at:at + 8]` as one number, the first byte the lowest."""
    i = np.uint64(at)
    return np.uint64(
        np.uint64(data[i])
        | np.uint64(data[i + np.uint64(1)]) << np.uint64(8)
        | np.uint64(data[i + np.uint64(2)]) << np.uint64(16)
        | np.uint64(data[i + np.uint64(3)]) << np.uint64(24)
        | np.uint64(data[i + np.uint64(4)]) << np.uint64(32)
        | np.uint64(data[i + np.uint64(5)]) << np.uint64(40)
        | np.uint64(data[i + np.uint64(6)]) << np.uint64(48)
        | np.uint64(data[i + np.uint64(7)]) << np.uint64(56)
    )


@inlined
def highest_first(data: Array, at: int) -> np.uint64:
    """`data[at:at + 8]` as one number, the first byte the highest."""
    i = np.uint64(at)
    return np.uint64(
        np.uint64(data[i]) << np.uint64(56)
        | np.uint64(data[i + np.uint64(1)]) << np.uint64(48)
        | np.uint64(data[i + np.uint64(2)]) << np.uint64(40)
        | np.uint64(data[i + np.uint64(3)]) << np.uint64(32)
        | np.uint64(data[i + np.uint64(4)]) << np.uint64(24)
        | np.uint64(data[i + np.uint64(5)]) << np.uint64(16)
        | np.uint64(data[i + np.uint64(6)]) << np.uint64(8)
        | np.uint64(data[i + np.uint64(7)])
    )


@inlined
def put_highest_first(out: Array, at: int, value: np.uint64) -> None:
    """Put a number at `out[at:at + 8]`, its highest byte first."""
    i = np.uint64(at)
    out[i] = value >> np.uint64(56)
    out[i + np.uint64(1)] = (value >> np.uint64(48)) & _BYTE
    out[i + np.uint64(2)] = (value >> np.uint64(40)) & _BYTE
    out[i + np.uint64(3)] = (value >> np.uint64(32)) & _BYTE
    out[i + np.uint64(4)] = (value >> np.uint64(24)) & _BYTE
    out[i + np.uint64(5)] = (value >> np.uint64(16)) & _BYTE
    out[i + np.uint64(6)] = (value >> np.uint64(8)) & _BYTE
    out[i + np.uint64(7)] = value & _BYTE


@inlined
def copy_bytes(out: Array, to: int, data: Array, at: int, size: int) -> None:
    """Put `data[at:at + size]` at `out[to:to + size]`."""
    whole = size & ~7
    for k in range(0, whole, 8):
        put_highest_first(out, to + k, highest_first(data, at + k))
    for k in range(whole, size):
        out[np.uint64(to + k)] = data[np.uint64(at + k)]


@inlined
def letters_in(eight: np.uint64) -> np.uint64:
    """The high bit of each byte that is an ASCII letter."""
    low = (eight | SMALL) & ALL_BUT_HIGHS
    return (low + _FROM_A) & ~(low + _BEHIND_Z) & ~eight & HIGHS


@inlined
def between_in(eight: np.uint64, first: np.uint64, last: np.uint64) -> np.uint64:
    """The high bit of each byte from that in `first` to that in `last`, all of them ASCII."""
    low = eight & ALL_BUT_HIGHS
    return ((low | HIGHS) - first) & ((last | HIGHS) - low) & ~eight & HIGHS


@inlined
def same_in(eight: np.uint64, others: np.uint64) -> np.uint64:
    """The high bit of each byte that is the same in both."""
    differing = eight ^ others
    return ~(((differing & ALL_BUT_HIGHS) + ALL_BUT_HIGHS) | differing) & HIGHS


@inlined
def odd_in(eight: np.uint64) -> np.uint64:
    """The high bit of each byte that is an ASCII space or control, or not ASCII."""
    return ~((eight & ALL_BUT_HIGHS) + _BEHIND_SPACE) & HIGHS | eight & HIGHS


@inlined
def before_first(marks: np.uint64) -> np.uint64:
    """All bits of the bytes before the first whose high bit is set. All other bits are 0."""
    first = marks >> _SEVEN
    return (first - _ONE) & ~first


@inlined
def first_of(marks: np.uint64) -> int:
    """The lowest byte whose high bit is set, 0 to 7; 8 where none is. All other bits are 0."""
    return int(np.int64(((before_first(marks) & ONES) * ONES) >> _SUM))


@inlined
def number_of(marks: np.uint64) -> int:
    """How many bytes have their high bit set. All other bits are 0."""
    return int(np.int64(((marks >> _SEVEN) * ONES) >> _SUM))
