"""Some of very many rows: those with the lowest doc_ids, so that it is the same ones always."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.lineage.aligned import Rows

ROWS = 20_000  # so many lie like all of them, to about a hundredth of a quantile


class Sample:
    """At most `ROWS` rows of all that are added; up to so many, all of them."""

    def __init__(self) -> None:
        self._ranks: list[NDArray[np.uint64]] = []
        self._tables: list[pa.Table] = []
        self._limit = np.uint64(2**64 - 1)

    def add(self, rows: Rows) -> None:
        """Take of these rows what may be among the lowest."""
        ranks = _ranks(rows.doc_id)
        here = ranks <= self._limit
        self._ranks.append(ranks[here])
        self._tables.append(pa.table(rows.columns).filter(pa.array(here)))
        if sum(map(len, self._ranks)) > 2 * ROWS:
            self._cut()

    def columns(self) -> dict[str, pa.Array]:
        """Their columns."""
        self._cut()
        if not self._tables:
            return {}
        table = self._tables[0].combine_chunks()
        return {name: _whole(table[name]) for name in table.column_names}

    def _cut(self) -> None:
        if not self._tables:
            return
        ranks, table = np.concatenate(self._ranks), pa.concat_tables(self._tables)
        if len(ranks) > ROWS:
            lowest = np.sort(np.argpartition(ranks, ROWS)[:ROWS])
            ranks, table = ranks[lowest], table.take(pa.array(lowest))
            self._limit = ranks.max()
        self._ranks, self._tables = [ranks], [table]


def _ranks(doc_id: pa.Array) -> NDArray[np.uint64]:
    """The first eight bytes of each id, as a number: an id is a hash."""
    content = np.frombuffer(doc_id.buffers()[1], ">u8") if len(doc_id) else np.empty(0, ">u8")
    first = 2 * doc_id.offset
    return content[first : first + 2 * len(doc_id) : 2].astype(np.uint64)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
