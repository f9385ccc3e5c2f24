"""An object as a file that can be read from any place: by ranges, with a little read ahead."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import obstore

from pipeline.storage.errors import Refused
from pipeline.storage.object_calls import Calls, ShortAnswer
from pipeline.storage.range_reader import RangeReader

if TYPE_CHECKING:
    from obstore.store import ObjectStore

BLOCK = 2**20  # bytes of one request, at least: a small file comes whole
KEPT = 3  # blocks: Parquet is read at its end, at its beginning, and where its columns lie


class ObjectReader(RangeReader):
    """An object to read. It must be one that never changes, as all files of versions are."""

    def __init__(self, calls: Calls, path: str) -> None:
        self._calls, self._path = calls, path
        size, first = calls(self._begin, path)
        super().__init__(size)
        self._blocks: list[tuple[int, bytes]] = [(0, first)]

    def _here(self, stop: int) -> bytes:
        """Some bytes from the present place on, at most to `stop`."""
        for start, block in self._blocks:
            if start <= self._place < start + len(block):
                return block[self._place - start : stop - start]
        start = self._place
        end = min(self._size, max(stop, start + BLOCK))
        block = self._calls(lambda client: self._range(client, start, end), self._path)
        if len(block) <= 4 * BLOCK:
            self._blocks = [*self._blocks[-(KEPT - 1) :], (start, block)]
        return block[: stop - start]

    def _range(self, client: ObjectStore, start: int, end: int) -> bytes:
        found = bytes(obstore.get_range(client, self._path, start=start, end=end))
        if len(found) != end - start:
            raise ShortAnswer
        return found

    def _begin(self, client: ObjectStore) -> tuple[int, bytes]:
        """The object's size and its first block."""
        answer = obstore.get(client, self._path, options={"range": (0, BLOCK)})
        size, first = answer.meta["size"], bytes(answer.bytes())
        if len(first) != min(size, BLOCK):
            raise ShortAnswer
        return size, first


def open_object(calls: Calls, path: str) -> io.RawIOBase | io.BytesIO:
    """An object to read; an empty one has no range that could be asked for."""
    try:
        return ObjectReader(calls, path)
    except Refused as error:
        if error.status != 416:
            raise
    return io.BytesIO(calls(lambda client: bytes(obstore.get(client, path).bytes()), path))
