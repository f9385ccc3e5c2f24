"""What a long unit has done so far, kept so that a killed one goes on where it stood.

<folder>/begun.json            which window it is about
         went-on/<token>       one for each try
         segments/00000001     numbered, created once, never changed: rows, and bytes they point to
         snapshots/00000064    what the first 64 segments came to, so that fewer are read again

A segment is one file, so it is there whole or not at all: what it tells is done for good, and what
came after the last one was not done. A store has to create and to list files for this, no more.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, NamedTuple

from pipeline.errors import DamagedFile
from pipeline.storage.errors import DamagedJournal, JournalTaken
from pipeline.storage.files import Files

FOLDER = "attempts/open"
MAGIC = b"PSEGMENT"
HEAD_BYTES = len(MAGIC) + 8 + 32  # magic, bytes of what is told, their SHA-256
OPEN_SEGMENTS = 32  # files held open while pieces are read in any order

Rows = list[Any]  # what JSON can say


class Piece(NamedTuple):
    """Where some bytes of a journal lie."""

    segment: int
    offset: int  # in the segment's bytes
    length: int
    crc32: int


class Journal:
    """The segments below one folder, of one writer at a time."""

    def __init__(self, files: Files, folder: str) -> None:
        self.folder = folder
        self._files = files
        self._open: OrderedDict[int, tuple[BinaryIO, int]] = OrderedDict()
        numbers = [int(path.rpartition("/")[2]) for path in self._paths("segments")]
        self.last = max(numbers, default=0)  # the number of the newest segment

    def begin(self, facts: dict[str, str]) -> None:
        """Say that the unit is under way; what is younger than this is no garbage."""
        self._files.create(f"{self.folder}/begun.json", json.dumps(facts).encode())
        self._files.create(f"{self.folder}/went-on/{secrets.token_hex(8)}", b"")

    def append(self, rows: Rows, pieces: Sequence[bytes]) -> list[Piece]:
        """Write a segment down; when this comes back, it is there for good.

        Args:
            rows: what is told.
            pieces: bytes that belong to it, in the order in which they are given back.

        Raises:
            JournalTaken: somebody else has written the segment of that number.
        """
        number, offset, placed = self.last + 1, 0, []
        for piece in pieces:
            placed.append(Piece(number, offset, len(piece), zlib.crc32(piece)))
            offset += len(piece)
        packed = _packed({"rows": rows, "pieces": [place[1:] for place in placed]})
        digest = hashlib.sha256(packed).digest()
        head = MAGIC + len(packed).to_bytes(8, "big") + digest
        path = f"{self.folder}/segments/{number:08d}"
        if not self._files.create(path, b"".join((head, packed, *pieces))):
            raise JournalTaken(self.folder)
        self.last = number
        return placed

    def segments(self) -> Iterator[tuple[int, Rows, list[Piece]]]:
        """The number, the rows and the pieces of every segment, in order.

        Raises:
            DamagedJournal: a segment is not as it was written.
        """
        for number in range(1, self.last + 1):
            told = self._told(number)
            yield number, told["rows"], [Piece(number, *place) for place in told["pieces"]]

    def read(self, piece: Piece) -> bytes:
        """The bytes of a piece.

        Raises:
            DamagedJournal: they are not as they were written.
        """
        with self._reading(piece.segment):
            file, start = self._opened(piece.segment)
            file.seek(start + piece.offset)
            content = file.read(piece.length)
        if zlib.crc32(content) != piece.crc32:
            raise self._damage(piece.segment, "the bytes of a page are not those that were written")
        return content

    def snapshot(self, state: Any) -> None:
        """Keep what all segments so far came to, and let go of older snapshots."""
        packed = _packed(state)
        older = self._paths("snapshots")
        path = f"{self.folder}/snapshots/{self.last:08d}"
        self._files.create(path, hashlib.sha256(packed).digest() + packed)
        for each in older:
            if each != path:
                self._files.delete(each)

    def newest_snapshot(self) -> tuple[int, Any] | None:
        """The newest snapshot that is whole, and how many segments it stands for."""
        for path in reversed(self._paths("snapshots")):
            try:
                content = self._files.read(path)
            except DamagedFile:  # it does not decrypt
                continue
            if hashlib.sha256(content[32:]).digest() == content[:32]:
                return int(path.rpartition("/")[2]), json.loads(zlib.decompress(content[32:]))
        return None  # all segments are read again: a snapshot only saves time

    def close(self) -> None:
        """Let go of the open files."""
        for file, _ in self._open.values():
            file.close()
        self._open.clear()

    def remove(self) -> None:
        """Delete it: what it was for is there. Goes last where it is listed first."""
        self.close()
        for path in reversed([each.path for each in self._files.entries(self.folder)]):
            self._files.delete(path)

    def _paths(self, kind: str) -> list[str]:
        entries = self._files.entries(f"{self.folder}/{kind}")
        paths = (each.path for each in entries)
        return sorted(path for path in paths if path.rpartition("/")[2].isdigit())

    def _told(self, number: int) -> dict[str, Any]:
        with self._reading(number):
            file, start = self._opened(number)
            file.seek(0)
            content = file.read(start)
        packed = content[HEAD_BYTES:]
        if hashlib.sha256(packed).digest() != content[HEAD_BYTES - 32 : HEAD_BYTES]:
            raise self._damage(number, "its rows are not those that were written")
        told: dict[str, Any] = json.loads(zlib.decompress(packed))
        return told

    def _opened(self, number: int) -> tuple[BinaryIO, int]:
        """A segment, and where its bytes begin."""
        if number not in self._open:
            if len(self._open) >= OPEN_SEGMENTS:
                self._open.popitem(last=False)[1][0].close()
            self._open[number] = self._opening(number)
        self._open.move_to_end(number)
        return self._open[number]

    def _opening(self, number: int) -> tuple[BinaryIO, int]:
        try:
            file = self._files.open(f"{self.folder}/segments/{number:08d}")
        except FileNotFoundError as error:
            raise self._damage(number, "it is gone") from error
        head = file.read(HEAD_BYTES)
        if len(head) < HEAD_BYTES or not head.startswith(MAGIC):
            raise self._damage(number, "it is no segment")
        size = int.from_bytes(head[len(MAGIC) : len(MAGIC) + 8], "big")
        return file, HEAD_BYTES + size

    @contextmanager
    def _reading(self, number: int) -> Iterator[None]:
        """A segment that does not decrypt is as damaged as one whose hash is another."""
        try:
            yield
        except DamagedFile as error:
            raise self._damage(number, "it does not decrypt") from error

    def _damage(self, number: int, problem: str) -> DamagedJournal:
        return DamagedJournal(self.folder, f"segments/{number:08d}", problem=problem)


def _packed(told: Any) -> bytes:
    return zlib.compress(json.dumps(told, separators=(",", ":")).encode(), 1)


def journal_folder(stage: str, key: str) -> str:
    """Where the journal of a version lies."""
    return f"{FOLDER}/{stage}/{key[:32]}"


def unfinished(files: Files, stage: str) -> list[str]:
    """The windows of a stage that were begun and are not finished, the newest first."""
    found = []
    for entry in files.entries(f"{FOLDER}/{stage}"):
        if entry.path.endswith("/begun.json"):
            found.append(str(json.loads(files.read(entry.path))["window"]))
    return sorted(found, reverse=True)


def has_begun(files: Files, stage: str, key: str) -> bool:
    """Whether somebody has begun a version."""
    return files.size(f"{journal_folder(stage, key)}/begun.json") is not None


def abandoned(files: Files, before: float) -> Iterator[str]:
    """The files of journals that nobody has gone on with since; a journal goes whole or stays."""
    newest: dict[str, float] = {}
    paths: dict[str, list[str]] = {}
    for entry in files.entries(FOLDER):
        folder = "/".join(entry.path.split("/")[:4])
        newest[folder] = max(entry.modified, newest.get(folder, 0.0))
        paths.setdefault(folder, []).append(entry.path)
    for folder, moment in newest.items():
        if moment < before:
            yield from reversed(paths[folder])
