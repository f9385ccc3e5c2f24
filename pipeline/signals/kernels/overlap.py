"""Finding runs of words that benchmark items are known by."""

from typing import Any, NamedTuple

import numpy as np

from pipeline.compiling import compiled, part
from pipeline.signals.kernels.characters import UNSEGMENTED, WORDLIKE
from pipeline.signals.kernels.hashing import BASE, FNV_PRIME, FNV_START, slot_of
from pipeline.signals.kernels.utf8 import code_point

Array = np.ndarray[Any, Any]

NONE = -1


class Known(NamedTuple):
    """Runs of words, and the items that they are known by.

    Attributes:
        sizes: (w + 1,) bool: whether any run has so many words; w is the longest.
        table: (slots,) uint64, an open hash table of runs; 0 marks a free slot.
        bounds: (slots + 1,) int64: the run in slot s is in `items[bounds[s]:bounds[s + 1]]`.
        items: (p,) int64.
        weights: (p,) float64: what the run counts in that item, more than 0.
        totals: (k,) float64: what all runs of an item count.
    """

    sizes: Array
    table: Array
    bounds: Array
    items: Array
    weights: Array
    totals: Array


@compiled
def item_runs(
    data: Array, offsets: Array, kinds: Array, lower: Array, words: int, fewest: int
) -> tuple[Array, Array, Array]:
    """The runs of words of every item.

    An item with fewer than `words` words is one run, one with fewer than `fewest` none: half a
    sentence is in many documents that never saw the benchmark.

    Args:
        data: the bytes of all items, uint8.
        offsets: (n + 1,) int64: item i is `data[offsets[i]:offsets[i + 1]]`.
        kinds: what each code point is, `characters.kinds()`.
        lower: the lower case of each code point, `characters.lower_case()`.
        words: in a run.
        fewest: words of an item that is looked for.

    Returns:
        The hash of each run, uint64; its item, int64; and how many words it has, int64.
    """
    most = len(data) + 1
    hashes, of_words = np.empty(most, np.uint64), np.empty(most, np.uint64)
    item, size, runs = np.empty(most, np.int64), np.empty(most, np.int64), 0
    for row in range(len(offsets) - 1):
        count = plain_words(data, offsets[row], offsets[row + 1], kinds, lower, of_words)
        width = min(words, count)
        if count < fewest:
            continue
        for first in range(count - width + 1):
            value = FNV_START
            for at in range(first, first + width):
                value = longer(value, of_words[at])
            hashes[runs], item[runs], size[runs] = value, row, width
            runs += 1
    return hashes[:runs], item[:runs], size[:runs]


@compiled
def find_runs(
    data: Array, offsets: Array, kinds: Array, lower: Array, known: Known, least: float
) -> tuple[Array, Array, Array]:
    """How much of each item every document holds.

    Args:
        data: the bytes of all documents, uint8.
        offsets: (n + 1,) int64: document i is `data[offsets[i]:offsets[i + 1]]`.
        kinds: what each code point is, `characters.kinds()`.
        lower: the lower case of each code point, `characters.lower_case()`.
        known: what to look for.
        least: a share that is worth telling.

    Returns:
        Document, int64, item, int64, and share, float64, of each pair with a share of `least` or
        more; by document, then in the order in which its text comes to the items.
    """
    found = [(NONE, NONE, 0.0)]
    longest = max((offsets[1:] - offsets[:-1]).max(), 0) if len(offsets) > 1 else 0
    of_words = np.empty(longest + 1, np.uint64)
    seen = np.full(len(known.table), NONE, np.int64)  # the last document that had this run
    here = np.empty(len(known.table), np.int64)  # slots of the runs of a document
    sums = np.zeros(len(known.totals), np.float64)
    touched = np.empty(len(known.totals), np.int64)
    for row in range(len(offsets) - 1):
        words = plain_words(data, offsets[row], offsets[row + 1], kinds, lower, of_words)
        runs = _known_runs(of_words[:words], known, row, seen, here)
        count = _weigh(here[:runs], known, sums, touched)
        for item in touched[:count]:
            share = min(sums[item] / known.totals[item], 1.0)
            if share >= least:
                found.append((row, item, share))
            sums[item] = 0.0
    return _columns(found)


