"""A table that stands on an earlier one: what it took over, its rows, its digests.

Deletions and changes are a few rows here and there in every shard. Writing all shards again for
them would cost what making them cost; so a table may name rows of an earlier shard's file and hold
only those that differ. Whoever reads it is given its rows, and cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.storage.row_digests import count_in
from pipeline.storage.table_digest import Sum, digested, long_groups
from pipeline.versions.digest import RowSum
from schemas.artifact import StoredFile, Table

Array = np.ndarray[Any, Any]
Stretch = tuple[int, int, int]  # a run of `schemas.artifact.Base`

OWN = -1  # the place of a row that is not the base's
BATCH = 4096  # rows
MOST_CHANGED = 1 / 8  # of the rows of a base: where more of them differ, all are written anew
MOST_RUNS = 2000  # a receipt with so many takes 70 kB


class TakenOver(NamedTuple):
    """Which rows of a table are those of a base.

    Attributes:
        base: the table whose file they lie in.
        hashes: of that file's rows.
        places: of every row of the new table its row in that file, (rows,) int64, ascending; or
            `OWN`.
    """

    base: Table
    hashes: StoredFile
    places: Array

    def runs(self) -> tuple[Stretch, ...]:
        """The same, as it is written down."""
        places = self.places
        there = np.flatnonzero(places != OWN)
        taken = places[there]
        begins = np.ones(len(there), np.bool_)
        begins[1:] = (np.diff(taken) != 1) | (np.diff(there) != 1)
        first = np.flatnonzero(begins)
        counts = np.diff(np.append(first, len(there)))
        before = np.diff(np.concatenate([[0], there[first] - first]))
        return tuple(zip(before.tolist(), taken[first].tolist(), counts.tolist(), strict=True))

    def laid_out(self, own: pa.Table, base: pa.Table) -> pa.Table:
        """The rows of the new table, from all of its own file and all of the base's."""
        here = self.places == OWN
        rows = np.where(here, base.num_rows + np.cumsum(here) - 1, self.places)
        return pa.concat_tables([base, own]).combine_chunks().take(rows)

    @property
    def few_differ(self) -> bool:
        """Whether a table should stand on this base, or rather be written anew."""
        differ = int((self.places == OWN).sum()) + len(self.left())
        return differ <= MOST_CHANGED * self.base.rows and len(self.runs()) <= MOST_RUNS

    def left(self) -> Array:
        """The rows of the base that are not taken over, ascending."""
        staying = np.zeros(self.base.rows, np.bool_)
        staying[self.places[self.places != OWN]] = True
        return np.flatnonzero(~staying)


def places_of(table: Table) -> Array:
    """Of every row of a table, its row in the file of its base, or in its own where it has none."""
    if table.base is None:
        return np.arange(table.rows)
    places = np.full(table.rows, OWN, np.int64)
    at = 0
    for own, first, count in table.base.runs:
        at += own
        places[at : at + count] = np.arange(first, first + count)
        at += count
    return places


def merged(
    own: Iterable[pa.RecordBatch], base: Iterable[pa.RecordBatch], runs: Iterable[Stretch]
) -> Iterator[pa.RecordBatch]:
    """The rows of a table from those of its own file and of its base's."""
    pieces: list[pa.RecordBatch] = []
    waiting = 0
    for piece in _pieces(_Rows(own), _Rows(base), runs):
        pieces.append(piece)
        waiting += piece.num_rows
        if waiting >= BATCH:
            yield from pa.Table.from_batches(pieces).combine_chunks().to_batches()
            pieces, waiting = [], 0
    if pieces:
        yield from pa.Table.from_batches(pieces).combine_chunks().to_batches()


def digests_over(
    own: Mapping[str, Sum],
    taken: TakenOver,
    left: Iterable[pa.RecordBatch],
    hashes: bytes,
    schema: pa.Schema,
) -> dict[str, str]:
    """The digests of a table that stands on another.

    Args:
        own: of its own rows, by group.
        taken: the rows taken over.
        left: the rows of the base that are not, without the columns of long texts.
        hashes: of all rows of the base, in its long groups.
        schema: of both tables.
    """
    from pipeline.storage.row_hashes import HASH, sum_of

    long = long_groups(schema)
    columns = digested(schema)
    gone = {group: RowSum() for group in columns}
    for batch in left:
        for group in gone.keys() - set(long):
            count_in(gone[group], [batch[name] for name in columns[group]], batch.num_rows)
    of_rows = np.frombuffer(hashes, np.uint8).reshape(taken.base.rows, len(long), HASH)
    for number, group in enumerate(long):
        rows = of_rows[taken.left(), number]
        gone[group].add_hashes(sum_of(rows), len(rows))
    found = {}
    for group, digest in taken.base.digests.items():
        total = RowSum.parse(digest, taken.base.rows).minus(gone[group])
        added = own[group]
        if not isinstance(added, RowSum):
            msg = "a table whose rows have an order can stand on no other"
            raise TypeError(msg)
        total.merge(added)
        found[group] = total.hexdigest()
    return found


class _Rows:
    """Rows that are asked for one after the other, however they come."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self._batches = iter(batches)
        self._batch: pa.RecordBatch | None = None
        self._at = 0  # in the batch
        self.passed = 0

    def take(self, count: int) -> Iterator[pa.RecordBatch]:
        """The next rows."""
        while count:
            if self._batch is None or self._at == self._batch.num_rows:
                self._batch, self._at = next(self._batches), 0
            piece = self._batch.slice(self._at, count)
            self._at += piece.num_rows
            self.passed += piece.num_rows
            count -= piece.num_rows
            if piece.num_rows:
                yield piece

    def skip(self, count: int) -> None:
        """Pass over the next rows."""
        for _ in self.take(count):
            pass

    def rest(self) -> Iterator[pa.RecordBatch]:
        """All that follow. Only at the end it shows whether rows are missing."""
        if self._batch is not None:
            yield self._batch.slice(self._at)
            self._batch = None
        yield from self._batches


def _pieces(own: _Rows, base: _Rows, runs: Iterable[Stretch]) -> Iterator[pa.RecordBatch]:
    for before, first, count in runs:
        yield from own.take(before)
        base.skip(first - base.passed)
        yield from base.take(count)
    yield from own.rest()
    for _ in base.rest():
        pass
