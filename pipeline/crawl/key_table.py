"""A hash table of keys of sixteen bytes, each the first half of a hash.

Keys are mostly asked for in the order in which they stand, so the one behind the last that was
found is looked at first: that takes no time, and two looks far apart in memory take a fifth of a
microsecond.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled, lean


@compiled
def table_of(
    keys: NDArray[np.uint64], secret: np.uint64
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """The places of keys, (n, 2), from 1, at where they are looked for first or the next free.

    Of equal keys the first one is there. At least half of the table is empty.

    Args:
        keys: (n, 2).
        secret: an odd number that nobody knows who names documents: their keys can be computed,
            and many could be ground that are looked for at one place.

    Returns:
        The table; and which keys are in it, (n,).
    """
    bits = 1
    while 1 << bits < 2 * len(keys):
        bits += 1
    table, first = np.zeros(1 << bits, np.int32), np.zeros(len(keys), np.bool_)
    for place in range(len(keys)):
        at = _at(table, keys, secret, keys[place, 0], keys[place, 1])
        if table[at] == 0:
            table[at], first[place] = place + 1, True
    return table, first


@compiled
def places_in(
    table: NDArray[np.int32],
    first: NDArray[np.bool_],
    keys: NDArray[np.uint64],
    secret: np.uint64,
    wanted: NDArray[np.uint64],
    before: int,
) -> NDArray[np.int64]:
    """The place of each wanted key among the keys of a table, (m,); -1 where it is none of them.

    Args:
        table: of `keys` and `secret`, as is `first`: see `table_of`.
        first: which of them are in it.
        keys: (n, 2).
        wanted: (m, 2).
        before: the place of the key that was asked for before these, or any.
    """
    found = np.empty(len(wanted), np.int64)
    for i in range(len(wanted)):
        one, two, place = wanted[i, 0], wanted[i, 1], np.int64(before + 1)
        there = 0 <= place < len(keys) and first[place]
        if not (there and keys[place, 0] == one and keys[place, 1] == two):
            place = place_of(table, keys, secret, one, two)
        found[i] = place
        before = int(place) if place >= 0 else before + 1
    return found


@lean
def place_of(
    table: NDArray[np.int32],
    keys: NDArray[np.uint64],
    secret: np.uint64,
    first: np.uint64,
    second: np.uint64,
) -> np.int64:
    """The place of a key; -1 where it is none of them."""
    return np.int64(table[_at(table, keys, secret, first, second)]) - 1


@lean
def _at(
    table: NDArray[np.int32],
    keys: NDArray[np.uint64],
    secret: np.uint64,
    first: np.uint64,
    second: np.uint64,
) -> np.uint64:
    """Where in the table a key is, or would be."""
    mask = np.uint64(len(table) - 1)
    at = ((first * secret) >> np.uint64(32)) & mask
    while table[at]:
        other = np.int64(table[at]) - 1
        if keys[other, 0] == first and keys[other, 1] == second:
            break
        at = (at + np.uint64(1)) & mask
    return at
