"""Rows of a columnar index of archives, whatever the file holds: see `parquet_process`."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.crawl.errors import BadSourceFile
from pipeline.crawl.parquet_process import ParquetProcess

CHILD = "pipeline.crawl.index_child"
REMEDY = "Name Parquet files of a columnar index; see `penstock blocks warc_index` for the columns."
Row = tuple[str, str, int, int]  # address of a page, file, offset and length of its record


def rows_of_index(
    path: Path, *, domains: Sequence[str], languages: Sequence[str]
) -> Generator[Row, None, None]:
    """The rows of successful fetches, in order, as they are asked for.

    Args:
        path: the file.
        domains: registered domains to take; all where none is named.
        languages: main languages to take, as the index calls them; likewise.

    Raises:
        BadSourceFile: the file is no index, is damaged, or takes more than a process may have.
        UnreadableFile: this machine cannot read it.
    """
    order = {"path": str(path), "domains": list(domains), "languages": list(languages)}
    process = ParquetProcess(CHILD, order, partial(_error, path=path))
    with closing(process.batches()) as batches:
        for batch in batches:
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
    if process.reason:
        raise _error({"problem": f"its rows cannot be held: {process.problem}"}, path=path)


def _error(said: dict[str, Any], *, path: Path) -> BadSourceFile:
    """What the process said of the file."""
    problem = f"it cannot be read as an index: {said['problem']}"
    return BadSourceFile(str(path), problem=problem, remedy=REMEDY)
