"""An object as a file that can be read from any place: by ranges, with a little read ahead."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import obstore

from pipeline.storage.errors import Refused
from pipeline.storage.object_calls import Calls, ShortAnswer

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from obstore.store import ObjectStore

BLOCK = 2**20  # bytes of one request, at least: a small file comes whole
KEPT = 3  # blocks: Parquet is read at its end, at its beginning, and where its columns lie


class ObjectReader(io.RawIOBase):
    """An object to read. It must be one that never changes, as all files of versions are."""

    def __init__(self, calls: Calls, path: str) -> None:
        super().__init__()
        self._calls, self._path = calls, path
        self._place = 0
        self._size, first = calls(self._begin, path)
        self._blocks: list[tuple[int, bytes]] = [(0, first)]

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place; nothing is fetched."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def read(self, size: int = -1, /) -> bytes:
        """All of the next `size` bytes, but for those beyond the end."""
        stop = self._size if size is None or size < 0 else min(self._size, self._place + size)
        pieces = []
        while self._place < stop:
            piece = self._here(stop)
            pieces.append(piece)
            self._place += len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def readall(self) -> bytes:
        """The rest."""
        return self.read()

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """The next bytes, into a buffer."""
        with memoryview(buffer) as view:
            piece = self.read(view.nbytes)
            view.cast("B")[: len(piece)] = piece
        return len(piece)

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
