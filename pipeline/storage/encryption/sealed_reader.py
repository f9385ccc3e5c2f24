"""A sealed file as one that can be read from any place: of a range, its segments alone are read."""

from __future__ import annotations

import os
from typing import BinaryIO

from pipeline.storage.encryption.keyring import Keyring
from pipeline.storage.encryption.seal import (
    AT_ONCE,
    HEAD_BYTES,
    SEGMENT,
    STEP,
    Head,
    Segments,
)
from pipeline.storage.range_reader import RangeReader


class SealedReader(RangeReader):
    """The plaintext of a sealed file. What it gives has been authenticated.

    Raises:
        DamagedCiphertext: here, or where it is read, the file is not what was written.
    """

    def __init__(self, keyring: Keyring, path: str, sealed: BinaryIO) -> None:
        self._sealed = sealed
        size = sealed.seek(0, os.SEEK_END)
        sealed.seek(0)
        head = Head.read(path, sealed.read(HEAD_BYTES), size)
        super().__init__(head.length)
        self._segments = Segments(keyring, path, head)
        self._kept = (-1, b"")  # the segment that was read last: small reads follow each other

    def read(self, size: int = -1, /) -> bytes:
        """All of the next `size` bytes, but for those beyond the end."""
        if not self._size:
            self._segment(0)  # that there is nothing is authenticated, too
        return super().read(size)

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
