"""The lines of a file, many at a time, none longer in memory than it may be."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from pipeline.crawl.errors import DamagedSource
from pipeline.crawl.files import SourceFile, check_machine, is_packed

BLOCK = 1 << 20  # bytes that are cut into lines at once
PIECE = 1 << 13  # bytes that are unpacked at once: where there is damage, so many are lost
LINE_END = 2  # bytes at most: carriage return, line feed
MOST_SKIPPED = 1 << 30  # bytes of one line; a file that goes on so is not read any further


Array = np.ndarray[Any, Any]


class Lines(NamedTuple):
    """Lines that follow each other."""

    data: bytes  # of all, with their line feeds
    ends: Array  # the place behind each, (n,) int64

    def line(self, number: int) -> bytes:
        """One of them."""
        return self.data[self.ends[number - 1] if number else 0 : self.ends[number]]

    def part(self, first: int, stop: int) -> Lines:
        """The lines from `first` to before `stop`."""
        start = self.ends[first - 1] if first else 0
        return Lines(self.data[start : self.ends[stop - 1]], self.ends[first:stop] - start)


class TooLong(NamedTuple):
    """A line of which nothing is kept."""

    size: int  # bytes, with its end, as far as they were passed over
    endless: bool = False  # more than `MOST_SKIPPED`


class LineReader:
    """Cuts what comes out of a file into lines, at line feeds alone."""

    def __init__(self, opened: io.BufferedIOBase, file: SourceFile, most: int) -> None:
        """`most`: bytes of a line without its end."""
        self._opened, self._file, self._most = opened, file, most
        self._piece = PIECE if is_packed(file.path) else BLOCK
        self._rest: list[bytes] = []  # of a line whose end was not met
        self._held = 0  # bytes of it
        self._number = 0  # of lines so far
        self._damage: Exception | None = None

    def __iter__(self) -> Iterator[Lines | TooLong]:
        """All lines; those before damage too.

        Raises:
            DamagedSource: the file is damaged behind the last line.
            UnreadableFile: the system could not read it.
        """
        while block := self._block():
            yield from self._cut(block)
            while self._held > self._most + LINE_END:
                size, ended, block = self._passed_over()
                if self._damage and not ended:
                    break
                self._number += 1
                yield TooLong(size, size > MOST_SKIPPED)
                yield from self._cut(block)
        if self._damage:
            raise DamagedSource(
                f"{self._file.path}, line {self._number + 1}",
                problem=f"the file is damaged here: {self._damage}",
                remedy="Fetch the file again, or cut it before this line.",
            ) from self._damage
        if self._held:
            rest = b"".join(self._rest)
            yield from self._told(Lines(rest, np.array([len(rest)])))

    def _cut(self, block: bytes) -> Iterator[Lines | TooLong]:
        """The lines that end in what comes next; the beginning of another is kept."""
        end = block.rfind(b"\n") + 1
        if end:
            whole = b"".join([*self._rest, memoryview(block)[:end]])
            self._rest, self._held = [], 0
            from pipeline.crawl.line_ends import line_ends  # numba takes half a second to import

            yield from self._told(Lines(whole, line_ends(np.frombuffer(whole, np.uint8))))
        if end < len(block):
            self._rest.append(block[end:])
            self._held += len(block) - end

    def _told(self, lines: Lines) -> Iterator[Lines | TooLong]:
        first, count = 0, len(lines.ends)
        for at in np.flatnonzero(np.diff(lines.ends, prepend=0) > self._most).tolist():
            line = lines.line(at)
            if self._is_too_long(line):
                yield from self._part(lines, first, at)
                self._number += 1
                yield TooLong(len(line))
                first = at + 1
        yield from self._part(lines, first, count)

    def _part(self, lines: Lines, first: int, stop: int) -> Iterator[Lines]:
        if first < stop:
            self._number += stop - first
            yield lines.part(first, stop) if stop - first < len(lines.ends) else lines

    def _is_too_long(self, line: bytes) -> bool:
        bare = line.removesuffix(b"\n").removesuffix(b"\r")
        return len(bare) > self._most

    def _passed_over(self) -> tuple[int, bool, bytes]:
        """The size of a line that is too long, up to `MOST_SKIPPED`.

        Returns:
            The size, whether its end was met, and what is behind it.
        """
        size = self._held
        self._rest, self._held = [], 0
        while size <= MOST_SKIPPED and (block := self._block()):
            end = block.find(b"\n") + 1
            size += end or len(block)
            if end:
                return size, True, block[end:]
        return size, False, b""

    def _block(self) -> bytes:
        """What comes next; nothing at the end, and from damage on."""
        pieces: list[bytes] = []
        size = 0
        try:
            while not self._damage and size < BLOCK and (piece := self._opened.read1(self._piece)):
                pieces.append(piece)
                size += len(piece)
        except (EOFError, OSError, zlib.error) as error:
            check_machine(error, self._file.path)
            self._damage = error
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
