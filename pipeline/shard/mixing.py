"""Who stays in a mixture: sources are cut first, then languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.shard.drawing import drawn, ranks
from schemas.column import DOC_ID

Most = Callable[[Mapping[str, int]], Mapping[str, int]]  # group -> what it has, and may keep


class Cut(NamedTuple):
    """What became of documents by one way of grouping them: n documents, g groups.

    Attributes:
        names: the groups, sorted, (g,).
        group: of each document, (n,).
        came: documents that came here, (n,).
        stays: those of them that stay, (n,).
        has: what each group had, (g,), in the unit of the sizes.
        keeps: what it keeps, (g,).
        bound: the lowest rank of a document that left, (g,); 1 where none did.
    """

    names: list[str]
    group: NDArray[np.int64]
    came: NDArray[np.bool_]
    stays: NDArray[np.bool_]
    has: NDArray[np.int64]
    keeps: NDArray[np.int64]
    bound: NDArray[np.float64]

    def shares(self) -> NDArray[np.float64]:
        """What each group keeps of what it had, (g,); 1 where it had nothing."""
        return np.where(self.has > 0, self.keeps / np.maximum(self.has, 1), 1.0)


class Mixed(NamedTuple):
    """What became of n documents; each has a rank, 0 to 1, and those with low ranks stay."""

    rank: NDArray[np.float64]
    by_source: Cut
    by_language: Cut


class Lot(NamedTuple):
    """Documents in the order in which they are drawn, and what each counts."""

    rank: NDArray[np.float64]
    order: NDArray[np.int64]
    sizes: NDArray[np.int64]


def mix(
    documents: pa.Table, sizes: NDArray[np.int64], seed: int, of_sources: Most, of_languages: Most
) -> Mixed:
    """Draw the documents that stay.

    Args:
        documents: doc_id, source, language; n rows without nulls.
        sizes: what each counts, (n,).
        seed: of the ranks.
        of_sources: the most that may stay of each source; one that is not named keeps all.
        of_languages: the same of each language, by what the sources left of it.
    """
    doc_ids = documents[DOC_ID].combine_chunks()
    numbers = ranks(doc_ids, seed)
    ties = pa.table({"rank": numbers, DOC_ID: doc_ids})
    by_rank = [("rank", "ascending"), (DOC_ID, "ascending")]
    order = pc.sort_indices(ties, by_rank).to_numpy().astype(np.int64)
    lot = Lot(numbers / np.float64(2**64), order, sizes)
    every = np.ones(len(sizes), np.bool_)
    by_source = _cut(documents["source"], every, lot, of_sources)
    by_language = _cut(documents["language"], by_source.stays, lot, of_languages)
    return Mixed(lot.rank, by_source, by_language)


def _cut(column: pa.ChunkedArray, came: NDArray[np.bool_], lot: Lot, allowed: Most) -> Cut:
    """Draw among the documents that came."""
    values = column.combine_chunks().cast(pa.string())
    names = sorted(pc.unique(values).to_pylist())
    group = np.asarray(pc.index_in(values, pa.array(names, pa.string())).to_numpy(), np.int64)
    has = _sums(group, came, lot.sizes, len(names))
    may = allowed(dict(zip(names, has.tolist(), strict=True)))
    most = np.array([may.get(name, 2**62) for name in names], np.int64)
    those = lot.order[came[lot.order]]
    stays = drawn(group, those, lot.sizes, most)
    left = came & ~stays
    bound = np.ones(len(names))
    np.minimum.at(bound, group[left], lot.rank[left])
    keeps = _sums(group, stays, lot.sizes, len(names))
    return Cut(names, group, came, stays, has, keeps, bound)


def _sums(
    group: NDArray[np.int64], those: NDArray[np.bool_], sizes: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    sums = np.zeros(count, np.int64)
    np.add.at(sums, group[those], sizes[those])
    return sums
