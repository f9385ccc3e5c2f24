"""Rows of text out of Parquet files of strangers, whatever they hold.

Each file is read in a process of its own that may take a bounded memory and time. Where that ends
over a batch of rows, they are tried once more one by one; what still cannot be read is told as
refused, up to the end of its row group, and the next row group goes on.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline.crawl.errors import BadSourceFile, DamagedSource, NoSuchColumn, NotText
from pipeline.crawl.parquet_child import ROW, SIZE
from pipeline.crawl.parquet_process import ParquetProcess

BATCH_ROWS = 1024
CHILD = "pipeline.crawl.parquet_child"
MOST_DEATHS = 16  # of one file; then the rest of it is refused


class Row(NamedTuple):
    """One row of a file."""

    number: int  # from 0
    values: dict[str, str | None] | None  # None where they are too large together, or no UTF-8
    size: int  # bytes of its texts; UNDECODABLE where one of them is no UTF-8


class Unread(NamedTuple):
    """Rows that no process could read."""

    first: int
    stop: int | None  # the row after the last; None for the rest of the file
    reason: str  # a slug
    problem: str  # a sentence


def rows_of(
    path: Path, columns: Sequence[str] | None, *, most_bytes: int
) -> Generator[Row | Unread, None, None]:
    """The rows of a file, in order.

    Args:
        path: the file.
        columns: those to read, which hold text; None for all that do.
        most_bytes: of one row; the texts of a larger one are not handed out.

    Raises:
        NoSuchColumn, NotText: a column is missing, or holds no text.
        DamagedSource: the file cannot be read, or is not what it says.
        UnreadableFile: this machine cannot read it.
    """
    order = {"path": str(path), "columns": columns and list(columns), "most_bytes": most_bytes}
    error = partial(_error, path=path)
    start, rows, deaths = 0, BATCH_ROWS, 0
    while True:
        reader = ParquetProcess(CHILD, order | {"start": start, "rows": rows}, error)
        with closing(reader.batches()) as batches:
            for row in (row for batch in batches for row in _rows(batch, most_bytes)):
                yield row
                start = row.number + 1
        if reader.reason is None:
            return
        deaths += 1
        if rows > 1 and deaths < MOST_DEATHS:
            rows = 1
            continue
        ends = () if deaths >= MOST_DEATHS else reader.ends
        stop = next((end for end in ends if end > start), None)
        yield Unread(start, stop, reader.reason, reader.problem)
        if stop is None:
            return
        start, rows = stop, BATCH_ROWS


def _rows(batch: pa.RecordBatch, most_bytes: int) -> Iterator[Row]:
    names = [name for name in batch.schema.names if name not in (ROW, SIZE)]
    for number, size, *texts in zip(*(column.to_pylist() for column in batch.columns), strict=True):
        fits = 0 <= size <= most_bytes
        yield Row(number, dict(zip(names, texts, strict=True)) if fits else None, size)


def _error(said: dict[str, Any], path: Path) -> BadSourceFile:
    """What the process said of the file."""
    if said["kind"] == "missing":
        return NoSuchColumn(str(path), said["column"], have=said["have"], lacks="it has no column")
    if said["kind"] == "not_text":
        return NotText(
            str(path),
            problem=f"its column {said['column']!r} holds {said['type']}, not text",
            remedy="Name a column of text in the recipe, or mend the file.",
        )
    return DamagedSource(
        str(path),
        problem=f"it cannot be read: {said['problem']}",
        remedy="Fetch the file again, or take it out of the recipe.",
    )
