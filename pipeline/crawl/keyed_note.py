"""Columns of fixed width that are noted beside a window, under a seed, and found undamaged or not.

Keys that are made under a seed nobody else knows cannot be ground by those who write what is
remembered; see `line_keys`.
"""

import hashlib
import logging
from collections.abc import Sequence

import pyarrow as pa

from pipeline.crawl.key_places import values_of

SHA256, SEED = b"sha256", b"seed"
log = logging.getLogger(__name__)


def noted(schema: pa.Schema, seed: bytes, columns: Sequence[bytes | bytearray]) -> pa.Table:
    """A table of the values of each column, one after the other."""
    told = schema.with_metadata({SEED: seed, SHA256: _sha256(seed, columns)})
    arrays = [_column(field.type, values) for field, values in zip(schema, columns, strict=True)]
    return pa.table(arrays, schema=told)


def undamaged(rows: pa.Table | None, schema: pa.Schema) -> tuple[bytes, list[bytes]]:
    """The seed and the values of each column; nothing where that is not what was noted."""
    if rows is None:
        return b"", [b""] * len(schema)
    if rows.schema.equals(schema):
        told = rows.schema.metadata or {}
        seed, columns = told.get(SEED, b""), [values_of(each).tobytes() for each in rows.columns]
        if seed and told.get(SHA256) == _sha256(seed, columns):
            return seed, columns
    log.warning(
        "The earlier window's %s are read again: what was noted is damaged", schema.names[0]
    )
    return b"", [b""] * len(schema)


def _column(kind: pa.DataType, values: bytes | bytearray) -> pa.Array:
    count = len(values) // kind.byte_width
    return pa.Array.from_buffers(kind, count, [None, pa.py_buffer(bytes(values))])


def _sha256(seed: bytes, columns: Sequence[bytes | bytearray]) -> bytes:
    found = hashlib.sha256(seed)
    for values in columns:
        found.update(values)
    return found.hexdigest().encode()
