"""Reading WARC files of strangers: record after record, up to the first damage.

Plain files and files with a gzip member or a zstd frame a record (or one for all) are read as one
stream, with a bound on what is held: a record that is too long is passed over, not loaded. Readers
that stop quietly at damage lose records without a word; this one raises where a record ends too
soon.
"""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, Self

from pipeline.crawl.unpacking import Damage, Unpacked
from pipeline.warc_record import header_fields

HEAD_BYTES = 1 << 20  # of a record's own header
MOST_DIGITS = 18  # of a length; Python refuses to read a number of thousands


class Record(NamedTuple):
    """One record of a WARC file."""

    fields: dict[str, str]  # of its header, names in lower case
    block: bytes | None  # what it holds; None where that is too long
    offset: int  # in the unpacked stream, bytes


class WarcReader:
    """A WARC file, or a part of one, open to be read once."""

    def __init__(self, file: BinaryIO, *, most_bytes: int) -> None:
        self._file = file
        self._most = most_bytes
        self._unpacked: Unpacked | None = None
        self._buffer = bytearray()
        self._place = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def records(self) -> Iterator[Record]:
        """Every whole record.

        Raises:
            Damage: what follows the records so far is damaged or missing.
        """
        while True:
            self._skip_blank()
            if not self._buffer and not self._fill():
                return
            offset = self._place
            fields = self._head()
            size = fields.get("content-length", "")
            if not size.isdecimal() or len(size) > MOST_DIGITS:
                msg = f"a record has the Content-Length {size[:40]!r}"
                raise Damage(msg)
            yield Record(fields, self._block(int(size)), offset)

    def _head(self) -> dict[str, str]:
        seen = 0  # members of one byte each must not make it look at all of them again
        while (end := self._buffer.find(b"\r\n\r\n", max(seen - 3, 0))) < 0:
            seen = len(self._buffer)
            if seen > HEAD_BYTES or not self._fill():
                msg = "a record's header does not end"
                raise Damage(msg)
        head = self._take(end + 4)
        if not head.startswith(b"WARC/"):
            msg = f"where a record should begin stands {head[:24]!r}"
            raise Damage(msg)
        return header_fields(head)

    def _block(self, size: int) -> bytes | None:
        block = bytearray() if size <= self._most else None
        while size:
            if not self._buffer and not self._fill():
                msg = f"the last record ends {size:,} bytes too soon"
                raise Damage(msg)
            piece = self._take(min(size, len(self._buffer)))
            size -= len(piece)
            if block is not None:
                block += piece
        return None if block is None else bytes(block)

    def _skip_blank(self) -> None:
        while True:
            kept = self._buffer.lstrip(b"\r\n")
            self._place += len(self._buffer) - len(kept)
            self._buffer = kept
            if kept or not self._fill():
                return

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._place += size
        return taken

    def _fill(self) -> bool:
        """Read on; False at the end of the file."""
        self._unpacked = self._unpacked or Unpacked(self._file)
        piece = self._unpacked.piece()
        self._buffer += piece
        return bool(piece)
