"""Digests of Arrow tables: free of layout, one per column group.

The hashes of the rows that a digest is the sum of can be kept for groups with long texts. A later
table that stands on this one (see `schemas.artifact.Base`) takes those of rows that have left from
the sum without reading the texts again.
"""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from pipeline.storage.row_digests import count_hashes, count_in
from pipeline.versions.digest import OrderedDigest, RowSum
from schemas.column import DOC_ID, groups, is_ordered

Sum = RowSum | OrderedDigest


class TableDigest:
    """The digests of a table that comes in batches; how it is cut into batches does not count."""

    def __init__(self, schema: pa.Schema, hashes: BinaryIO | None = None) -> None:
        """`hashes`: gets, of each row of a table without order, those of its long groups."""
        kind = OrderedDigest if is_ordered(schema) else RowSum
        self.sums: dict[str, Sum] = {group: kind() for group in digested(schema)}
        self._columns, self._hashes = digested(schema), hashes
        self._long = long_groups(schema) if hashes else ()

    def add(self, batch: pa.RecordBatch) -> None:
        """Take in the next rows."""
        found = []
        for group, names in self._columns.items():
            total, columns = self.sums[group], [batch[name] for name in names]
            if group in self._long and isinstance(total, RowSum):
                found.append(count_hashes(total, columns, batch.num_rows))
            else:
                count_in(total, columns, batch.num_rows)
        if self._hashes and found:
            self._hashes.write(np.hstack(found).tobytes())

    def hexdigests(self) -> dict[str, str]:
        """Column group -> digest."""
        return {group: total.hexdigest() for group, total in self.sums.items()}


def digested(schema: pa.Schema) -> dict[str, tuple[str, ...]]:
    """Group -> the columns whose values are hashed for its digest, in order."""
    keyed = (DOC_ID,) if DOC_ID in schema.names else ()
    every = {**({DOC_ID: ()} if keyed else {}), **groups(schema)}
    return {group: (*keyed, *names) for group, names in every.items()}


def long_groups(schema: pa.Schema) -> tuple[str, ...]:
    """The groups with long texts."""
    long = {field.name for field in schema if pa.types.is_large_string(field.type)}
    return tuple(group for group, names in digested(schema).items() if not long.isdisjoint(names))


def short_columns(schema: pa.Schema) -> list[str]:
    """The columns outside of the groups with long texts, and `doc_id`."""
    long = long_groups(schema)
    return [
        DOC_ID,
        *(name for group, names in groups(schema).items() if group not in long for name in names),
    ]


def batches_of(rows: pa.RecordBatch | pa.Table, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Record batches with exactly the columns and types of `schema`.

    Raises:
        ValueError: a column is missing, is too many, or has a null where none may be.
    """
    missing = sorted(set(schema.names) - set(rows.schema.names))
    extra = sorted(set(rows.schema.names) - set(schema.names))
    if missing or extra:
        msg = "; ".join(
            f"{word} {', '.join(names)}"
            for word, names in (("no", missing), ("also", extra))
            if names
        )
        raise ValueError(msg)
    for field in schema:
        if not field.nullable and rows[field.name].null_count:
            msg = f"{field.name} holds nulls"
            raise ValueError(msg)
    for batch in rows.to_batches() if isinstance(rows, pa.Table) else (rows,):
        columns = [
            batch[field.name]
            if batch[field.name].type == field.type
            else batch[field.name].cast(field.type)
            for field in schema
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)
