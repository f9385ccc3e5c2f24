"""Bytes of packed files of strangers as they come out: gzip, bzip2, Zstandard, or plain.

A file is any number of members (gzip), streams (bzip2) or frames (Zstandard), one after the other.
Each piece that comes out is bounded, and so is what a file may come to: DEFLATE packs a thousand
bytes into one at most, the others could pack a disk into a page.

The dictionary of a `.warc.zst` is in a skippable frame at its beginning, packed itself or not
(iipc.github.io/warc-specifications/specifications/warc-zstd).
"""

from __future__ import annotations

import bz2
import zlib
from collections.abc import Callable
from typing import BinaryIO, Protocol

from backports import zstd

PIECE_BYTES = 1 << 18
SLICE = 1 << 14  # bytes of a gzip member that is kept, which are unpacked together
GZIP = "gzip member"
GZIP_MAGIC, BZIP2_MAGIC = b"\x1f\x8b", b"BZh"
ZSTD_MAGIC, DICTIONARY_MAGIC = b"\x28\xb5\x2f\xfd", b"\x5d\x2a\x4d\x18"
SKIPPABLE_MAGIC = b"\x2a\x4d\x18"  # after a byte of 0x50 to 0x5f
LARGEST_DICTIONARY = 16 << 20  # bytes, packed and unpacked; usual ones have 100 kB to 1 MB
LARGEST_WINDOW = 27  # log2 of the bytes that a frame refers back to: 128 MiB, as its own tools have
LEAST_ROOM = 1 << 30  # bytes that any file may come to
MOST_EXPANSION = 1032  # times its own size that a larger one may: the most that DEFLATE can do


class Damage(Exception):
    """A file ends too soon, breaks in the middle, or is no file of its kind but a bomb."""


