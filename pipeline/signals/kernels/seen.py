"""A hash table that finds what comes more than once, used again from document to document."""

from typing import Any

import numpy as np

from pipeline.compiling import part

Array = np.ndarray[Any, Any]

TIMES, FIRST = range(2)  # of each hash: how often it came, and the index where it came first
ONCE, REPEATED, AGAIN = range(3)  # comes once; comes again later; was there before


@part
def slots_for(count: int) -> int:
    """The slots of a hash table that stays at least half empty, a power of two."""
    size = 16
    while size < 2 * count:
        size *= 2
    return size


@part
def enter_all(hashes: Array, table: Array, notes: Array, slots: Array, marks: Array) -> int:
    """Find which of some hashes come more than once.

    Args:
        hashes: (n,) uint64, none of them 0.
        table: room for the hashes, uint64, `slots_for(n)` or more; what it held is forgotten.
        notes: (len(table), 2) int32, filled with `TIMES` and `FIRST` of each slot.
        slots: filled with the slot of each hash, int32.
        marks: filled with what each is, `ONCE`, `REPEATED` or `AGAIN`, uint8.

    Returns:
        How often the most frequent comes; 0 where there is none.
    """
    used = slots_for(len(hashes))
    mask, most = np.uint64(used - 1), 0
    table[:used] = 0
    for at in range(len(hashes)):
        value = hashes[at]
        slot = value & mask
        while table[slot] != value and table[slot] != np.uint64(0):
            slot = (slot + np.uint64(1)) & mask
        slots[at], marks[at] = slot, ONCE
        if table[slot] == value:
            notes[slot, TIMES] += 1
            marks[at] = AGAIN
            marks[notes[slot, FIRST]] = REPEATED
        else:
            table[slot] = value
            notes[slot, TIMES], notes[slot, FIRST] = 1, at
        most = max(most, notes[slot, TIMES])
    return most
