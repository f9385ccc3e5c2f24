"""Texts from files with one JSON object a line."""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

import orjson
from pydantic import Field

from pipeline.crawl.errors import BadSourceFile, DamagedSource
from pipeline.crawl.files import SourceFile, files_of, not_dated, unpacked
from pipeline.crawl.source import Found, Source, Visit
from pipeline.crawl.texts import Columns, Row, Rows, Spoilt, told

MOST_SKIPPED = 1 << 30  # bytes of one line; a file that goes on so is not read any further
PIECE_BYTES = 1 << 18


class JsonlFiles(Source):
    """Reads texts from JSON Lines files, `.jsonl`, `.jsonl.gz` or `.jsonl.zst`: one object a line.

    Fields:
        paths: files or patterns, `corpus/*.jsonl.gz`; `**` means folders at any depth,
            `{date}` a day: a window takes the files of days up to its own.
        columns: which keys say what. `text` must be there; `url` names each page where it is
            given, else a page is called `file.jsonl#row`, counted from 0; `title` and `language`
            (BCP 47) may be given.
        most_line_bytes: of one line; a longer one is quarantined. JSON of so many bytes can take
            25 times as many in memory.

    Of several rows with one address the first is read, and the others go to the ledger.
    """

    paths: tuple[str, ...] = Field(min_length=1)
    columns: Columns = Columns()
    most_line_bytes: int = Field(default=16 << 20, gt=0)

    def cannot_look_back(self) -> str:
        """Not unless their names have a day."""
        return not_dated(self.paths)

    def visit(self, visit: Visit) -> Iterator[Found]:
        """Read every file once."""
        rows = ((file, self._rows(file)) for file in files_of(self.paths, visit.window))
        return told(list(rows), self.columns, visit, source="jsonl", paths=self.paths, called="key")

    def _rows(self, file: SourceFile) -> Rows:
        with unpacked(file.path) as lines:
            number = 0
            while True:
                place = f"{file.path}, line {number + 1}"
                line = _line(lines, self.most_line_bytes + 1, place)
                if not line:
                    return
                if len(line) > self.most_line_bytes:
                    size = len(line) + _skipped(lines, place)
                    detail = f"the line is longer than {self.most_line_bytes:,} bytes"
                    yield Spoilt(number, "too_many_bytes", detail, size, many=size > MOST_SKIPPED)
                    if size > MOST_SKIPPED:
                        return
                elif line.strip():
                    yield _row(line, number, place)
                number += 1


def _line(lines: BinaryIO, most: int, place: str) -> bytes:
    """The next line, at most so many bytes of it."""
    try:
        return lines.readline(most)
    except (EOFError, OSError, zlib.error) as error:
        raise DamagedSource(
            place,
            problem=f"the file is damaged here: {error}",
            remedy="Fetch the file again, or cut it before this line.",
        ) from error


def _skipped(lines: BinaryIO, place: str) -> int:
    """How long the rest of a line is, which is passed over, up to `MOST_SKIPPED` bytes."""
    size = 0
    while size <= MOST_SKIPPED:
        piece = _line(lines, PIECE_BYTES, place)
        size += len(piece)
        if piece.endswith(b"\n") or not piece:
            return size
    return size


def _row(line: bytes, number: int, place: str) -> Row | Spoilt:
    """A row; a spoilt one where the line is JSON that no text can be made of."""
    try:
        return Row(number, place, _parsed(line, place))
    except _NoText as error:
        return Spoilt(number, error.why, str(error), len(line))


class _NoText(Exception):
    """A line is JSON, but holds what nothing of ours should go on with."""

    def __init__(self, why: str, detail: str) -> None:
        super().__init__(detail)
        self.why = why


def _parsed(line: bytes, place: str) -> dict[str, object]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        if "depth" in error.msg:
            raise _NoText("too_deep", "its values lie in each other too deep") from error
        if error.msg.endswith("surrogate in string"):
            raise _NoText("undecodable", "it has half a character in it") from error
        raise BadSourceFile(
            place, problem=f"it is not JSON: {error}", remedy="Mend or remove the line."
        ) from error
    if not isinstance(value, dict):
        raise BadSourceFile(
            place,
            problem=f"it holds {type(value).__name__}, not an object",
            remedy='Write one object a line: {"text": "..."}.',
        )
    return value
