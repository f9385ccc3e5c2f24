"""Compiled loops that write the canonical forms of many values into one buffer.

Each takes `out`, the bytes of all rows, and `at`, where in it each value's form begins. The forms
are those of `versions.canonical.encode_row`.
"""

from typing import Any

import numpy as np

from pipeline.compiling import compiled, inlined, part
from pipeline.eight_bytes import copy_bytes, put_highest_first

Array = np.ndarray[Any, Any]

NULL, INT, FLOAT = ord("n"), ord("i"), ord("d")
NOT_A_NUMBER = np.uint64(0x7FF8000000000000)


@compiled
def int_sizes(values: Array, valid: Array) -> Array:
    """The bytes of each whole number's form, from (n,) int64 and (n,) bool."""
    sizes = np.empty(len(values), np.int64)
    for row in range(len(values)):
        sizes[row] = 9 + _payload(values[row]) if valid[row] else 1
    return sizes


@compiled
def write_ints(out: Array, at: Array, values: Array, valid: Array) -> None:
    """Whole numbers: their length, and two's complement in as few bytes as hold the sign too."""
    for row in range(len(values)):
        place = at[row]
        if not valid[row]:
            out[place] = NULL
            continue
        size = _payload(values[row])
        write_head(out, place, INT, size)
        for k in range(size):
            shift = min(8 * (size - 1 - k), 63)
            out[place + 9 + k] = (values[row] >> shift) & 0xFF


@compiled
def write_floats(out: Array, at: Array, bits: Array, valid: Array) -> None:
    """Floating-point numbers, from the bits of (n,) float64; all NaNs are one."""
    for row in range(len(bits)):
        place = at[row]
        if not valid[row]:
            out[place] = NULL
            continue
        value = bits[row]
        if (value & np.uint64(0x7FFFFFFFFFFFFFFF)) > np.uint64(0x7FF0000000000000):
            value = NOT_A_NUMBER
        elif value == np.uint64(0x8000000000000000):  # -0.0
            value = np.uint64(0)
        out[place] = FLOAT
        put_highest_first(out, place + 1, value)


@compiled
def write_bytes(
    out: Array, at: Array, tag: int, data: Array, starts: Array, sizes: Array, valid: Array
) -> None:
    """Texts or bytes: value i is `data[starts[i]:starts[i] + sizes[i]]`."""
    for row in range(len(starts)):
        place = at[row]
        if not valid[row]:
            out[place] = NULL
            continue
        write_head(out, place, tag, sizes[row])
        copy_bytes(out, place + 9, data, starts[row], sizes[row])


@compiled
def write_heads(out: Array, at: Array, tag: int, counts: Array, valid: Array) -> None:
    """What stands before the values of lists and of tables."""
    for row in range(len(counts)):
        if valid[row]:
            write_head(out, at[row], tag, counts[row])
        else:
            out[at[row]] = NULL


@compiled
def write_same(out: Array, at: Array, piece: Array) -> None:
    """The same bytes at each place."""
    for row in range(len(at)):
        copy_bytes(out, at[row], piece, 0, len(piece))


@compiled
def write_numbers(out: Array, at: Array, first: int) -> None:
    """Whole numbers, each one more than that before, of eight bytes, the largest first."""
    for row in range(len(at)):
        put_highest_first(out, at[row], np.uint64(first + row))


@compiled
def places_inside(at: Array, counts: Array, sizes: Array) -> Array:
    """Where the values of lists begin, one behind the other behind each list's head."""
    places, value = np.empty(len(sizes), np.int64), 0
    for row in range(len(counts)):
        place = at[row] + 9
        for _ in range(counts[row]):
            places[value] = place
            place += sizes[value]
            value += 1
    return places


@inlined
def write_head(out: Array, place: int, tag: int, count: int) -> None:
    """A tag and eight bytes that count, the largest first."""
    out[place] = tag
    put_highest_first(out, place + 1, np.uint64(count))


@part
def _payload(value: int) -> int:
    """Bytes of a whole number: one more than its bits fill."""
    left = np.uint64(value) if value >= 0 else np.uint64(0) - np.uint64(value)
    left, size = left >> np.uint64(7), 1
    while left:
        left, size = left >> np.uint64(8), size + 1
    return size
