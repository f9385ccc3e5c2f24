"""A file that can be read from any place, whatever it takes to have the bytes of one."""

from __future__ import annotations

import io
import os
from abc import abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class RangeReader(io.RawIOBase):
    """Reads, seeks and tells; a subclass gives the bytes from the present place on.

    Args:
        size: of the file, in bytes.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size
        self._place = 0

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
        """Go to a place; nothing is read."""
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

    @abstractmethod
    def _here(self, stop: int) -> bytes:
        """Some bytes from the present place on, at most to `stop`; at least one."""
