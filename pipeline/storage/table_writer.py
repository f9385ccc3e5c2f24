"""Writing one Parquet table of a shard, with its digests and the documents it names."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import BadStage, WrongSchema
from pipeline.storage.census import Roll
from pipeline.storage.parquet import create_parquet
from pipeline.storage.table_digest import TableDigest, batches_of, long_groups
from schemas.column import is_ordered

ROW_GROUP_BYTES = 32 * 2**20  # texts are long: row groups are bounded by bytes, not by rows


def _hashed(schema: pa.Schema) -> bool:
    return bool(long_groups(schema)) and not is_ordered(schema)


class TableWriter:
    """Streams record batches into a Parquet file with page checksums."""

    def __init__(
        self,
        stage: str,
        table: str,
        schema: pa.Schema,
        path: Path,
        roll: Roll | None = None,
        *,
        lasting: bool = False,
    ) -> None:
        """Begin a table.

        Args:
            stage: whose it is.
            table: its name.
            schema: its columns.
            path: where its file is written.
            roll: notes whose rows these are; of a stage's main table.
            lasting: later tables may stand on this one, so hashes of its rows are kept too.

        Raises:
            BadStage: it is the main table and ordered, so no sum tells which documents it has.
        """
        if roll and is_ordered(schema):
            msg = (
                f"{stage} orders its main table {table!r}, but documents are counted by sums of "
                f"their rows' hashes, which know no order.\nDeclare it without `ordered`."
            )
            raise BadStage(msg)
        self.path, self.roll = path, roll
        self.hashes = path.with_suffix(".hashes") if lasting and _hashed(schema) else None
        self.schema = schema
        self.rows = 0
        self._hashes = self.hashes.open("wb") if self.hashes else None
        self.digest = TableDigest(schema, self._hashes)
        self._stage, self._table = stage, table
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_bytes = 0
        self._file: pq.ParquetWriter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._flush()
        finally:
            for file in filter(None, (self._file, self._hashes)):
                file.close()

    def write(self, rows: pa.RecordBatch | pa.Table) -> None:
        """Append rows; their columns may come in any order."""
        try:
            for batch in batches_of(rows, self.schema):
                self.digest.add(batch)
                if self.roll:
                    self.roll.add(batch)
                self.rows += batch.num_rows
                self._waiting.append(batch)
                self._waiting_bytes += batch.nbytes
        except (ValueError, pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise WrongSchema(self._stage, self._table, difference=str(error)) from error
        if self._waiting_bytes > ROW_GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        rows = pa.Table.from_batches(self._waiting, self.schema)
        if not self._file:
            self._file = create_parquet(self.path, rows)
        if self._waiting:
            self._file.write_table(rows)
        self._waiting, self._waiting_bytes = [], 0
