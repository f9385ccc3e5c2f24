"""Adding up what the letter n-grams of each document say of its language."""

from typing import Any, NamedTuple

import numpy as np

from pipeline.compiling import compiled, part
from pipeline.kept_arrays import source_of
from pipeline.signals.kernels.utf8 import code_point

Array = np.ndarray[Any, Any]

SOURCE = source_of(__file__)

EMPTY = np.uint64(0)
SPACE = np.int64(0x20)
BITS = np.uint64(21)  # of a code point; three of them fill a key
WIDTH = 48  # languages in a row of costs, those that are not there included: known to compilers
SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd: keys that differ land apart


class GramTable(NamedTuple):
    """What each known n-gram says, in a hash table that a kernel can read."""

    keys: Array  # (2**k,) uint64: packed n-grams, `EMPTY` where there is none
    rows: Array  # (2**k,) int32: the row of `costs` of the key in the same slot
    costs: Array  # (grams, WIDTH) uint8: the higher, the less likely in that language
    letters: Array  # (0x110000,) uint32: what each code point is read as; a space parts words
    capitals: Array  # (0x110000,) uint32: the small letter of a capital, 0 for all others


@part
def slot_of(keys: Array, key: np.uint64) -> np.int64:
    """Where a key is, or the empty slot where it belongs."""
    mask = np.uint64(len(keys) - 1)
    mixed = key * SPREAD
    at = (mixed ^ (mixed >> np.uint64(32))) & mask
    while keys[at] != EMPTY and keys[at] != key:
        at = (at + np.uint64(1)) & mask
    return np.int64(at)


@compiled
def fill_slots(keys: Array, rows: Array, grams: Array) -> None:
    """Enter n-grams, (n,) uint64, none of them twice, each with its position as its row."""
    for row in range(len(grams)):
        at = slot_of(keys, grams[row])
        keys[at] = grams[row]
        rows[at] = row


@compiled
def weigh_grams(
    data: Array, offsets: Array, wanted: Array, table: GramTable, first: int
) -> tuple[Array, Array]:
    """What the n-grams of one, two and three letters cost each document in each language.

    Words are bordered by one space each side, as in the profiles. A capital that follows a
    capital is read as a small letter.

    Args:
        data: the bytes of all documents, uint8.
        offsets: (n + 1,) int64: document i is `data[offsets[i]:offsets[i + 1]]`.
        wanted: (n,) bool; the others are not read, and cost nothing.
        table: the n-grams.
        first: the bytes of a document to read, at most 2**20; a character that begins before
            that is read whole.

    Returns:
        Costs, (n, WIDTH) int32, and how many n-grams were known, (n,) int32.
    """
    keys, rows, weights, letters, capitals = table
    costs = np.zeros((len(offsets) - 1, WIDTH), np.int32)
    known = np.zeros(len(offsets) - 1, np.int32)
    for row in range(len(wanted)):
        if not wanted[row]:
            continue
        total = costs[row]
        at, stop, seen = offsets[row], min(offsets[row + 1], offsets[row] + first), 0
        before, last, capital = np.int64(0), SPACE, False
        while at <= stop:
            point, size = code_point(data, at) if at < stop else (SPACE, 1)  # ends the last word
            at += size
            small = np.int64(capitals[point])
            letter = np.int64(letters[small if small > 0 and capital else point])
            capital = bool(small > 0)
            if letter == last == SPACE:
                continue
            parts = (np.uint64(letter), np.uint64(last), np.uint64(before))
            key = EMPTY
            for place in range(3 if before > 0 else 2):  # no letter is before a word's first space
                key |= parts[place] << (BITS * np.uint64(place))
                slot = slot_of(keys, key)
                if keys[slot] != EMPTY:
                    seen += 1
                    gram = weights[rows[slot]]
                    for language in range(WIDTH):
                        total[language] += gram[language]
            before, last = (np.int64(0), SPACE) if letter == SPACE else (last, letter)
        known[row] = seen
    return costs, known