class _Decompressor(Protocol):
    """One member, stream or frame on its way."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class Unpacked:
    """What is in a file, piece by piece.

    Args:
        file: open at its beginning; how it is packed is found out from its first bytes. A read may
            give less than is asked for; without `largest`, what is there then comes out, whatever
            the next one does.
        largest: bytes of a gzip member that is kept packed while it is read: see `member`. What
            comes out before damage then does not depend on how the file is read.
    """

    def __init__(self, file: BinaryIO, *, largest: int = 0) -> None:
        self._file, self._largest = file, largest
        self.members = 0  # gzip members, streams or frames that were begun
        self.misses = 0  # members that began as known ones do, and were others
        self._member: bytearray | None = None  # what was read of the last one
        self._fed = 0  # bytes of it
        self._packed, self._at = self._taken(4), 0  # what was read; unpacked up to there
        self._read, self._made = len(self._packed), 0  # bytes so far
        self._decompressor: _Decompressor | None = None
        self._name, self._new = self._way()

    def piece(self) -> bytes:
        """The next bytes, `PIECE_BYTES` at most; none at the end.

        Raises:
            Damage: what follows is damaged, missing, or too much.
        """
        if self._new is None:
            return self._plain()
        while True:
            if self._at == len(self._packed) and not self._waits() and not self._more():
                if self._decompressor and not self._decompressor.eof:
                    msg = f"the last {self._name} is cut short"
                    raise Damage(msg)
                return b""
            if piece := self._next(self._new):
                self._made += len(piece)
                self._check_room()
                return piece

    @property
    def between(self) -> bool:
        """Whether a gzip member has just ended, or none has begun yet."""
        new = self._decompressor is None or self._decompressor.eof
        return new and self._name == GZIP

    @property
    def _keeps(self) -> bool:
        return self._largest > 0 and self._name == GZIP

    @property
    def member(self) -> bytes | None:
        """The gzip member that has just ended, packed as it was; None where it is too large."""
        return None if self._member is None else bytes(self._member)

    def ahead(self, size: int) -> memoryview:
        """What is packed ahead: so many bytes or more, fewer at the end of the file."""
        while len(self._packed) - self._at < size and self._more():
            pass
        return memoryview(self._packed)[self._at :]

    def pass_over(self, size: int) -> None:
        """Go on so many bytes further, which have been seen `ahead`."""
        self._at += size

    def _plain(self) -> bytes:
        piece, self._packed = self._packed or self._file.read(PIECE_BYTES), b""
        return piece

    def _next(self, new: Callable[[], _Decompressor]) -> bytes:
        """A bounded piece of what is packed."""
        if self._decompressor is None or self._decompressor.eof:
            self._decompressor = new()
            self.members, self._fed = self.members + 1, 0
            self._member = bytearray() if self._keeps else None
        given = self._given()
        try:
            piece = self._decompressor.decompress(given, PIECE_BYTES)
        except (zlib.error, OSError, EOFError, zstd.ZstdError) as error:
            msg = f"a {self._name} is damaged ({error})"
            raise Damage(msg) from error
        if self._decompressor.eof:
            left = self._decompressor.unused_data
        else:
            left = getattr(self._decompressor, "unconsumed_tail", b"")  # zlib's alone
        if self._keeps:
            self._go_on(given[: len(given) - len(left)])
        else:
            self._packed, self._at = left, 0
        return piece

    def _given(self) -> bytes:
        """What is to be unpacked next: all that was read, or so much that a slice is whole."""
        if not self._keeps:
            return self._packed[self._at :]
        size = SLICE - self._fed % SLICE
        self.ahead(size)
        return self._packed[self._at : self._at + size]

    def _go_on(self, unpacked: bytes) -> None:
        """Go on behind what was unpacked of a member; keep it, unless it grows too large."""
        self._at += len(unpacked)
        self._fed += len(unpacked)
        if self._member is not None:
            self._member += unpacked
        if self._fed > self._largest:
            self._member = None

    def _waits(self) -> bool:
        """Whether more comes out of what was handed over already."""
        if self._decompressor is None or self._decompressor.eof:
            return False
        return not getattr(self._decompressor, "needs_input", True)

    def _more(self) -> bool:
        piece = self._file.read(PIECE_BYTES)
        if piece:
            self._packed, self._at = self._packed[self._at :] + piece, 0
            self._read += len(piece)
        return bool(piece)

    def _taken(self, size: int) -> bytes:
        """So many bytes of the file, fewer at its end."""
        taken = b""
        while len(taken) < size and (piece := self._file.read(size - len(taken))):
            taken += piece
        return taken

    def _check_room(self) -> None:
        if self._made > max(LEAST_ROOM, MOST_EXPANSION * self._read):
            msg = f"up to here it comes to {self._made:,} bytes out of {self._read:,}"
            raise Damage(msg)

    def _way(self) -> tuple[str, Callable[[], _Decompressor] | None]:
        """What the file is made of, and how to begin with one; None where it is not packed."""
        head = self._packed
        if head.startswith(GZIP_MAGIC):
            return GZIP, lambda: zlib.decompressobj(31)
        if head.startswith(BZIP2_MAGIC):
            return "bzip2 stream", bz2.BZ2Decompressor
        if head == DICTIONARY_MAGIC:
            dictionary = self._dictionary()
            return "zstd frame", lambda: _of_zstd(dictionary)
        if head == ZSTD_MAGIC or (head[1:] == SKIPPABLE_MAGIC and head[0] >> 4 == 5):
            return "zstd frame", lambda: _of_zstd(None)
        return "", None

    def _dictionary(self) -> zstd.ZstdDict:
        """The dictionary in the frame that the file begins with.

        Raises:
            Damage: it is too large, cut short, or none.
        """
        size = int.from_bytes(self._taken(4), "little")
        content = self._taken(min(size, LARGEST_DICTIONARY))
        self._packed, self._read = b"", 8 + len(content)
        if len(content) < size:
            msg = f"its dictionary has {size:,} bytes, and {len(content):,} can be read"
            raise Damage(msg)
        try:
            if content.startswith(ZSTD_MAGIC):
                unpacker = _of_zstd(None)
                content = unpacker.decompress(content, LARGEST_DICTIONARY)
                if not unpacker.eof:
                    msg = f"its dictionary is cut short, or has over {LARGEST_DICTIONARY:,} bytes"
                    raise Damage(msg)
            dictionary = zstd.ZstdDict(content)
            _of_zstd(dictionary)
        except (ValueError, zstd.ZstdError) as error:
            msg = f"its dictionary is none ({error})"
            raise Damage(msg) from error
        return dictionary


def _of_zstd(dictionary: zstd.ZstdDict | None) -> zstd.ZstdDecompressor:
    options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: LARGEST_WINDOW}
    return zstd.ZstdDecompressor(zstd_dict=dictionary, options=options)
