"""Rows of text out of Parquet files of strangers, whatever they hold.

Each file is read in a process of its own that may take a bounded memory and time. Where that ends
over a batch of rows, they are tried once more one by one; what still cannot be read is told as
refused, up to the end of its row group, and the next row group goes on.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline.crawl.errors import BadSourceFile, DamagedSource
from pipeline.crawl.parquet_child import ENDS, FAILED, OUT_OF_MEMORY, ROW, SIZE

BATCH_ROWS = 1024
MEGABYTES = 512  # that the process may take on top of its start
SECONDS = 10  # of processor time until the next rows are there
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
        BadSourceFile: a column is missing, or holds no text.
        DamagedSource: the file cannot be read, or is not what it says.
    """
    order = {"path": str(path), "columns": columns and list(columns), "most_bytes": most_bytes}
    order |= {"megabytes": MEGABYTES, "seconds": SECONDS}
    start, rows, deaths = 0, BATCH_ROWS, 0
    while True:
        reader = _Reader(order | {"start": start, "rows": rows}, path)
        for row in reader.rows():
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


class _Reader:
    """One process over one file, from a row on."""

    def __init__(self, order: dict[str, Any], path: Path) -> None:
        self.reason: str | None = None  # why it ended early
        self.problem = ""
        self.ends: list[int] = []  # of the row groups: the row after the last one
        self._order, self._path = order, path

    def rows(self) -> Iterator[Row]:
        """The rows that it can read."""
        process = self._started()
        broken: Exception | None = None
        try:
            yield from self._received(process)
        except (OSError, pa.ArrowException) as error:  # its exit code says how it ended
            broken = error
        except GeneratorExit:
            process.kill()
            raise
        finally:
            said = process.communicate()[1]
        if process.returncode:
            self._judge(process.returncode, said)
        elif broken:
            raise broken

    def _received(self, process: subprocess.Popen[bytes]) -> Iterator[Row]:
        assert process.stdout is not None
        with pa.ipc.open_stream(process.stdout) as stream:
            self.ends = json.loads((stream.schema.metadata or {}).get(ENDS, b"[]"))
            for batch in stream:
                yield from _rows(batch, self._order["most_bytes"])

    def _started(self) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(part or str(Path.cwd()) for part in sys.path)
        return subprocess.Popen(
            (sys.executable, "-P", "-m", "pipeline.crawl.parquet_child", json.dumps(self._order)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # Arrow's own allocators reserve more address space than the process may have.
            env={**os.environ, "PYTHONPATH": path, "ARROW_DEFAULT_MEMORY_POOL": "system"},
        )

    def _judge(self, code: int, said: bytes) -> None:
        if code == FAILED:
            raise _error(json.loads(said.splitlines()[-1]), self._path)
        if code == OUT_OF_MEMORY:
            self.reason, self.problem = "killed_by_memory", f"they take more than {MEGABYTES} MB"
        elif code == -signal.SIGXCPU:
            self.reason, self.problem = "killed_by_time", f"they take more than {SECONDS} s"
        else:
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            self.reason, self.problem = "crashed", f"their reader ended with {how}"


def _rows(batch: pa.RecordBatch, most_bytes: int) -> Iterator[Row]:
    names = [name for name in batch.schema.names if name not in (ROW, SIZE)]
    for number, size, *texts in zip(*(column.to_pylist() for column in batch.columns), strict=True):
        fits = 0 <= size <= most_bytes
        yield Row(number, dict(zip(names, texts, strict=True)) if fits else None, size)


def _error(said: dict[str, Any], path: Path) -> BadSourceFile:
    """What the process said of the file."""
    if said["kind"] == "missing":
        return BadSourceFile(
            str(path),
            problem=f"it has no column {said['column']!r}, only {', '.join(said['have'])}",
            remedy='Name the right columns in the recipe: columns = {text = "..."}.',
        )
    if said["kind"] == "not_text":
        return BadSourceFile(
            str(path),
            problem=f"its column {said['column']!r} holds {said['type']}, not text",
            remedy="Name a column of text in the recipe, or mend the file.",
        )
    return DamagedSource(
        str(path),
        problem=f"it cannot be read: {said['problem']}",
        remedy="Fetch the file again, or take it out of the recipe.",
    )