@part
def _known_runs(of_words: Array, known: Known, row: int, seen: Array, here: Array) -> int:
    """Put the slots of the runs that are known into `here`, each once; how many there are."""
    count = 0
    for first in range(len(of_words)):
        value = FNV_START
        for width in range(1, min(len(known.sizes) - 1, len(of_words) - first) + 1):
            value = longer(value, of_words[first + width - 1])
            if not known.sizes[width]:
                continue
            slot = slot_of(known.table, value)
            if known.table[slot] == value and seen[slot] != row:
                seen[slot] = row
                here[count] = slot
                count += 1
    return count


@part
def _weigh(here: Array, known: Known, sums: Array, touched: Array) -> int:
    """Add up what each item has of the runs; how many items are in `touched`."""
    count = 0
    for slot in here:
        for at in range(known.bounds[slot], known.bounds[slot + 1]):
            item = known.items[at]
            if sums[item] == 0.0:
                touched[count] = item
                count += 1
            sums[item] += known.weights[at]
    return count


@part
def _columns(found: list[tuple[int, int, float]]) -> tuple[Array, Array, Array]:
    """The columns of a list whose first row is none."""
    count = len(found) - 1
    rows, items = np.empty(count, np.int64), np.empty(count, np.int64)
    shares = np.empty(count, np.float64)
    for at in range(count):
        rows[at], items[at], shares[at] = found[at + 1]
    return rows, items, shares


@compiled
def filled(hashes: Array, counts: Array, slots: int) -> tuple[Array, Array]:
    """An open hash table of different runs, each with so many postings.

    Args:
        hashes: (r,) uint64.
        counts: (r,) int64.
        slots: of the table; a power of two, twice `r` or more.

    Returns:
        The table, (slots,) uint64, and where the postings of each slot lie, (slots + 1,) int64.
    """
    table, bounds = np.zeros(slots, np.uint64), np.zeros(slots + 1, np.int64)
    for run in range(len(hashes)):
        slot = slot_of(table, hashes[run])
        table[slot] = hashes[run]
        bounds[slot + 1] = counts[run]
    return table, np.cumsum(bounds)


@compiled
def slots_of(table: Array, hashes: Array) -> Array:
    """Where each hash is in the table, (r,) int64."""
    places = np.empty(len(hashes), np.int64)
    for run in range(len(hashes)):
        places[run] = slot_of(table, hashes[run])
    return places


@part
def longer(value: np.uint64, word: np.uint64) -> np.uint64:
    """The hash of a run with one more word; never 0, which marks a free slot."""
    value = (value ^ word) * BASE
    value ^= value >> np.uint64(29)
    return value if value != np.uint64(0) else np.uint64(1)


@part
def plain_words(
    data: Array, start: int, stop: int, kinds: Array, lower: Array, hashes: Array
) -> int:
    """Put hashes of the words into `hashes`; how many there are.

    A word is a run of letters, marks and digits in lower case; in scripts without spaces it is one
    letter. Punctuation and white space only separate.
    """
    count, value, inside, at = 0, FNV_START, False, start
    while at < stop:
        point, size = code_point(data, at)
        at += size
        kind = kinds[point]
        alone = (kind & UNSEGMENTED) != 0
        if inside and (alone or not kind & WORDLIKE):
            hashes[count] = value
            count, value, inside = count + 1, FNV_START, False
        if kind & WORDLIKE:
            value = (value ^ np.uint64(lower[point])) * FNV_PRIME
            inside = True
        if alone:
            hashes[count] = value
            count, value, inside = count + 1, FNV_START, False
    if inside:
        hashes[count] = value
        count += 1
    return count
