"""Parquet files of which no damage is read as if it were data.

Page checksums cover the pages. The footer, which says where they lie and what their columns are
called, has none: some of its single-bit flips are read as other names, other types or fewer rows.
Its hash therefore stands in the receipt.
"""

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_FEWEST, _LOOKED_AT = 64, 1024  # rows that tell whether the values of a column differ
_TAIL = 8  # bytes: the footer's length, and "PAR1"
_LARGE = 2**26  # bytes of a file; of a smaller one all that will be read is fetched, and held
_AHEAD = 2**22  # bytes of a column of a large file that are fetched at once


def create_parquet(path: Path, first: pa.Table) -> pq.ParquetWriter:
    """A table to write into; its first rows, which are not written, tell how: see `encoding_of`."""
    return pq.ParquetWriter(path, first.schema, **encoding_of(first))


def encoding_of(first: pa.Table) -> dict[str, Any]:
    """How a table is written, as Arrow's settings: with page checksums.

    Columns of which few values are the same, as texts, ids and most numbers, get no dictionary:
    one of them costs up to twice the time to write and three times that to read. Ids, hashes and
    signatures are not compressed: they would become a tenth smaller, and take four times as long.

    Args:
        first: the first rows, which tell that.
    """
    seen = first.slice(0, _LOOKED_AT)
    repeated: list[str] = []
    compression: dict[str, str] = {}
    for field, values in zip(first.schema, seen.columns, strict=True):
        leaves = [*_leaves(field)]
        repeated += [] if _differ(values) else leaves
        compression |= dict.fromkeys(leaves, "none" if _is_hash(field.type) else "zstd")
    return {
        "compression": compression,
        "use_dictionary": repeated,
        "write_page_checksum": True,
    }


def _is_hash(kind: pa.DataType) -> bool:
    return bool(pa.types.is_fixed_size_binary(kind) or pa.types.is_binary(kind))


def _differ(values: pa.ChunkedArray) -> bool:
    """Whether most values of a column differ; of nested ones nobody looks."""
    kind = values.type
    if _is_hash(kind):
        return True
    if pa.types.is_nested(kind) or pa.types.is_null(kind) or len(values) < _FEWEST:
        return False
    return bool(2 * pc.count_distinct(values, mode="only_valid").as_py() > len(values))


def _leaves(field: pa.Field, above: str = "") -> Iterator[str]:
    """The columns that Parquet makes of one, by their paths."""
    path, kind = f"{above}{field.name}", field.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from _leaves(kind.value_field.with_name("element"), f"{path}.list.")
    elif pa.types.is_struct(kind):
        for child in kind:
            yield from _leaves(child, f"{path}.")
    else:
        yield path


def footer_sha256(file: BinaryIO) -> str:
    """The hash of a Parquet file's footer.

    Raises:
        ValueError: the end of the file is not that of a Parquet file.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL))
    tail = file.read(_TAIL)
    length = int.from_bytes(tail[:4], "little") + _TAIL
    if tail[4:] != b"PAR1" or length > size:
        msg = "it does not end as a Parquet file does"
        raise ValueError(msg)
    file.seek(size - length)
    return hashlib.sha256(file.read(length)).hexdigest()


def open_parquet(file: BinaryIO, footer: str) -> pq.ParquetFile:
    """A table to read from; its footer is as it was, and its pages' checksums are verified.

    Raises:
        ValueError: the footer is not the one that was written.
    """
    if footer_sha256(file) != footer:
        msg = "its footer is not the one that was written"
        raise ValueError(msg)
    near = isinstance(file, io.FileIO | io.BufferedReader)  # far away each read is a request
    large = near and file.seek(0, os.SEEK_END) > _LARGE
    file.seek(0)
    try:
        return pq.ParquetFile(
            file,
            page_checksum_verification=True,
            pre_buffer=not large,
            buffer_size=_AHEAD if large else 0,
        )
    except pa.ArrowException as error:
        raise ValueError(str(error)) from error
