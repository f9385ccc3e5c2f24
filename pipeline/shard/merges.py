"""Byte-pair merging as compiled loops: the lowest rank first, and of equal ones the leftmost.

Source:
    Sennrich et al., 2016, arXiv:1508.07909, algorithm 1.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled, part

Bytes = NDArray[np.uint8]
Ids = NDArray[np.int64]

SHORT = 96  # bytes: in longer words a heap finds the next merge sooner than a look at all pairs
NEVER = 2**62  # the rank of a pair that does not merge


class Merges(NamedTuple):
    """Which pairs of tokens become which token.

    Attributes:
        of_byte: the token of each byte, (256,).
        pairs: a hash table with open addressing, (2^k,): left << 32 | right, or -1.
        ranks: beside `pairs`, rank << 32 | token made.
    """

    of_byte: Ids
    pairs: Ids
    ranks: Ids


def merges_of(
    of_byte: Sequence[int], merges: Sequence[tuple[str, str]], vocabulary: Mapping[str, int]
) -> Merges:
    """The table of a tokenizer's merges, the first the lowest rank; a repeated pair's last counts.

    Raises:
        KeyError: a merge names or makes a token that the vocabulary does not have.
    """
    keys = np.array([vocabulary[a] << 32 | vocabulary[b] for a, b in merges], np.int64)
    made = np.array([vocabulary[a + b] for a, b in merges], np.int64)
    size = 1 << max(4, (4 * len(merges)).bit_length())
    pairs, ranks = np.full(size, -1, np.int64), np.zeros(size, np.int64)
    _enter(pairs, ranks, keys, np.arange(len(merges)) << 32 | made)
    return Merges(np.array(of_byte, np.int64), pairs, ranks)


@compiled
def _enter(pairs: Ids, ranks: Ids, keys: Ids, values: Ids) -> None:
    for key, value in zip(keys, values):  # noqa: B905 - numba knows no strict
        at = _place(pairs, key)
        pairs[at], ranks[at] = key, value


@part
def _place(pairs: Ids, key: int) -> int:
    """Where a pair stands in the table, or the empty place where it would."""
    last = len(pairs) - 1
    mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    at = int(np.int64(mixed >> np.uint64(32)) & last)
    while pairs[at] != key and pairs[at] != -1:
        at = (at + 1) & last
    return at


@part
def _rank(merges: Merges, left: int, right: int) -> int:
    """rank << 32 | token made, or NEVER."""
    at = _place(merges.pairs, left << 32 | right)
    return int(merges.ranks[at]) if merges.pairs[at] != -1 else NEVER


@part
def merge(data: Bytes, start: int, stop: int, merges: Merges, out: Ids, ranks: Ids) -> int:
    """The tokens of one word, `data[start:stop]`, put into `out`; how many there are.

    `out` and `ranks` have as many places as the word has bytes, or more.
    """
    count = stop - start
    for i in range(count):
        out[i] = merges.of_byte[data[start + i]]
    for i in range(count - 1):
        ranks[i] = _rank(merges, out[i], out[i + 1])
    if count > SHORT:
        return _merge_long(merges, out[:count], ranks)
    return _merge_short(merges, out, ranks, count)


@part
def _merge_short(merges: Merges, out: Ids, ranks: Ids, count: int) -> int:
    while count > 1:
        best = np.argmin(ranks[: count - 1])  # of equal ones the first
        if ranks[best] == NEVER:
            break
        out[best] = ranks[best] & 0xFFFFFFFF
        count -= 1
        for i in range(best + 1, count):
            out[i] = out[i + 1]
        for i in range(best, count - 1):
            ranks[i] = ranks[i + 1]
        if best:
            ranks[best - 1] = _rank(merges, out[best - 1], out[best])
        if best < count - 1:
            ranks[best] = _rank(merges, out[best], out[best + 1])
    return count


@part
def _merge_long(merges: Merges, out: Ids, ranks: Ids) -> int:
    """The same by a heap of pairs, in n log n; merged tokens leave -1 behind."""
    count = len(out)
    behind = np.arange(1, count + 1)  # the next token that is there
    before = np.arange(-1, count - 1)
    heap = [(ranks[i] >> 32, i) for i in range(count - 1) if ranks[i] != NEVER]
    heapq.heapify(heap)
    while heap:
        rank, at = heapq.heappop(heap)
        if out[at] == -1 or behind[at] == count:
            continue
        now = _rank(merges, out[at], out[behind[at]])
        if now >> 32 != rank:
            continue  # one of the two has become another token
        gone = behind[at]
        out[at], out[gone] = now & 0xFFFFFFFF, -1
        behind[at] = behind[gone]
        if behind[at] < count:
            before[behind[at]] = at
            _push(heap, merges, out, at, behind[at])
        if before[at] >= 0:
            _push(heap, merges, out, before[at], at)
    return _closed_up(out)


@part
def _push(heap: list[tuple[int, int]], merges: Merges, out: Ids, left: int, right: int) -> None:
    found = _rank(merges, out[left], out[right])
    if found != NEVER:
        heapq.heappush(heap, (found >> 32, left))


@part
def _closed_up(out: Ids) -> int:
    """The tokens that are there, moved together; how many they are."""
    count = 0
    for token in out:
        if token != -1:
            out[count] = token
            count += 1
    return count
