"""Reading the tables of a store: every page's checksum is verified, every row counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import DamagedFile
from pipeline.storage.base import BATCH, merged
from pipeline.storage.files import Files
from pipeline.storage.parquet import create_parquet, open_parquet
from schemas.artifact import Table


class Tables:
    """The tables that lie in some files."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def batches(self, table: Table, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Rows, in order.

        Raises:
            DamagedFile: a file is not as it was written; rows before the damage have been given.
        """
        if table.base is None:
            return self._rows(table, columns)
        base = self._rows(table.base.table, columns)
        return merged(self._rows(table, columns), base, table.base.runs)

    def schema(self, table: Table, columns: Sequence[str] | None = None) -> pa.Schema:
        """The types of some columns, as far as there are such, or of all."""
        with self._open(table) as file:
            there = file.schema_arrow
            if columns is None:
                return there
            return pa.schema([there.field(name) for name in columns if name in there.names])

    def write_whole(self, table: Table, path: Path) -> None:
        """Write all rows into one Parquet file on this machine.

        Raises:
            DamagedFile: a file is not as it was written; nothing is left at `path`.
        """
        schema = self.schema(table)
        batches = self.batches(table, schema.names)
        first = list(islice(batches, 1))
        file = create_parquet(path, pa.Table.from_batches(first, schema))
        try:
            for batch in chain(first, batches):
                file.write_batch(batch)
            file.close()
        except BaseException:
            path.unlink()
            raise

    def _rows(self, table: Table, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The rows of a table's own file."""
        rows = 0
        with self._open(table) as file:
            try:
                # Threads share out columns, and one is most of a table: they cost up to half more.
                for batch in file.iter_batches(BATCH, columns=list(columns), use_threads=False):
                    rows += batch.num_rows
                    yield batch
            except (OSError, pa.ArrowException) as error:
                raise _damage(table, error) from error
        if rows != table.own_rows:
            raise _damage(table, ValueError(f"it gives {rows} rows of {table.own_rows}"))

    def _open(self, table: Table) -> pq.ParquetFile:
        try:
            return open_parquet(self._files.open(table.file.path), table.footer)
        except FileNotFoundError as error:
            raise _damage(table, ValueError("it is gone")) from error
        except (OSError, ValueError) as error:
            raise _damage(table, error) from error


def _damage(table: Table, error: Exception) -> DamagedFile:
    path = table.file.path  # shards/<stage>/...
    return DamagedFile(path, stage=path.split("/")[1], problem=str(error).splitlines()[0])
