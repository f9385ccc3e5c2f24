"""Byte-pair merging as compiled loops: the lowest rank first, and of equal ones the leftmost.

Source:
    Sennrich et al., 2016, arXiv:1508.07909, algorithm 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.compiling import compiled, inlined, lean, part

Bytes = NDArray[np.uint8]
Ids = NDArray[np.int64]
Ranks = NDArray[np.int32]

SHORT = 96  # bytes: in longer words a heap finds the next merge sooner than a look at all pairs
BITS = 21  # of an id and of a rank: a pair and its rank are one number
NEVER = (1 << BITS) - 1  # the rank of a pair that does not merge
_AT = 42  # bits of a place in a word


class Merges(NamedTuple):
    """Which pairs of tokens become which token.

    Attributes:
        of_byte: the token of each byte, (256,).
        of_bytes: the rank of each pair of bytes, or NEVER, (65,536,).
        pairs: a hash table with open addressing, (2^k,): left, right and rank, or -1.
        made: the token that each rank makes.
    """

    of_byte: Ids
    of_bytes: Ranks
    pairs: Ids
    made: Ids


def merges_of(
    of_byte: Sequence[int], merges: Sequence[tuple[str, str]], vocabulary: Mapping[str, int]
) -> Merges | None:
    """The table of a tokenizer's merges, the first the lowest rank; a repeated pair's last counts.

    None where there are two million tokens or merges: a pair would not be one number.
    """
    numbers = np.fromiter(vocabulary.values(), np.int64, len(vocabulary))
    if max(len(merges), numbers.max()) >= NEVER:
        return None
    lefts, rights = (pa.array([pair[side] for pair in merges], pa.string()) for side in (0, 1))
    named = pa.concat_arrays([lefts, rights, pc.binary_join_element_wise(lefts, rights, "")])
    found = pc.index_in(named, pa.array(vocabulary, pa.string())).to_numpy()
    left, right, made = np.split(numbers[found], 3)
    keys = left << BITS | right
    pairs = np.full(1 << max(4, (2 * len(merges)).bit_length()), -1, np.int64)
    of_bytes = np.empty(1 << 16, np.int32)
    table = Merges(np.array(of_byte, np.int64), of_bytes, pairs, made)
    _enter(table, keys)
    return table


@compiled
def _enter(merges: Merges, keys: Ids) -> None:
    for rank in range(len(keys)):
        merges.pairs[_place(merges.pairs, keys[rank])] = keys[rank] << BITS | rank
    for left in range(256):
        for right in range(256):
            pair = merges.of_byte[left], merges.of_byte[right]
            merges.of_bytes[left << 8 | right] = _rank(merges, pair[0], pair[1])


@inlined
def _place(pairs: Ids, key: int) -> np.uint64:
    """Where a pair stands in the table, or the empty place where it would."""
    last = np.uint64(len(pairs) - 1)
    at = ((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)) & last
    while pairs[at] >> BITS != key and pairs[at] != -1:
        at = (at + np.uint64(1)) & last
    return at


@inlined
def _rank(merges: Merges, left: int, right: int) -> int:
    """The rank of a pair, or NEVER."""
    return int(merges.pairs[_place(merges.pairs, left << BITS | right)]) & NEVER


@inlined
def merge(data: Bytes, start: int, count: int, merges: Merges, out: Ids, ranks: Ids) -> int:
    """The tokens of a word of `count` bytes from `start` on, put into `out`; how many there are.

    `out` and `ranks` have as many places as the word has bytes, or more.
    """
    for i in range(count):
        out[i] = merges.of_byte[data[start + i]]
    for i in range(count - 1):
        pair = np.int64(data[start + i]) << 8 | np.int64(data[start + i + 1])
        ranks[i] = merges.of_bytes[pair]
    ranks[count - 1] = NEVER
    if count > SHORT:
        return _merge_long(merges, out, ranks, count)
    return _merge_short(merges, out, ranks, count)


@inlined
def _merge_short(merges: Merges, out: Ids, ranks: Ids, count: int) -> int:
    while True:
        best, rank = 0, NEVER
        for i in range(count - 1):
            if ranks[i] < rank:  # of equal ones the first
                best, rank = i, ranks[i]
        if rank == NEVER:
            return count
        out[best] = merges.made[rank]
        count -= 1
        for i in range(best + 1, count):
            out[i], ranks[i - 1] = out[i + 1], ranks[i]
        ranks[count - 1] = NEVER
        if best:
            ranks[best - 1] = _rank(merges, out[best - 1], out[best])
        if best < count - 1:
            ranks[best] = _rank(merges, out[best], out[best + 1])


@part
def _merge_long(merges: Merges, out: Ids, ranks: Ids, count: int) -> int:
    """The same by a heap of ranks and places, in n log n; merged tokens leave -1 behind."""
    behind, before = np.empty(count, np.int64), np.empty(count, np.int64)  # that are there
    heap, size = np.empty(3 * count, np.int64), int(np.int64(0))
    for i in range(count):
        behind[i], before[i] = i + 1, i - 1
        size = _push(heap, size, ranks[i], i)
    while size:
        rank, at = heap[0] >> _AT, heap[0] & ((1 << _AT) - 1)
        size = _pop(heap, size)
        gone = behind[at]
        if out[at] == -1 or gone == count or _rank(merges, out[at], out[gone]) != rank:
            continue  # one of the two has become another token
        out[at], out[gone] = merges.made[rank], -1
        behind[at] = behind[gone]
        if behind[at] < count:
            before[behind[at]] = at
            size = _push(heap, size, _rank(merges, out[at], out[behind[at]]), at)
        if before[at] >= 0:
            size = _push(heap, size, _rank(merges, out[before[at]], out[at]), before[at])
    return _closed_up(out, count)


@lean
def _push(heap: Ids, size: int, rank: int, place: int) -> int:
    """Put a pair into the heap, if it merges; its size."""
    if rank == NEVER:
        return size
    entry, at = rank << _AT | place, size
    while at and heap[(at - 1) >> 1] > entry:
        heap[at] = heap[(at - 1) >> 1]
        at = (at - 1) >> 1
    heap[at] = entry
    return size + 1


@lean
def _pop(heap: Ids, size: int) -> int:
    """Take the first pair out of the heap; its size."""
    size -= 1
    at, child = 0, 1
    while child < size:
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= heap[size]:
            break
        heap[at] = heap[child]
        at, child = child, 2 * child + 1
    heap[at] = heap[size]
    return size


@lean
def _closed_up(out: Ids, count: int) -> int:
    """The tokens that are there, moved together; how many they are."""
    left = 0
    for i in range(count):
        if out[i] != -1:
            out[left] = out[i]
            left += 1
    return left
