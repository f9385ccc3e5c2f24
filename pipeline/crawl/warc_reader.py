"""Reading WARC files of strangers: record after record, up to the first damage.

Plain files and files with a gzip member or a zstd frame a record (or one for all) are read as one
stream, with a bound on what is held: a record that is too long is passed over, not loaded. Readers
that stop quietly at damage lose records without a word; this one raises where a record ends too
soon.
"""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, Self

from pipeline.crawl.member_memory import LARGEST, MemberMemory, Met
from pipeline.crawl.source import Page, Refused
from pipeline.crawl.unpacking import Damage, Unpacked
from pipeline.warc_record import header_fields

HEAD_BYTES = 1 << 20  # of a record's own header
MOST_DIGITS = 18  # of a length; Python refuses to read a number of thousands


class Record(NamedTuple):
    """One record of a WARC file."""

    fields: dict[str, str]  # of its header, names in lower case
    block: bytes | None  # what it holds; None where that is too long


class WarcReader:
    """A WARC file, or a part of one, open to be read once."""

    def __init__(
        self, file: BinaryIO, *, most_bytes: int, memory: MemberMemory | None = None
    ) -> None:
        """`memory`: of members that need not be unpacked, and of those that were."""
        self._file, self._most, self._memory = file, most_bytes, memory
        self._unpacked: Unpacked | None = None
        self._buffer = bytearray()
        self._begun, self._records = 0, 0  # members before this one, and records in it
        self._held: Page | str | None = None  # by the last record

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def records(self) -> Iterator[Record | Met]:
        """Every whole record; with a memory, instead of those that it knows what they are.

        Raises:
            Damage: what follows the records so far is damaged or missing.
        """
        while True:
            while self._skip_blank():
                met = self._between_members()
                if met:
                    yield met
                elif not self._fill():
                    return
            if not self._buffer and not self._fill():
                return
            fields = self._head()
            size = fields.get("content-length", "")
            if not size.isdecimal() or len(size) > MOST_DIGITS:
                msg = f"a record has the Content-Length {size[:40]!r}"
                raise Damage(msg)
            self._records += 1
            yield Record(fields, self._block(int(size)))

    def note(self, held: Page | Refused | str) -> None:
        """Take down what the last record holds, to remember it if its member holds no other."""
        self._held = None if isinstance(held, Refused) else held

    def _between_members(self) -> Met | None:
        """Remember the member that has ended, and pass over those that are known."""
        if self._memory is None or self._unpacked is None:
            return None
        alone = self._records == 1 and self._unpacked.members == self._begun + 1
        if alone and self._held is not None and (member := self._unpacked.member):
            self._memory.add(member, self._held)
        self._begun, self._records, self._held = self._unpacked.members, 0, None
        return self._memory.met(self._unpacked)

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

    def _skip_blank(self) -> bool:
        """Pass over ends of lines; whether all is read up to where a gzip member may begin."""
        while True:
            self._buffer = self._buffer.lstrip(b"\r\n")
            if self._buffer:
                return False
            if self._memory and self._opened().between:
                return True
            if not self._fill():
                return False

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _fill(self) -> bool:
        """Read on; False at the end of the file."""
        piece = self._opened().piece()
        self._buffer += piece
        return bool(piece)

    def _opened(self) -> Unpacked:
        if self._unpacked is None:
            self._unpacked = Unpacked(self._file, largest=LARGEST if self._memory else 0)
        return self._unpacked
