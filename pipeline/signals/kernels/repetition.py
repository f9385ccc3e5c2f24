"""How much of each document says again what it has said before."""

from typing import Any

import numpy as np

from pipeline.compiling import compiled, inlined, lean, part
from pipeline.signals.kernels.hashing import BASE
from pipeline.signals.kernels.seen import AGAIN, ONCE, TIMES, enter_all, slots_for
from pipeline.signals.kernels.shares import COUNTS, DUPLICATE, TOP
from pipeline.signals.kernels.spans import cut_lines, cut_words, span_room

Array = np.ndarray[Any, Any]
Room = tuple[Array, Array, Array, Array, Array, Array, Array]

OF_LINES, OF_PARAGRAPHS, OF_TOP, OF_DUPLICATE = 0, 2, 4, 4 + len(TOP)  # the first column of each
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
    words, pieces = span_room(offsets, 2), span_room(offsets, 1)  # a word, and what ends it
    lines, blocks = span_room(offsets, 2), span_room(offsets, 2)
    room = _room(1024)
    for row in range(len(offsets) - 1):
        start, stop = offsets[row], offsets[row + 1]
        count, parts, whole = cut_words(data, start, stop, kinds, words, pieces)
        rows, paragraphs = cut_lines(data, start, stop, kinds, lines, blocks)
        if parts > len(room[0]):  # no less than words or lines
            room = _room(2 * parts)
        found = shares[row]
        of_lines, of_paragraphs = found[OF_LINES:], found[OF_PARAGRAPHS:]
        _repeated_spans(lines.hashes[:rows], lines.sizes, whole, room, of_lines)
        _repeated_spans(blocks.hashes[:paragraphs], blocks.sizes, whole, room, of_paragraphs)
        hashes, before, of_top = words.hashes[:count], words.sizes, found[OF_TOP:]
        _repeated_grams(hashes, before, before[count], TOP[0], TOP[-1], room, of_top)
        hashes, before, again = pieces.hashes[:parts], pieces.sizes, found[OF_DUPLICATE:]
        _repeated_grams(hashes, before, whole, DUPLICATE[0], DUPLICATE[-1], room, again)
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
def _repeated_spans(hashes: Array, sizes: Array, whole: int, room: Room, shares: Array) -> None:
    """The share of lines that were there before, and that of all characters which are in them."""
    _, _, slots, marks, table, notes, _ = room
    if enter_all(hashes, table, notes, slots, marks) < 2:
        return
    again, characters = 0, 0
    for at in range(len(hashes)):
        if marks[at] == AGAIN:
            again += 1
            characters += sizes[at]
    shares[0], shares[1] = again / len(hashes), characters / whole


@part
def _repeated_grams(
    words: Array, before: Array, whole: int, first: int, last: int, room: Room, shares: Array
) -> None:
    """The share of repeated n-grams, of each size.

    Of `TOP`, what the most frequent one covers; of `DUPLICATE`, all that were there before.

    Args:
        words: hashes of the words, or pieces, (n,) uint64.
        before: how many characters lie in those before each, and in all.
        whole: the characters that it is a share of.
        first: the shortest n-grams, in words.
        last: the longest.
        room: for n n-grams.
        shares: filled, from the shortest on.
    """
    grams, places, slots, _, _, notes, _ = room
    count, many = _grams(words, first, grams, places), False
    for size in range(first, last + 1):
        if size > first:
            count = _lengthen(grams, places, count, words, size)
        count, most, many = _leave_repeated(count, many, room)
        if most < 2:
            return
        times = notes[:, TIMES]
        if size <= TOP[-1]:
            covered = _most_frequent(places[:count], slots, times, most, before, size)
        else:
            covered = _said_again(places[:count], slots, times, before, size)
        shares[size - first] = covered / whole


@part
def _grams(words: Array, size: int, grams: Array, places: Array) -> int:
    """Make all n-grams of `size` words, or pieces; and how many they are."""
    count = max(len(words) - size + 1, 0)
    for at in range(count):
        value = words[at]
        for further in range(1, size):
            value = _joined(value, words[at + further])
        grams[at], places[at] = value, at
    return count


@inlined
def _joined(gram: np.uint64, word: np.uint64) -> np.uint64:
    """The hash of an n-gram with one word more, never 0: that marks a free slot."""
    value = gram * BASE + word
    return max(value ^ (value >> np.uint64(29)), np.uint64(1))


@part
def _lengthen(grams: Array, places: Array, count: int, words: Array, size: int) -> int:
    """Make n-grams of `size` words, or pieces, of those of one less where two follow each other.

    A run of words can only come twice where the two runs of one word less in it do: so each size
    looks only where the size before has found something, which in most documents is next to
    nowhere.

    Returns:
        How many there are; they stand at the front.
    """
    kept = 0
    for at in range(count - 1):
        place = places[at]
        if places[at + 1] == place + 1:
            grams[kept], places[kept] = _joined(grams[at], words[place + size - 1]), place
            kept += 1
    return kept


@part
def _leave_repeated(count: int, many: bool, room: Room) -> tuple[int, int, bool]:
    """Leave the n-grams that come more than once.

    Args:
        count: how many there are, at the front of the room.
        many: whether most of those one word shorter came again: then there is little to leave out
            before they are entered.
        room: of them.

    Returns:
        How many stay, at the front; how often the most frequent comes; and whether most stay.
    """
    grams, places, slots, marks, table, notes, came = room
    left = count if many else _leave_single(grams, places, count, came)
    most = enter_all(grams[:left], table, notes, slots, marks)
    kept = _only_repeated(grams, places, slots, marks, left)
    return kept, most, 2 * kept > count


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
            slots[kept] = slots[at]
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
def _said_again(places: Array, slots: Array, said: Array, before: Array, size: int) -> int:
    """Characters in n-grams that were there before; `said` is written on.

    Behind such a one the next begins: none overlaps another, nor does what lies within it count as
    there for later ones.
    """
    for at in range(len(places)):
        said[slots[at]] = 0
    free, again = 0, 0
    for at in range(len(places)):
        place = places[at]
        if place < free:
            continue
        if said[slots[at]]:
            free = place + size
            again += before[free] - before[place]
        said[slots[at]] = 1
    return again
