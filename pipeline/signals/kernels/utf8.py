"""The bridge between Arrow's strings and compiled loops over their bytes."""

from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.compiling import inlined, part
from pipeline.eight_bytes import first_of, lowest_first, odd_in

NOT_ASCII = 0x80  # bytes from here on
FIRST_BITS = 0xC0  # of a byte; they say whether a character starts there


def utf8(texts: pa.Array | pa.ChunkedArray) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The bytes of a column of texts, and where each text starts and ends in them.

    Args:
        texts: n strings, none of them null.

    Returns:
        The bytes, uint8, and n + 1 offsets, int64: text i is `data[offsets[i]:offsets[i + 1]]`.
    """
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    whole = whole.cast(pa.large_string())
    _, starts, content = whole.buffers()
    offsets = np.frombuffer(starts, np.int64, len(whole) + 1, whole.offset * 8)
    data = np.frombuffer(content or b"", np.uint8)
    for array in (data, offsets):  # some buffers can be written to: they would be compiled for anew
        array.setflags(write=False)
    return data, offsets


@part
def code_point(data: np.ndarray[Any, Any], at: int) -> tuple[np.int64, int]:
    """The character that starts at byte `at` of valid UTF-8, and its length in bytes."""
    first = np.int64(data[at])
    if first < 0x80:
        return first, 1
    if first < 0xE0:
        return ((first & 0x1F) << 6) | (np.int64(data[at + 1]) & 0x3F), 2
    second = np.int64(data[at + 1]) & 0x3F
    if first < 0xF0:
        return ((first & 0x0F) << 12) | (second << 6) | (np.int64(data[at + 2]) & 0x3F), 3
    third, fourth = np.int64(data[at + 2]) & 0x3F, np.int64(data[at + 3]) & 0x3F
    return ((first & 0x07) << 18) | (second << 12) | (third << 6) | fourth, 4


@inlined
def before(data: np.ndarray[Any, Any], at: int) -> int:
    """Where the character that ends before byte `at` starts."""
    start = at - 1
    while data[start] & FIRST_BITS == NOT_ASCII:
        start -= 1
    return start


@inlined
def plain_before(data: np.ndarray[Any, Any], at: int, stop: int) -> int:
    """How many of the next eight bytes stand before the first that is a space or not ASCII.

    Nobody looks at the last seven before `stop`: there it is 0.
    """
    return first_of(odd_in(lowest_first(data, at))) if at + 8 <= stop else 0
