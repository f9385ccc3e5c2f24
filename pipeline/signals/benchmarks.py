"""Benchmarks that a corpus must not hold: their items, and an index of the words they hold."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from pipeline.signals.text_files import texts_of
from schemas.record import Record

if TYPE_CHECKING:
    from pipeline.signals.kernels.overlap import Known

Array = np.ndarray[Any, Any]


class Benchmark(Record):
    """A benchmark: a file of JSON objects, one a line, or the texts of its items themselves."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")
    file: str | None = Field(default=None, description="`.jsonl` or `.jsonl.gz`")
    columns: tuple[str, ...] = Field(
        default=("text",), min_length=1, description="texts, or lists of them, that make an item"
    )
    items: tuple[str, ...] = Field(default=(), description="texts, where there is no file")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.file) == bool(self.items):
            msg = f"the benchmark {self.name} needs a file or items, and not both"
            raise ValueError(msg)
        return self

    def texts(self) -> list[str]:
        """One text an item.

        Raises:
            BadTextFile: the file cannot be read, or has not these columns.
        """
        return list(texts_of(self.file, self.columns)) if self.file else list(self.items)


class Index(NamedTuple):
    """All items of some benchmarks.

    Attributes:
        known: their runs of words.
        benchmark: (k,) the benchmark of each item, by its place.
        number: (k,) the item's place in it.
    """

    known: Known
    benchmark: Array
    number: Array


@lru_cache(maxsize=1)
def index_of(
    benchmarks: tuple[Benchmark, ...],
    contents: tuple[str, ...],
    *,
    words: int,
    fewest: int,
    widest: int,
) -> Index:
    """The index of all items; the last one made is kept for as long as `contents`, hashes, stay.

    A run of words weighs ln(1 + n / d) in each of the d items, of n, that hold it: what many items
    share (a question's form) says little about any of them. A run that more than `widest` items of
    a benchmark share is left out there.
    """
    from pipeline.signals.kernels.overlap import Known  # numba takes half a second to import

    texts = [benchmark.texts() for benchmark in benchmarks]
    benchmark = np.repeat(np.arange(len(texts)), [len(each) for each in texts])
    number = np.concatenate([np.arange(len(each)) for each in texts] or [np.empty(0, np.int64)])
    hashes, item, size = _runs([text for each in texts for text in each], words, fewest)
    hashes, item, weights = _weighed(hashes, item, benchmark, widest)
    sizes = np.zeros(words + 1, np.bool_)
    sizes[np.unique(size)] = True
    totals = np.bincount(item, weights, minlength=len(benchmark))
    table, bounds, order = _table(hashes)
    known = Known(sizes, table, bounds, item[order], weights[order], totals)
    return Index(known, benchmark, number)


def _runs(texts: list[str], words: int, fewest: int) -> tuple[Array, Array, Array]:
    from pipeline.signals.kernels.characters import kinds, lower_case
    from pipeline.signals.kernels.overlap import item_runs
    from pipeline.signals.kernels.utf8 import utf8  # numba takes half a second to import

    column = utf8(pa.array(texts, pa.large_string()))
    return item_runs(*column, kinds(), lower_case(), words, fewest)


def _weighed(
    hashes: Array, item: Array, benchmark: Array, widest: int
) -> tuple[Array, Array, Array]:
    """Each run of each item once, with its weight there."""
    pairs = np.unique(np.stack([hashes, item.astype(np.uint64)], 1), axis=0)
    hashes, item = pairs[:, 0], pairs[:, 1].astype(np.int64)
    items_of = np.bincount(benchmark, minlength=1)  # of each benchmark
    of = np.stack([hashes, benchmark[item].astype(np.uint64)], 1)
    _, group, sharing = np.unique(of, axis=0, return_inverse=True, return_counts=True)
    sharing = sharing[group.ravel()]
    told = sharing <= widest
    weights = np.log1p(items_of[benchmark[item]] / sharing)
    return hashes[told], item[told], weights[told]


def _table(hashes: Array) -> tuple[Array, Array, Array]:
    """An open hash table of the runs, where the postings of each slot lie, and their order."""
    from pipeline.signals.kernels.overlap import filled, slots_of

    different, counts = np.unique(hashes, return_counts=True)
    table, bounds = filled(different, counts, 1 << (2 * len(different) + 8).bit_length())
    return table, bounds, np.argsort(slots_of(table, hashes), kind="stable")
