"""Shrinking lines: each piece of 4 KiB to four sums; see `line_keys`."""

from typing import Any

import numpy as np

from pipeline.compiling import compiled, inlined
from pipeline.eight_bytes import lowest_first

Array = np.ndarray[Any, Any]

WORDS = 512  # of eight bytes, in a piece
SUMS = 4  # of a piece; the numbers of each begin one behind those of the sum before
PIECE = 8 * WORDS  # bytes
_HALF, _BITS = np.uint64(0xFFFFFFFF), np.uint64(32)


@compiled
def shrink(data: Array, ends: Array, numbers: Array) -> tuple[Array, Array, Array]:
    """What is left of lines: of each its length and four sums for each of its pieces.

    Args:
        data: the bytes of all lines, uint8.
        ends: the place behind each, (n,) int64.
        numbers: what the words are added to, (WORDS + SUMS - 1,) uint64.

    Returns:
        All that is left, uint64; and where each line's begins and how long it is, in bytes, (n,).
    """
    starts, sizes = np.empty(len(ends), np.int64), np.empty(len(ends), np.int64)
    words, start = 0, 0
    for line in range(len(ends)):
        starts[line] = 8 * words
        words += 1 + SUMS * ((ends[line] - start + PIECE - 1) // PIECE)
        sizes[line] = 8 * words - starts[line]
        start = ends[line]
    left, piece, at = np.empty(words, np.uint64), np.zeros(WORDS, np.uint64), 0
    start = 0
    for line in range(len(ends)):
        left[at] = ends[line] - start
        at += 1
        while start < ends[line]:
            stop = min(start + PIECE, ends[line])
            _sum_up(piece, _load(piece, data, start, stop), numbers, left, at)
            start, at = stop, at + SUMS
    return left, starts, sizes


@inlined
def _load(piece: Array, data: Array, start: int, stop: int) -> int:
    """Put the words of a piece, the last filled up with zeros, to its front; how many they are."""
    whole = (stop - start) >> 3
    for k in range(whole):
        piece[k] = lowest_first(data, start + 8 * k)
    rest = start + 8 * whole
    if rest == stop:
        return whole
    last = np.uint64(0)
    for k in range(stop - rest):
        last |= np.uint64(data[rest + k]) << np.uint64(8 * k)
    piece[whole] = last
    return whole + 1


@inlined
def _sum_up(piece: Array, words: int, numbers: Array, left: Array, at: int) -> None:
    """Four sums over the words: of the products of their halves, each plus that of a number."""
    one, two, three, four = np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0)
    for k in range(words):
        word = piece[k]
        one += product(word, numbers[k])
        two += product(word, numbers[k + 1])
        three += product(word, numbers[k + 2])
        four += product(word, numbers[k + 3])
    left[at], left[at + 1], left[at + 2], left[at + 3] = one, two, three, four


@inlined
def product(word: np.uint64, number: np.uint64) -> np.uint64:
    """Of the two halves of a word, each plus that of a number."""
    low = (word + number) & _HALF
    return low * (((word >> _BITS) + (number >> _BITS)) & _HALF)
