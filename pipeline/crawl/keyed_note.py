"""Columns of fixed width that are noted beside a window, under a seed, and found undamaged or not.

Keys that are made under a seed nobody else knows cannot be ground by those who write what is
remembered; see `line_keys`.
"""

import hashlib
import logging
from collections.abc import Sequence

import pyarrow as pa

from pipeline.crawl.key_places import values_of

SHA256, SEED, WORDS = b"sha256", b"seed", b"words"
log = logging.getLogger(__name__)


def noted(
    schema: pa.Schema, seed: bytes, columns: Sequence[bytes | bytearray], words: bytes = b""
) -> pa.Table:
    """A table of the values of each column, one after the other; and words beside them."""
    digest = _sha256(seed, words, *columns)
    told = schema.with_metadata({SEED: seed, WORDS: words, SHA256: digest})
    arrays = [_column(field.type, values) for field, values in zip(schema, columns, strict=True)]
    return pa.table(arrays, schema=told)


def undamaged(
    rows: pa.Table | None, schema: pa.Schema, name: str
) -> tuple[bytes, list[bytes], bytes]:
    """The seed, the values of each column, the words; nothing where that is not what was noted."""
    nothing = b"", [b""] * len(schema), b""
    if rows is None:
        return nothing
    if rows.schema.equals(schema):
        told = rows.schema.metadata or {}
        seed, words = told.get(SEED, b""), told.get(WORDS, b"")
        columns = [values_of(each).tobytes() for each in rows.columns]
        if seed and told.get(SHA256) == _sha256(seed, words, *columns):
            return seed, columns, words
    log.warning("The earlier window's %s are read again: what was noted of them is damaged", name)
    return nothing


def _column(kind: pa.DataType, values: bytes | bytearray) -> pa.Array:
    count = len(values) // kind.byte_width
    return pa.Array.from_buffers(kind, count, [None, pa.py_buffer(bytes(values))])


def _sha256(*parts: bytes | bytearray) -> bytes:
    """Of all of them and of how long each is."""
    found = hashlib.sha256(repr([len(part) for part in parts]).encode())
    for part in parts:
        found.update(part)
    return found.hexdigest().encode()
