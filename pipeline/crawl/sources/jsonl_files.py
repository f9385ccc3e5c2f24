"""Texts from files with one JSON object a line."""

import gzip
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

import orjson
from pydantic import Field

from pipeline.crawl.errors import BadSourceFile, DamagedSource
from pipeline.crawl.files import SourceFile, files_of, not_dated
from pipeline.crawl.source import Found, Source, Visit
from pipeline.crawl.texts import Columns, Row, told


class JsonlFiles(Source):
    """Reads texts from JSON Lines files, `.jsonl` or `.jsonl.gz`: one object a line.

    Fields:
        paths: files or patterns, `corpus/*.jsonl.gz`; `**` means folders at any depth,
            `{date}` a day: a window takes the files of days up to its own.
        columns: which keys say what. `text` must be there; `url` names each page where it is
            given, else a page is called `file.jsonl#row`, counted from 0; `title` and `language`
            (BCP 47) may be given.
        most_line_bytes: of one line; a longer one is an error.

    Of several rows with one address the first is read, and the others go to the ledger.
    """

    paths: tuple[str, ...] = Field(min_length=1)
    columns: Columns = Columns()
    most_line_bytes: int = Field(default=64 << 20, gt=0)

    def cannot_look_back(self) -> str:
        """Not unless their names have a day."""
        return not_dated(self.paths)

    def visit(self, visit: Visit) -> Iterator[Found]:
        """Read every file once."""
        rows = ((file, self._rows(file)) for file in files_of(self.paths, visit.window))
        return told(list(rows), self.columns, visit, source="jsonl", paths=self.paths, called="key")

    def _rows(self, file: SourceFile) -> Iterator[Row]:
        with _opened(file) as lines:
            number = 0
            while True:
                place = f"{file.path}, line {number + 1}"
                line = self._line(lines, place)
                if not line:
                    return
                if line.strip():
                    yield Row(number, place, _parsed(line, place))
                number += 1

    def _line(self, lines: BinaryIO, place: str) -> bytes:
        try:
            line = lines.readline(self.most_line_bytes + 1)
        except (EOFError, OSError, zlib.error) as error:
            raise DamagedSource(
                place,
                problem=f"the file is damaged here: {error}",
                remedy="Fetch the file again, or cut it before this line.",
            ) from error
        if len(line) > self.most_line_bytes:
            raise BadSourceFile(
                place,
                problem=f"the line is longer than {self.most_line_bytes:,} bytes",
                remedy="Check that it is one object a line, or raise most_line_bytes.",
            )
        return line


def _opened(file: SourceFile) -> BinaryIO:
    if file.path.suffix == ".gz":
        return cast("BinaryIO", gzip.open(file.path, "rb"))
    return file.path.open("rb")


def _parsed(line: bytes, place: str) -> dict[str, object]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
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
