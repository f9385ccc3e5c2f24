"""Where lines end, found in 32 bytes at once."""

from typing import Any

import numpy as np

from pipeline.compiling import compiled, inlined, lean, part
from pipeline.eight_bytes import HIGHS, ONES, lowest_first

Array = np.ndarray[Any, Any]

LINE_FEED = 10
STRIDE = 32  # bytes that are looked at together
_FEEDS = np.uint64(LINE_FEED) * ONES


@compiled
def line_ends(data: Array) -> Array:
    """The place behind each line feed in some bytes, (n,) int64."""
    ends, count, at = np.empty(64, np.int64), 0, 0
    while at < len(data):
        at = _next_with_feed(data, at)
        stop = min(at + STRIDE, len(data))
        if count + STRIDE > len(ends):
            ends = _twice_as_long(ends)
        for k in range(at, stop):
            ends[count] = k + 1
            count += data[k] == LINE_FEED
        at = stop
    return ends[:count]


@lean
def _next_with_feed(data: Array, start: int) -> int:
    """The next place, in steps of 32, with a feed in the 32 bytes there, or fewer than 32 bytes."""
    at = start
    while at + STRIDE <= len(data) and not _has_feed(data, at):
        at += STRIDE
    return at


@inlined
def _has_feed(data: Array, at: int) -> bool:
    """Whether any of the next 32 bytes is a line feed: a byte that is 0 borrows from its high bit.

    Bytes behind such a one may borrow too; that there is one is certain.
    """
    one, two = lowest_first(data, at) ^ _FEEDS, lowest_first(data, at + 8) ^ _FEEDS
    three, four = lowest_first(data, at + 16) ^ _FEEDS, lowest_first(data, at + 24) ^ _FEEDS
    borrowed = ((one - ONES) & ~one) | ((two - ONES) & ~two)
    borrowed |= ((three - ONES) & ~three) | ((four - ONES) & ~four)
    return bool(borrowed & HIGHS != np.uint64(0))


@part
def _twice_as_long(ends: Array) -> Array:
    more = np.empty(2 * len(ends), np.int64)
    for k in range(len(ends)):
        more[k] = ends[k]
    return more
