"""How much of each document says again what it has said before."""

from typing import Any

import numpy as np

from pipeline.signals.kernels.compiled import compiled
from pipeline.signals.kernels.shares import COUNTS, TOP
from pipeline.signals.kernels.spans import line_spans, word_spans

Array = np.ndarray[Any, Any]

BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no word drops out of an n-gram's hash


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
    for row in range(len(offsets) - 1):
        start, stop = offsets[row], offsets[row + 1]
        for new_lines in (1, 2):
            hashes, lengths = line_spans(data, start, stop, kinds, new_lines)
            column = 2 * new_lines - 2
            shares[row, column], shares[row, column + 1] = _repeated_lines(hashes, lengths)
        words, before = word_spans(data, start, stop, kinds)
        grams = words.copy()  # hashes of all runs of `size` words
        for size in range(2, 11):
            if len(words) < size:
                break
            grams = _longer(grams, words, size)
            if size <= TOP[-1]:
                covered = _most_frequent(grams, before, size)
            else:
                covered = _repeated_grams(grams, before, size)
            shares[row, size + 2] = covered / before[-1]
    return shares


@compiled
def _longer(grams: Array, words: Array, size: int) -> Array:
    """Hashes of all runs of `size` words, from those of one word less."""
    longer = grams[: len(words) - size + 1]
    for at in range(len(longer)):
        value = longer[at] * BASE + words[at + size - 1]
        longer[at] = value ^ (value >> np.uint64(29))
    return longer


@compiled
def _slots(count: int) -> int:
    """The size of a hash table that stays at least half empty."""
    size = 16
    while size < 2 * count:
        size *= 2
    return size


@compiled
def _find(table: Array, value: np.uint64) -> np.uint64:
    """The slot of a hash, or the free one (0) where it belongs."""
    mask = np.uint64(len(table) - 1)
    slot = value & mask
    while table[slot] != np.uint64(0) and table[slot] != value:
        slot = (slot + np.uint64(1)) & mask
    return slot


@compiled
def _repeated_lines(hashes: Array, lengths: Array) -> tuple[float, float]:
    """The share of lines that were there before, and the share of characters in them."""
    if len(hashes) == 0:
        return 0.0, 0.0
    table = np.zeros(_slots(len(hashes)), np.uint64)
    lines, characters, total = 0, 0, 0
    for at in range(len(hashes)):
        slot = _find(table, hashes[at])
        total += lengths[at]
        if table[slot] == hashes[at]:
            lines += 1
            characters += lengths[at]
        table[slot] = hashes[at]
    return lines / len(hashes), characters / total


@compiled
def _most_frequent(grams: Array, before: Array, size: int) -> int:
    """Characters that the most frequent n-gram covers; of several, the one that covers most.

    Characters in overlapping occurrences count once.
    """
    table = np.zeros(_slots(len(grams)), np.uint64)
    times = np.zeros(len(table), np.int64)
    reach = np.zeros(len(table), np.int64)  # the first word that no occurrence covers yet
    covered = np.zeros(len(table), np.int64)
    for at in range(len(grams)):
        slot = _find(table, grams[at])
        table[slot] = grams[at]
        times[slot] += 1
        covered[slot] += before[at + size] - before[max(at, reach[slot])]
        reach[slot] = at + size
    most, widest = 2, 0
    for gram in range(len(table)):
        if times[gram] > most:
            most, widest = times[gram], covered[gram]
        elif times[gram] == most:
            widest = max(widest, covered[gram])
    return widest


@compiled
def _repeated_grams(grams: Array, before: Array, size: int) -> int:
    """Characters in n-grams that were there before; overlapping ones count once."""
    table = np.zeros(_slots(len(grams)), np.uint64)
    reach, covered = 0, 0
    for at in range(len(grams)):
        slot = _find(table, grams[at])
        if table[slot] == grams[at]:
            covered += before[at + size] - before[max(at, reach)]
            reach = at + size
        table[slot] = grams[at]
    return covered
