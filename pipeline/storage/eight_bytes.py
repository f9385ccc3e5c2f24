"""Eight bytes as one number, the first the largest: one load or one store, once compiled."""

from typing import Any

import numpy as np

from pipeline.compiling import inlined

Array = np.ndarray[Any, Any]

_BYTE = np.uint64(0xFF)


@inlined
def eight_bytes(data: Array, at: int) -> np.uint64:
    """The number that `data[at:at + 8]` is."""
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
def put_eight_bytes(out: Array, at: int, value: np.uint64) -> None:
    """Put a number at `out[at:at + 8]`."""
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
        put_eight_bytes(out, to + k, eight_bytes(data, at + k))
    for k in range(whole, size):
        out[np.uint64(to + k)] = data[np.uint64(at + k)]
