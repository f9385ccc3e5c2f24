"""Eight bytes of a text as one number, and what can be seen of all of them at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import inlined

Bytes = NDArray[np.uint8]

HIGHS = np.uint64(0x8080808080808080)  # the high bit of each byte
_LOWS, _CASE = np.uint64(0x7F7F7F7F7F7F7F7F), np.uint64(0x2020202020202020)
# Added to seven bits, the high bit says: `a` or behind it; behind `z`.
_FROM_A, _BEHIND_Z = np.uint64(0x1F1F1F1F1F1F1F1F), np.uint64(0x0505050505050505)


@inlined
def eight_bytes(data: Bytes, at: int) -> np.uint64:
    """`data[at:at + 8]` as one number, the first byte the lowest: one load, once compiled."""
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
def letters_in(eight: np.uint64) -> np.uint64:
    """The high bit of each byte that is an ASCII letter."""
    low = (eight | _CASE) & _LOWS
    return (low + _FROM_A) & ~(low + _BEHIND_Z) & ~eight & HIGHS
