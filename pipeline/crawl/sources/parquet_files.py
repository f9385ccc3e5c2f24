"""Texts from Parquet files."""

from collections.abc import Iterator

from pydantic import Field

from pipeline.crawl.files import SourceFile, files_of, not_dated
from pipeline.crawl.parquet_child import UNDECODABLE
from pipeline.crawl.parquet_rows import Unread, rows_of
from pipeline.crawl.source import Found, Source, Visit
from pipeline.crawl.texts import Columns, Row, Rows, Spoilt, told


class ParquetFiles(Source):
    """Reads texts from Parquet files, one row a document.

    Fields:
        paths: files or patterns, `corpus/*.parquet`; `**` means folders at any depth,
            `{date}` a day: a window takes the files of days up to its own.
        columns: which columns say what. `text` must be there; `url` names each page where it is
            given, else a page is called `file.parquet#row`, counted from 0; `title` and
            `language` (BCP 47) may be given.
        most_bytes: of one row's texts, unpacked.

    A larger row than `most_bytes` is quarantined, and so is what no process can read that has half
    a gigabyte of memory for it, and a file that is damaged or has not these columns. The others go
    on.

    Of several rows with one address the first is read, and the others go to the ledger.
    """

    paths: tuple[str, ...] = Field(min_length=1)
    columns: Columns = Columns()
    most_bytes: int = Field(default=10 << 20, gt=0)

    def cannot_look_back(self) -> str:
        """Not unless their names have a day."""
        return not_dated(self.paths)

    def visit(self, visit: Visit) -> Iterator[Found]:
        """Read every file once."""
        rows = ((file, self._rows(file)) for file in files_of(self.paths, visit.window))
        return told(
            list(rows), self.columns, visit, source="parquet", paths=self.paths, called="column"
        )

    def _rows(self, file: SourceFile) -> Rows:
        for row in rows_of(file.path, self.columns.named(), most_bytes=self.most_bytes):
            if isinstance(row, Unread):
                detail = f"{file.name}, rows up to {row.stop or 'the last one'}: {row.problem}"
                yield Spoilt(row.first, row.reason, detail, many=True, environmental=True)
            elif row.size == UNDECODABLE:
                detail = f"{file.name}, row {row.number}: a text in it is no UTF-8"
                yield Spoilt(row.number, "undecodable", detail)
            elif row.values is None:
                size = f"it has {row.size:,} bytes; {self.most_bytes:,} are allowed"
                detail = f"{file.name}, row {row.number}: {size}"
                yield Spoilt(row.number, "too_many_bytes", detail, row.size)
            else:
                yield Row(row.number, row.values, row.size)
