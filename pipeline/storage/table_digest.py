"""Digests of Arrow tables: free of layout, one per column group."""

from collections.abc import Iterator

import pyarrow as pa

from pipeline.storage.row_digests import count_in
from pipeline.versions.digest import OrderedDigest, RowSum
from schemas.column import DOC_ID, groups, is_ordered


class TableDigest:
    """The digests of a table that comes in batches; how it is cut into batches does not count."""

    def __init__(self, schema: pa.Schema) -> None:
        self._keyed = DOC_ID in schema.names
        self._groups = {**({DOC_ID: ()} if self._keyed else {}), **groups(schema)}
        kind = OrderedDigest if is_ordered(schema) else RowSum
        self._sums = {group: kind() for group in self._groups}

    def add(self, batch: pa.RecordBatch) -> None:
        """Take in the next rows."""
        identity = [batch[DOC_ID]] if self._keyed else []
        for group, names in self._groups.items():
            columns = identity + [batch[name] for name in names]
            count_in(self._sums[group], columns, batch.num_rows)

    def hexdigests(self) -> dict[str, str]:
        """Column group -> digest."""
        return {group: total.hexdigest() for group, total in self._sums.items()}


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
