"""Hashes of words, and the open hash tables that they are looked up in."""

from typing import Any

import numpy as np

from pipeline.compiling import part

Array = np.ndarray[Any, Any]

FNV_START = np.uint64(0xCBF29CE484222325)  # FNV-1a: Fowler, Noll and Vo, RFC 9923
FNV_PRIME = np.uint64(0x100000001B3)
BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no word drops out of a run's hash


@part
def slot_of(table: Array, value: np.uint64) -> int:
    """Where a hash is in a table whose size is a power of two, or the free slot (0) for it."""
    mask = np.uint64(len(table) - 1)
    slot = value & mask
    while table[slot] != np.uint64(0) and table[slot] != value:
        slot = (slot + np.uint64(1)) & mask
    return int(slot)
