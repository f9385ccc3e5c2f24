"""How much of each document says again what it has said before."""

from typing import Any

import numpy as np

from pipeline.compiling import compiled, lean, part
from pipeline.signals.kernels.hashing import BASE
from pipeline.signals.kernels.seen import AGAIN, ONCE, TIMES, enter_all, slots_for
from pipeline.signals.kernels.shares import COUNTS, DUPLICATE, TOP
from pipeline.signals.kernels.spans import cut, span_room

Array = np.ndarray[Any, Any]
Room = tuple[Array, Array, Array, Array, Array, Array, Array]

LINES, PARAGRAPHS, GRAMS = 0, 2, 4  # the first column of each
SPARSE = 8  # so many times sparser than the hash table is that of what came


@compiled
def measure_repetition(data: Array, offsets: Array, kinds: Array) -> Array:
    """The shares of Gopher's table A1, each 0 to 1, and 0 where nothing is repeated.

    Args:
        data: the bytes of all documents, uint8.
        offsets: (n + 1,) int64: document i is `data[offsets[i]:offsets[i + 1]]`.
        kinds: what each code point is, `characters.kinds()`.

    Returns:
        (n, len(COUNTS)) float64.
    """
    shares = np.zeros((len(offsets) - 1, len(COUNTS)), np.float64)
    bare, hashes, sizes = span_room(offsets)
    room = _room(1024)
    for row in range(len(offsets) - 1):
        start, stop = offsets[row], offsets[row + 1]
        words, lines, blocks = cut(data, start, stop, kinds, bare, hashes, sizes)
        if max(words, lines) > len(room[0]):
            room = _room(2 * max(words, lines))
        _repeated_spans(hashes[1, :lines], sizes[1], room, shares[row, LINES:])
        _repeated_spans(hashes[2, :blocks], sizes[2], room, shares[row, PARAGRAPHS:])
        _repeated_grams(hashes[0, :words], sizes[0], room, shares[row, GRAMS:])
    return shares


@part
def _room(count: int) -> Room:
    """What takes `count` n-grams: their hashes, places, slots and marks, and two tables."""
    slots = slots_for(count)
    return (
        np.empty(count, np.uint64),
        np.empty(count, np.int64),
        np.empty(count, np.int32),
        np.empty(count, np.uint8),
        np.empty(slots, np.uint64),  # hashes
        np.empty((slots, 2), np.int32),  # how often each came, and where first
        np.empty(slots_for(SPARSE * count), np.uint8),  # whether one like it came, and again
    )


@part
def _repeated_spans(hashes: Array, sizes: Array, room: Room, shares: Array) -> None:
    """The share of lines that were there before, and the share of characters in them."""
    _, _, slots, marks, table, notes, _ = room
    if enter_all(hashes, table, notes, slots, marks) < 2:
        return
    again, characters, total = 0, 0, 0
    for at in range(len(hashes)):
        total += sizes[at]
        if marks[at] == AGAIN:
            again += 1
            characters += sizes[at]
    shares[0], shares[1] = again / len(hashes), characters / total


@part
def _repeated_grams(words: Array, before: Array, room: Room, shares: Array) -> None:
    """The share of each size of n-gram, from the shortest on.

    A run of words can only come twice where the two runs of one word less in it do: so each size
    looks only where the size before has found something, which in most documents is next to
    nowhere.

    Args:
        words: hashes of the words, (n,) uint64.
        before: how many characters lie in the words before each, and in all.
        room: for n n-grams.
        shares: filled.
    """
    grams, places, slots, marks, table, notes, came = room
    count = len(words)
    for at in range(count):
        grams[at], places[at] = words[at], at
    mostly_new = True
    for size in range(TOP[0], DUPLICATE[-1] + 1):
        made = count = _lengthen(grams, places, count, words, size)
        if mostly_new:  # where most come again there is little to leave out
            count = _leave_single(grams, places, count, came)
        most = enter_all(grams[:count], table, notes, slots, marks)
        if most < 2:
            return
        count = _only_repeated(grams, places, slots, marks, count)
        mostly_new = 2 * count <= made
        if size <= TOP[-1]:
            covered = _most_frequent(places[:count], slots, notes[:, TIMES], most, before, size)
        else:
            covered = _seen_before(places[:count], marks, before, size)
        shares[size - TOP[0]] = covered / before[len(words)]


@part
def _lengthen(grams: Array, places: Array, count: int, words: Array, size: int) -> int:
    """Make n-grams of `size` words of those of one word less where two of them follow each other.

    Returns:
        How many there are; they stand at the front.
    """
    kept = 0
    for at in range(count - 1):
        place = places[at]
        if places[at + 1] == place + 1:
            value = grams[at] * BASE + words[place + size - 1]
            value ^= value >> np.uint64(29)
            grams[kept] = max(value, np.uint64(1))  # 0 marks a free slot
            places[kept] = place
            kept += 1
    return kept


@lean
def _leave_single(grams: Array, places: Array, count: int, came: Array) -> int:
    """Leave out most n-grams that come once, without a question that is hard to guess.

    Returns:
        How many stay; they stand at the front.
    """
    used = slots_for(SPARSE * count)
    mask, kept = np.uint64(used - 1), 0
    for slot in range(used):
        came[slot] = 0
    for at in range(count):
        slot = grams[at] & mask
        came[slot] = came[slot] << 1 | 1
    for at in range(count):
        value, place = grams[at], places[at]
        grams[kept], places[kept] = value, place
        kept += came[value & mask] > 1
    return kept


@part
def _only_repeated(grams: Array, places: Array, slots: Array, marks: Array, count: int) -> int:
    """Move the n-grams that come more than once to the front; and how many they are."""
    kept = 0
    for at in range(count):
        if marks[at] != ONCE:
            grams[kept], places[kept] = grams[at], places[at]
            slots[kept], marks[kept] = slots[at], marks[at]
            kept += 1
    return kept


@part
def _most_frequent(
    places: Array, slots: Array, times: Array, most: int, before: Array, size: int
) -> int:
    """Characters that the most frequent n-gram covers; of several, the one that comes first.

    Characters in overlapping occurrences count once.
    """
    at = 0
    while times[slots[at]] != most:
        at += 1
    first, reach, covered = slots[at], 0, 0
    for later in range(at, len(places)):
        if slots[later] == first:
            place = places[later]
            covered += before[place + size] - before[max(place, reach)]
            reach = place + size
    return covered


@part
def _seen_before(places: Array, marks: Array, before: Array, size: int) -> int:
    """Characters in n-grams that were there before; overlapping ones count once."""
    reach, covered = 0, 0
    for at in range(len(places)):
        if marks[at] == AGAIN:
            place = places[at]
            covered += before[place + size] - before[max(place, reach)]
            reach = place + size
    return covered
