"""A sealed file as one that can be read from any place: of a range, its segments alone are read."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, BinaryIO

from pipeline.storage.encryption.keyring import Keyring
from pipeline.storage.encryption.seal import (
    AT_ONCE,
    HEAD_BYTES,
    SEGMENT,
    STEP,
    Head,
    Segments,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class SealedReader(io.RawIOBase):
    """The plaintext of a sealed file. What it gives has been authenticated.

    Raises:
        DamagedCiphertext: here, or where it is read, the file is not what was written.
    """

    def __init__(self, keyring: Keyring, path: str, sealed: BinaryIO) -> None:
        super().__init__()
        self._sealed = sealed
        size = sealed.seek(0, os.SEEK_END)
        sealed.seek(0)
        self._head = Head.read(path, sealed.read(HEAD_BYTES), size)
        self._segments = Segments(keyring, path, self._head)
        self._place = 0
        self._kept = (-1, b"")  # the segment that was read last: small reads follow each other

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
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._head.length}[whence]
        self._place = max(0, start + offset)
        return self._place

    def read(self, size: int = -1, /) -> bytes:
        """All of the next `size` bytes, but for those beyond the end."""
        length = self._head.length
        stop = length if size is None or size < 0 else min(length, self._place + size)
        pieces = []
        while self._place < stop:
            piece = self._here(stop)
            pieces.append(piece)
            self._place += len(piece)
        if not length:
            self._segment(0)  # that there is nothing is authenticated, too
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

    def close(self) -> None:
        """Let go of the file."""
        self._sealed.close()
        super().close()

    def _here(self, stop: int) -> bytes:
        """Some bytes from the present place on, at most to `stop`."""
        first, skipped = divmod(self._place, SEGMENT)
        count = min(AT_ONCE, -(-stop // SEGMENT) - first)
        if count == 1:
            return self._segment(first)[skipped : stop - first * SEGMENT]
        self._sealed.seek(HEAD_BYTES + first * STEP)
        sealed = memoryview(self._sealed.read(count * STEP))
        opened = [
            self._segments.open(first + n, sealed[n * STEP : (n + 1) * STEP]) for n in range(count)
        ]
        self._kept = (first + count - 1, opened[-1])
        opened[-1] = opened[-1][: stop - self._kept[0] * SEGMENT]
        opened[0] = opened[0][skipped:]
        return b"".join(opened)

    def _segment(self, number: int) -> bytes:
        if self._kept[0] != number:
            self._sealed.seek(HEAD_BYTES + number * STEP)
            self._kept = (number, self._segments.open(number, self._sealed.read(STEP)))
        return self._kept[1]
