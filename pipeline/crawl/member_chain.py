"""Walking along packed members by how they begin, each as long as the one of that beginning was."""

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled, inlined
from pipeline.crawl.key_table import place_of
from pipeline.crawl.piece_sums import product
from pipeline.eight_bytes import lowest_first


@compiled
def beginnings(
    data: NDArray[np.uint8], ends: NDArray[np.int64], numbers: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """What members are looked for by, (n, 2).

    Args:
        data: members, one after the other.
        ends: the place behind each, (n,).
        numbers: what the first words of each are added to (see `line_keys`), one more than there
            are words: each member has no fewer.
    """
    found, start = np.empty((len(ends), 2), np.uint64), 0
    for member in range(len(ends)):
        found[member, 0], found[member, 1] = _sums(data, start, numbers)
        start = ends[member]
    return found


@compiled
def chain(
    data: NDArray[np.uint8],
    numbers: NDArray[np.uint64],
    table: NDArray[np.int32],
    keys: NDArray[np.uint64],
    secret: np.uint64,
    sizes: NDArray[np.int32],
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """The members that may stand one behind the other from the first byte on.

    Args:
        data: packed bytes.
        numbers: as for `beginnings`.
        table: of `keys` and `secret`: see `key_table.table_of`.
        keys: how the known members begin, (n, 2).
        secret: of the table.
        sizes: bytes of each, (n,).

    Returns:
        The place behind each, and which it would be, (m,) both; and how many bytes there have to
        be to see the next one: none where no known one begins as what stands there.
    """
    beginning = 8 * (len(numbers) - 1)
    most = len(data) // beginning + 1
    ends, members = np.empty(most, np.int64), np.empty(most, np.int64)
    at, count, wanted = 0, 0, 0
    while at + beginning <= len(data):
        one, two = _sums(data, at, numbers)
        member = place_of(table, keys, secret, one, two)
        if member < 0:
            break
        if at + sizes[member] > len(data):
            wanted = at + sizes[member]
            break
        at += sizes[member]
        ends[count], members[count] = at, member
        count += 1
    return ends[:count], members[:count], wanted


@inlined
def _sums(
    data: NDArray[np.uint8], start: int, numbers: NDArray[np.uint64]
) -> tuple[np.uint64, np.uint64]:
    """Two sums of NH over the beginning of a member: see `line_keys`."""
    one, two = np.uint64(0), np.uint64(0)
    for k in range(len(numbers) - 1):
        word = lowest_first(data, start + 8 * k)
        one += product(word, numbers[k])
        two += product(word, numbers[k + 1])
    return one, two
