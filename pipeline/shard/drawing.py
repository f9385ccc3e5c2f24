"""Drawing documents by lot: each has a rank of its own, and of a group the lowest ranks stay."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_STEP, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def ranks(doc_ids: pa.Array, seed: int) -> NDArray[np.uint64]:
    """A number for every document, (n,), that depends on its id and the seed alone.

    Args:
        doc_ids: n values of 16 bytes, no nulls.
        seed: another one gives another order.

    Source:
        The mixing of SplitMix64, Steele et al., 2014, doi:10.1145/2660193.2660195.
    """
    start = int.from_bytes(hashlib.sha256(f"mixture {seed}".encode()).digest()[:8], "little")
    halves = np.frombuffer(b"".join(doc_ids.to_pylist()), "<u8").reshape(-1, 2)
    return _mixed(halves[:, 1] ^ _mixed(halves[:, 0] ^ np.uint64(start)))


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = values + np.uint64(_STEP)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(_FIRST)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(_SECOND)
    return values ^ (values >> np.uint64(31))


def drawn(
    groups: NDArray[np.int64],
    order: NDArray[np.int64],
    sizes: NDArray[np.int64],
    most: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Which documents stay, (n,): of each group the first, up to one that does not fit any more.

    Args:
        groups: the group of each document, (n,), each below g.
        order: the places of the documents that are drawn from, by rank; others do not stay.
        sizes: of each document, (n,), not negative.
        most: of each group, (g,): the sizes of those that stay do not sum to more.
    """
    placed = order[np.argsort(groups[order], kind="stable")]
    group, total = groups[placed], np.cumsum(sizes[placed])
    before = np.concatenate([[0], total])[np.searchsorted(group, np.arange(len(most)))]
    stays = np.zeros(len(groups), np.bool_)
    stays[placed] = total - before[group] <= most[group]
    return stays
