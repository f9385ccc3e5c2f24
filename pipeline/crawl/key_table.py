"""A hash table of keys of sixteen bytes, each the first half of a hash: two looks a key."""

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled, part


@compiled
def table_of(keys: NDArray[np.uint64]) -> NDArray[np.int32]:
    """The places of keys, (n, 2), from 1, at where they are looked for first or the next free.

    Of equal keys the first one is there. At least half of the table is empty.
    """
    bits = 1
    while 1 << bits < 2 * len(keys):
        bits += 1
    table = np.zeros(1 << bits, np.int32)
    for place in range(len(keys)):
        at = _at(table, keys, keys[place, 0], keys[place, 1])
        if table[at] == 0:
            table[at] = place + 1
    return table


@compiled
def places_in(
    table: NDArray[np.int32], keys: NDArray[np.uint64], wanted: NDArray[np.uint64]
) -> NDArray[np.int64]:
    """The place of each wanted key among the keys of a table, (m,); -1 where it is none of them."""
    found = np.empty(len(wanted), np.int64)
    for i in range(len(wanted)):
        found[i] = table[_at(table, keys, wanted[i, 0], wanted[i, 1])] - 1
    return found


@part
def _at(
    table: NDArray[np.int32], keys: NDArray[np.uint64], first: np.uint64, second: np.uint64
) -> np.uint64:
    """Where in the table a key is, or would be: keys are hashes, so their bits are even."""
    mask = np.uint64(len(table) - 1)
    at = first & mask
    while table[at]:
        other = np.int64(table[at]) - 1
        if keys[other, 0] == first and keys[other, 1] == second:
            break
        at = (at + np.uint64(1)) & mask
    return at
