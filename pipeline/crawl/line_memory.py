"""Which page each line of the earlier window was: a line that is met again need not be read.

Reading a line means to parse it and to hash what it says. A line that is byte for byte one that
the same code read before, configured alike, says the same: its key is enough. Lines are
remembered from window to window, never across a change of code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.crawl.earlier import Earlier
from pipeline.crawl.key_places import KEY, Array, KeyPlaces
from pipeline.crawl.keyed_note import noted, undamaged
from pipeline.crawl.line_keys import LineKeys
from pipeline.crawl.line_reader import Lines, TooLong
from pipeline.crawl.source import Noted, Unchanged, Visit

NAME = "lines"
LINES = pa.schema([("line", pa.binary(KEY)), ("doc_id", pa.binary(KEY))])


class Met(NamedTuple):
    """Lines that the earlier window had, and the pages that they are."""

    number: int  # of the first, from 0
    sizes: Array  # bytes, (n,) int64
    pages: Unchanged

    @property
    def size(self) -> int:
        """Bytes of all."""
        return int(self.sizes.sum())

    def parted(self, room: int) -> tuple[Met, Met]:
        """The first of them, which have so many bytes at most, and the others."""
        count = int(np.searchsorted(np.cumsum(self.sizes), room, side="right"))
        (numbers,) = self.pages
        return (
            Met(self.number, self.sizes[:count], Unchanged(numbers[:count])),
            Met(self.number + count, self.sizes[count:], Unchanged(numbers[count:])),
        )


class New(NamedTuple):
    """A line that is not known."""

    number: int  # from 0
    line: bytes
    key: bytes


class Long(NamedTuple):
    """A line that is too long to be read."""

    number: int  # from 0
    size: int  # bytes
    endless: bool  # see `line_reader.TooLong`


class LineMemory:
    """The lines of the earlier window, and those of this one."""

    def __init__(self, visit: Visit) -> None:
        self._earlier = _Noted(visit.noted(NAME), visit.earlier)
        self._keys = LineKeys(self._earlier.seed)
        self._lines, self._ids = bytearray(), bytearray()

    def told_apart(self, batches: Iterable[Lines | TooLong]) -> Iterator[Met | New | Long]:
        """Lines in their order, those that are known many at a time."""
        number = 0
        for batch in batches:
            if isinstance(batch, TooLong):
                yield Long(number, *batch)
                number += 1
            else:
                yield from self._told_apart(batch, number)
                number += len(batch.ends)

    def _told_apart(self, batch: Lines, number: int) -> Iterator[Met | New]:
        keys, sizes = self._keys.of(*batch), np.diff(batch.ends, prepend=0)
        pages = self._earlier.pages(keys)
        for first, stop in _stretches(pages >= 0):
            if pages[first] >= 0:
                met = pages[first:stop]
                self.add(keys[KEY * first : KEY * stop], self._earlier.doc_ids(met))
                yield Met(number + first, sizes[first:stop], Unchanged(met))
                continue
            for at in range(first, stop):
                yield New(number + at, batch.line(at), keys[KEY * at : KEY * at + KEY])

    def add(self, key: bytes, doc_id: bytes) -> None:
        """Remember which document a line is, by its key; or several lines."""
        self._lines += key
        self._ids += doc_id

    def noted(self) -> Iterator[Noted]:
        """All that were met, if any were."""
        if not self._lines:
            return
        yield Noted(NAME, noted(LINES, self._keys.seed, [self._lines, self._ids]))


class _Noted:
    """The lines that the earlier window noted, and their pages."""

    def __init__(self, rows: pa.Table | None, earlier: Earlier) -> None:
        self.seed, (lines, ids), _ = undamaged(rows, LINES, NAME)
        self._earlier = earlier
        self._lines = KeyPlaces(lines)
        # Of each line the page; -1 where the newest window has another one at its address.
        self._pages = earlier.documents.of(ids)

    def pages(self, keys: bytes) -> Array:
        """The number of the page that each of some lines is, (n,); -1 where it is not known."""
        at = self._lines.of(keys)
        return np.where(at >= 0, self._pages[at], -1) if len(self._pages) else at

    def doc_ids(self, pages: Array) -> bytes:
        """The documents of pages, by their numbers, one after the other."""
        return self._earlier.doc_ids[pages].tobytes()


def _stretches(known: Array) -> Iterator[tuple[int, int]]:
    """The first of each run of lines that are all known, or all new, and the one behind it."""
    yield from pairwise([0, *(np.flatnonzero(np.diff(known)) + 1).tolist(), len(known)])
