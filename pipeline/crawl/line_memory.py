"""Which page each line of the earlier window was: a line that is met again need not be read.

Reading a line means to parse it and to hash what it says. A line that is byte for byte one that
the same code read before, configured alike, says the same: its hash is enough. Lines are
remembered from window to window, never across a change of code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import pyarrow as pa

from pipeline.crawl.errors import BadSourceFile
from pipeline.crawl.source import Known, Noted, Unchanged, Visit

NAME = "lines"
HASH, DOC_ID = 16, 16  # bytes
TOGETHER = 1000  # pages
LINES = pa.schema([("line", pa.binary(HASH)), ("doc_id", pa.binary(DOC_ID))])


class Met(NamedTuple):
    """Lines that the earlier window had, and the pages that they are."""

    number: int  # of the first, from 0
    size: int  # bytes
    pages: Unchanged


class New(NamedTuple):
    """A line that is not known."""

    number: int  # from 0
    line: bytes
    key: bytes  # its hash


class LineMemory:
    """The lines of the earlier window, and those of this one."""

    def __init__(self, visit: Visit) -> None:
        self._pages = _pages(visit.noted(NAME), visit.earlier)
        self._lines, self._ids = bytearray(), bytearray()

    def told_apart(self, lines: Iterable[bytes]) -> Iterator[Met | New]:
        """Lines in their order, those that are known many at a time.

        What is known is told also where reading on fails.
        """
        find, sha256 = self._pages.get, hashlib.sha256
        met: list[tuple[str, bytes]] = []
        number = size = 0
        try:
            for number, line in enumerate(lines):
                key = sha256(line).digest()[:HASH]
                page = find(key)
                if page:
                    met.append(page)
                    self._lines += key
                    size += len(line)
                    if len(met) < TOGETHER:
                        continue
                yield from self._met(met, number - len(met) + (page is not None), size)
                met, size = [], 0
                if not page:
                    yield New(number, line, key)
        except BadSourceFile:
            yield from self._met(met, number + 1 - len(met), size)
            raise
        yield from self._met(met, number + 1 - len(met), size)

    def _met(self, pages: list[tuple[str, bytes]], number: int, size: int) -> Iterator[Met]:
        if pages:
            urls, doc_ids = zip(*pages, strict=True)
            self._ids += b"".join(doc_ids)
            yield Met(number, size, Unchanged(urls, doc_ids))

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


def _pages(
    noted: pa.Table | None, earlier: Mapping[str, Known]
) -> dict[bytes, tuple[str, bytes] | None]:
    """The hash of a line -> its page, if that is what the newest window has at its address."""
    if noted is None:
        return {}
    ids = [known.doc_id for known in earlier.values()]
    pages = dict(zip(ids, zip(earlier, ids, strict=True), strict=True))
    return dict(
        zip(noted["line"].to_pylist(), map(pages.get, noted["doc_id"].to_pylist()), strict=True)
    )


def _column(values: bytearray, width: int) -> pa.Array:
    count = len(values) // width
    return pa.Array.from_buffers(pa.binary(width), count, [None, pa.py_buffer(bytes(values))])
