"""Texts from Parquet files."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field

from pipeline.crawl.errors import BadSourceFile, DamagedSource
from pipeline.crawl.files import SourceFile, files_of, not_dated
from pipeline.crawl.source import Found, Source, Visit
from pipeline.crawl.texts import Columns, Row, told

BATCH_ROWS = 1024


class ParquetFiles(Source):
    """Reads texts from Parquet files, one row a document.

    Fields:
        paths: files or patterns, `corpus/*.parquet`; `**` means folders at any depth,
            `{date}` a day: a window takes the files of days up to its own.
        columns: which columns say what. `text` must be there; `url` names each page where it is
            given, else a page is called `file.parquet#row`, counted from 0; `title` and
            `language` (BCP 47) may be given.

    Of several rows with one address the first is read, and the others go to the ledger.
    """

    paths: tuple[str, ...] = Field(min_length=1)
    columns: Columns = Columns()

    def cannot_look_back(self) -> str:
        """Not unless their names have a day."""
        return not_dated(self.paths)

    def visit(self, visit: Visit) -> Iterator[Found]:
        """Read every file once."""
        rows = ((file, self._rows(file)) for file in files_of(self.paths, visit.window))
        return told(
            list(rows), self.columns, visit, source="parquet", paths=self.paths, called="column"
        )

    def _rows(self, file: SourceFile) -> Iterator[Row]:
        number = 0
        try:
            with pq.ParquetFile(file.path, page_checksum_verification=True) as table:
                self._check(file, table.schema_arrow)
                for batch in table.iter_batches(BATCH_ROWS, columns=list(self.columns.named())):
                    for values in batch.to_pylist():
                        yield Row(number, f"{file.path}, row {number}", values)
                        number += 1
        except (OSError, pa.ArrowException) as error:
            place = f"{file.path}, after row {number}"
            raise DamagedSource(
                place,
                problem=f"it cannot be read: {error}",
                remedy="Fetch the file again, or take it out of the recipe.",
            ) from error

    def _check(self, file: SourceFile, schema: pa.Schema) -> None:
        missing = [name for name in self.columns.named() if name not in schema.names]
        if missing:
            raise BadSourceFile(
                str(file.path),
                problem=f"it has no column {missing[0]!r}, only {', '.join(schema.names)}",
                remedy='Name the right columns in the recipe: columns = {text = "..."}.',
            )
