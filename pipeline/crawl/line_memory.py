"""Which page each line of the earlier window was: a line that is met again need not be read.

Reading a line means to parse it and to hash what it says. A line that is byte for byte one that
the same code read before, configured alike, says the same: its hash is enough. Lines are
remembered from window to window, never across a change of code.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.crawl.errors import BadSourceFile
from pipeline.crawl.key_places import KEY, Array, KeyPlaces
from pipeline.crawl.source import Known, Noted, Unchanged, Visit

NAME, SHA256 = "lines", b"sha256"
TOGETHER, MOST_BYTES = 256, 1 << 19  # lines that are looked up at once, and their bytes
log = logging.getLogger(__name__)
LINES = pa.schema([("line", pa.binary(KEY)), ("doc_id", pa.binary(KEY))])


class Met(NamedTuple):
    """Lines that the earlier window had, and the pages that they are."""

    number: int  # of the first, from 0
    sizes: Sequence[int]  # bytes
    pages: Unchanged

    @property
    def size(self) -> int:
        """Bytes of all."""
        return sum(self.sizes)

    def parted(self, room: int) -> tuple[Met, Met]:
        """The first of them, which have so many bytes at most, and the others."""
        count = sum(total <= room for total in accumulate(self.sizes))
        urls, doc_ids = self.pages
        return (
            Met(self.number, self.sizes[:count], Unchanged(urls[:count], doc_ids[:count])),
            Met(self.number + count, self.sizes[count:], Unchanged(urls[count:], doc_ids[count:])),
        )


class New(NamedTuple):
    """A line that is not known."""

    number: int  # from 0
    line: bytes
    key: bytes  # its hash


class LineMemory:
    """The lines of the earlier window, and those of this one."""

    def __init__(self, visit: Visit) -> None:
        self._earlier = _Earlier(visit.noted(NAME), visit.earlier)
        self._lines, self._ids = bytearray(), bytearray()

    def told_apart(self, lines: Iterable[bytes]) -> Iterator[Met | New]:
        """Lines in their order, those that are known many at a time.

        Nothing is read beyond a line without an end before that line is told, so its rest can be
        read. What was read is told also where reading on fails.
        """
        number = 0
        for batch in _batches(lines):
            keys = b"".join([hashlib.sha256(line).digest()[:KEY] for line in batch])
            pages = self._earlier.pages(keys)
            for first, stop in _stretches(pages >= 0):
                some = keys[KEY * first : KEY * stop]
                if pages[first] >= 0:
                    sizes = [len(line) for line in batch[first:stop]]
                    found = self._earlier.told(pages[first:stop])
                    self.add(some, b"".join(found.doc_ids))
                    yield Met(number + first, sizes, found)
                    continue
                for at in range(first, stop):
                    yield New(number + at, batch[at], keys[KEY * at : KEY * at + KEY])
            number += len(batch)

    def add(self, key: bytes, doc_id: bytes) -> None:
        """Remember which document a line is, by its hash; or several lines."""
        self._lines += key
        self._ids += doc_id

    def noted(self) -> Iterator[Noted]:
        """All that were met, if any were."""
        if not self._lines:
            return
        columns = [_column(self._lines), _column(self._ids)]
        told = LINES.with_metadata({SHA256: _sha256(self._lines, self._ids)})
        yield Noted(NAME, pa.table(columns, schema=told))


class _Earlier:
    """The lines that the earlier window noted, and their pages."""

    def __init__(self, noted: pa.Table | None, earlier: Mapping[str, Known]) -> None:
        lines, ids = _undamaged(noted) if noted else (b"", b"")
        self._urls = list(earlier) if lines else []
        self._doc_ids = [earlier[url].doc_id for url in self._urls]
        self._lines = KeyPlaces(lines)
        # Of each line the page; -1 where the newest window has another one at its address.
        self._pages = KeyPlaces(b"".join(self._doc_ids)).of(ids)

    def pages(self, keys: bytes) -> Array:
        """The number of the page that each of some lines is, (n,); -1 where it is not known."""
        at = self._lines.of(keys)
        return np.where(at >= 0, self._pages[at], -1) if len(self._pages) else at

    def told(self, pages: Array) -> Unchanged:
        """Pages by their numbers."""
        chosen = pages.tolist()
        return Unchanged([self._urls[at] for at in chosen], [self._doc_ids[at] for at in chosen])


def _batches(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    try:
        for line in lines:
            batch.append(line)
            size += len(line)
            if len(batch) == TOGETHER or size > MOST_BYTES or line[-1:] != b"\n":
                yield batch
                batch, size = [], 0
    except BadSourceFile:
        yield batch
        raise
    yield batch


def _stretches(known: Array) -> Iterator[tuple[int, int]]:
    """The first and the last but one of each run of lines that are all known, or all new."""
    if len(known):
        bounds = [0, *(np.flatnonzero(np.diff(known)) + 1).tolist(), len(known)]
        yield from pairwise(bounds)


def _column(values: bytearray) -> pa.Array:
    count = len(values) // KEY
    return pa.Array.from_buffers(pa.binary(KEY), count, [None, pa.py_buffer(bytes(values))])


def _undamaged(noted: pa.Table) -> tuple[bytes, bytes]:
    """The lines and the documents that were noted; none where that is not what was noted."""
    if noted.schema.equals(LINES):
        lines, ids = map(_content, noted.columns)
        if (noted.schema.metadata or {}).get(SHA256) == _sha256(lines, ids):
            return lines, ids
    log.warning("The lines of the earlier window are read again: what was noted of them is damaged")
    return b"", b""


def _sha256(lines: bytes | bytearray, ids: bytes | bytearray) -> bytes:
    found = hashlib.sha256(lines)
    found.update(ids)
    return found.hexdigest().encode()


def _content(column: pa.ChunkedArray) -> bytes:
    """The values of a column, one after the other."""
    return b"".join(
        chunk.buffers()[1][KEY * chunk.offset : KEY * (chunk.offset + len(chunk))].to_pybytes()
        for chunk in column.chunks
    )
