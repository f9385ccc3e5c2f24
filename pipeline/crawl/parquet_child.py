"""The process that reads one Parquet file of a stranger; started by `parquet_process`.

A file of a few kilobytes can hold a page of two gigabytes, a dictionary whose one value fills a
million rows, or a footer that never ends, and nothing in it tells so before it is unpacked. Here
that costs this process its memory or its time, and nobody else anything. Nothing but Arrow is
loaded, so that no schema can name a type of another library that unpickles what it finds.

Rows go out as an Arrow stream of plain texts; a word on what went wrong, as JSON, on stderr.
"""

import errno
import json
import os
import re
import resource
import sys
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.without_pandas import use_arrow_without_pandas

FAILED, OUT_OF_MEMORY = 3, 77  # exit codes
MEBIBYTE = 1 << 20
MESSAGE_BYTES = 16 << 20  # about so many go out together
MOST_NAMES = 20  # told of a file's columns
MOST_GROUPS = 10_000  # whose ends are told; a file of more is read in one piece
ROW, SIZE = "row", "size"
UNDECODABLE = -1  # instead of a size
ENDS = b"ends"  # of row groups
UNREADABLE = "unreadable"  # said where the machine fails
OF_THE_FILE = (None, errno.EINVAL, errno.EOVERFLOW)  # of errors; these meet who follows bad offsets


def main() -> None:
    """Read the file that is asked for."""
    bounded(_read)


def _read(order: dict[str, Any]) -> None:
    with pq.ParquetFile(order["path"], page_checksum_verification=True) as table:
        _send(table, order)


def bounded(read: Callable[[dict[str, Any]], None]) -> None:
    """Do what is asked for on stdin, within its bounds of memory and time."""
    order = json.loads(sys.stdin.buffer.read())
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    use_arrow_without_pandas()
    _bound_memory(order["megabytes"])
    try:
        bound_time(order["seconds"])
        read(order)
    except (MemoryError, pa.ArrowMemoryError):
        os._exit(OUT_OF_MEMORY)
    except (OSError, UnicodeError, pa.ArrowException) as error:
        number = getattr(error, "errno", None)
        if number == errno.ENOMEM:
            os._exit(OUT_OF_MEMORY)
        if number not in OF_THE_FILE:
            _fail(UNREADABLE, problem=os.strerror(number))
        _fail("damaged", problem=str(error)[:500])


def _send(table: pq.ParquetFile, order: dict[str, Any]) -> None:
    names = _names(table.schema_arrow, order["columns"])
    fields = [(ROW, pa.int64()), (SIZE, pa.int64()), *((name, pa.large_string()) for name in names)]
    groups = [table.metadata.row_group(each).num_rows for each in range(table.num_row_groups)]
    ends = list(accumulate(groups))
    told = json.dumps(ends if len(ends) <= MOST_GROUPS else [])
    schema = pa.schema(fields, metadata={ENDS: told})
    with pa.ipc.new_stream(sys.stdout.buffer, schema) as out:
        sys.stdout.buffer.flush()
        for group, (rows, end) in enumerate(zip(groups, ends, strict=True)):
            if end <= order["start"]:
                continue
            for batch in _batches(table, group, names, end - rows, order):
                for piece in pieces(batch):
                    out.write_batch(piece)
                sys.stdout.buffer.flush()
                bound_time(order["seconds"])


def _batches(
    table: pq.ParquetFile, group: int, names: list[str], first: int, order: dict[str, Any]
) -> Iterator[pa.RecordBatch]:
    """The rows of one row group from `start` on; texts that are too long are null."""
    rows = table.metadata.row_group(group).num_rows
    number = first
    for batch in table.iter_batches(
        order["rows"], row_groups=[group], columns=names, use_threads=False
    ):
        numbers = pa.array(range(number, number + len(batch)), pa.int64())
        number += len(batch)
        texts = [batch[name].cast(pa.large_string()) for name in names]
        sizes = pa.array([0] * len(batch), pa.int64())
        for text in texts:
            sizes = pc.add(sizes, pc.fill_null(pc.binary_length(text), 0))
        if not all(map(_is_utf8, texts)):
            whole = [
                all(_is_utf8(text.slice(row, 1)) for text in texts) for row in range(len(batch))
            ]
            sizes = pc.if_else(pa.array(whole), sizes, UNDECODABLE)
        fits = pc.and_(pc.less_equal(sizes, order["most_bytes"]), pc.greater_equal(sizes, 0))
        kept = [pc.if_else(fits, text, pa.scalar(None, pa.large_string())) for text in texts]
        rows_out = pa.record_batch([numbers, sizes, *kept], names=[ROW, SIZE, *names])
        yield rows_out.filter(pc.greater_equal(numbers, order["start"]))
    if number != first + rows:
        _fail("damaged", problem=f"it says it has {rows:,} rows, and has {number - first:,}")


def _is_utf8(texts: pa.Array) -> bool:
    """Whether all texts are what Parquet says they are; nothing checks it when they are read."""
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The rows in messages that the other end can hold."""
    if batch.nbytes <= MESSAGE_BYTES or len(batch) < 2:
        yield batch
        return
    half = len(batch) // 2
    yield from pieces(batch.slice(0, half))
    yield from pieces(batch.slice(half))


def _names(schema: pa.Schema, wanted: list[str] | None) -> list[str]:
    """The columns to read; all that hold text, where none are asked for."""
    if wanted is None:
        return [field.name for field in schema if _is_text(field.type)]
    for name in wanted:
        if schema.get_field_index(name) < 0:
            _fail(
                "missing", column=name[:200], have=[each[:80] for each in schema.names[:MOST_NAMES]]
            )
        if not _is_text(schema.field(name).type):
            _fail("not_text", column=name[:200], type=_kind(schema.field(name).type))
    return wanted


def _kind(kind: pa.DataType) -> str:
    """A type without what the file calls its parts, which may be its text."""
    return re.split(r"[<\[]", str(kind))[0]


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)
    )


def _fail(kind: str, **words: Any) -> NoReturn:
    sys.stdout.buffer.flush()
    sys.stderr.write(json.dumps({"kind": kind, **words}) + "\n")
    sys.stderr.flush()
    os._exit(FAILED)


def _bound_memory(megabytes: int) -> None:
    """What is asked for beyond this fails, and with it the file."""
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if sys.platform == "linux" else 0
    most = pages * resource.getpagesize() + megabytes * MEBIBYTE
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def bound_time(seconds: int) -> None:
    """From now on so much processor time until the next rows are there, or the system ends it."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    until = int(spent.ru_utime + spent.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
