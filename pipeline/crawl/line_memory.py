"""Which page each line of the earlier window was: a line that is met again need not be read.

Reading a line means to parse it and to hash what it says. A line that is byte for byte one that
the same code read before, configured alike, says the same: its hash is enough. Lines are
remembered from window to window, never across a change of code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pyarrow as pa

from pipeline.crawl.source import Known, Noted, Unchanged, Visit

NAME = "lines"
HASH, DOC_ID = 16, 16  # bytes
LINES = pa.schema([("line", pa.binary(HASH)), ("doc_id", pa.binary(DOC_ID))])


class Met(NamedTuple):
    """A line that the earlier window had, and the page that it is."""

    number: int  # from 0
    size: int  # bytes
    page: Unchanged


class LineMemory:
    """The lines of the earlier window, and those of this one."""

    def __init__(self, visit: Visit) -> None:
        self._pages = _pages(visit.noted(NAME), visit.earlier)
        self._lines, self._ids = bytearray(), bytearray()

    def find(self, line: bytes) -> tuple[bytes, Unchanged | None]:
        """The hash of a line, and the page that it still is; what is found counts as met."""
        key = hashlib.sha256(line).digest()[:HASH]
        page = self._pages.get(key)
        if page is not None:
            self.add(key, page.doc_id)
        return key, page

    def add(self, key: bytes, doc_id: bytes) -> None:
        """Remember which document a line is, by its hash."""
        self._lines += key
        self._ids += doc_id

    def noted(self) -> Iterator[Noted]:
        """All that were met, if any were."""
        if not self._lines:
            return
        columns = [_column(self._lines, HASH), _column(self._ids, DOC_ID)]
        yield Noted(NAME, pa.table(columns, schema=LINES))


def _pages(noted: pa.Table | None, earlier: Mapping[str, Known]) -> dict[bytes, Unchanged]:
    """The hash of a line -> its page, if that is what the newest window has at its address."""
    if noted is None:
        return {}
    pages = {known.doc_id: Unchanged(url, known.doc_id) for url, known in earlier.items()}
    lines = zip(noted["line"].to_pylist(), noted["doc_id"].to_pylist(), strict=True)
    return {key: page for key, doc_id in lines if (page := pages.get(doc_id))}


def _column(values: bytearray, width: int) -> pa.Array:
    count = len(values) // width
    return pa.Array.from_buffers(pa.binary(width), count, [None, pa.py_buffer(bytes(values))])
