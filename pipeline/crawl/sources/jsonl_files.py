"""Texts from files with one JSON object a line."""

import codecs
from collections.abc import Iterable, Iterator
from functools import partial

import orjson
from pydantic import Field

from pipeline.crawl.errors import NoSuchColumn
from pipeline.crawl.files import SourceFile, files_of, not_dated, unpacked
from pipeline.crawl.line_memory import LineMemory, Long, Met, New
from pipeline.crawl.line_reader import LineReader
from pipeline.crawl.source import Found, Source, Visit
from pipeline.crawl.texts import Columns, Row, Rows, Spoilt, told

MOST_NAMES = 20  # of keys, told where none is the right one
NAME_CHARACTERS = 80


class JsonlFiles(Source):
    """Reads texts from JSON Lines files, `.jsonl`, `.jsonl.gz` or `.jsonl.zst`: one object a line.

    Fields:
        paths: files or patterns, `corpus/*.jsonl.gz`; `**` means folders at any depth,
            `{date}` a day: a window takes the files of days up to its own.
        columns: which keys say what. `text` must be there; `url` names each page where it is
            given, else a page is called `file.jsonl#row`, counted from 0; `title` and `language`
            (BCP 47) may be given.
        most_line_bytes: of one line, without its end; a longer one is quarantined. JSON of so many
            bytes can take 25 times as many in memory.

    A line that is no JSON object, or holds no text where it should, is quarantined, and so is what
    follows the damage in a packed file. Of several rows with one address the first is read, and the
    others go to the ledger.
    """

    paths: tuple[str, ...] = Field(min_length=1)
    columns: Columns = Columns()
    most_line_bytes: int = Field(default=16 << 20, gt=0)

    def cannot_look_back(self) -> str:
        """Not unless their names have a day."""
        return not_dated(self.paths)

    def visit(self, visit: Visit) -> Iterator[Found]:
        """Read every file once."""
        memory = LineMemory(visit)
        files = files_of(self.paths, visit.window)
        rows = [(file, self._rows(file, memory)) for file in files]
        yield from told(rows, self.columns, visit, source="jsonl", paths=self.paths, called="key")
        yield from memory.noted()

    def _rows(self, file: SourceFile, memory: LineMemory) -> Rows:
        keys: dict[str, None] = {}  # met in place of the text's
        texts = False
        with unpacked(file.path) as opened:
            for found in memory.told_apart(LineReader(opened, file, self.most_line_bytes)):
                if isinstance(found, Met):
                    texts = True
                    yield found
                    continue
                row = self._row(found, file)
                if isinstance(row, Row) and isinstance(found, New):
                    if not found.line.startswith(codecs.BOM_UTF8):  # elsewhere it is no JSON
                        row = row._replace(remember=partial(memory.add, found.key))
                    yield row
                    texts = texts or self.columns.text in row.values
                    _add_names(() if texts else row.values, keys)
                elif isinstance(row, Spoilt):
                    yield row
                    if row.many:
                        return
        if keys and not texts:
            lacks = "none of its lines has the key"
            raise NoSuchColumn(str(file.path), self.columns.text, have=[*keys], lacks=lacks)

    def _row(self, found: New | Long, file: SourceFile) -> Row | Spoilt:
        """A row, without values for an empty line; a spoilt one where nothing should go on with it.

        Args:
            found: the line.
            file: that it is of.
        """
        if isinstance(found, Long):
            return self._too_long(found, file)
        number, line, _ = found
        content = line if number else line.removeprefix(codecs.BOM_UTF8)
        if not content.strip():
            return Row(number, {}, len(line))
        try:
            values = _parsed(content)
            return Row(number, self._texts(values), len(line))
        except _NoText as error:
            detail = f"{file.name}, line {number + 1}: {error}"
            return Spoilt(number, error.why, detail, len(line))

    def _too_long(self, line: Long, file: SourceFile) -> Spoilt:
        most = f"the line is longer than {self.most_line_bytes:,} bytes"
        detail = f"{file.name}, line {line.number + 1}: {most}"
        return Spoilt(line.number, "too_many_bytes", detail, line.size, many=line.endless)

    def _texts(self, values: dict[str, object]) -> dict[str, str | None]:
        """The values that are asked for; where there is no text, all keys."""
        columns = self.columns
        texts: dict[str, str | None] = dict.fromkeys(
            (columns.text,) if columns.text in values else values
        )
        for name in (columns.text, columns.url, columns.title, columns.language):
            value = values.get(name) if name else None
            if isinstance(value, str):
                texts[name] = value
            elif value is not None:
                raise _NoText("not_text", f"{name!r} holds {type(value).__name__}, not text")
        return texts


def _add_names(names: Iterable[str], keys: dict[str, None]) -> None:
    """Keep the first few keys, and no more of each than can be told."""
    for name in names:
        if len(keys) == MOST_NAMES:
            return
        keys[name[:NAME_CHARACTERS]] = None


class _NoText(Exception):
    """A line holds nothing that a text can be made of."""

    def __init__(self, why: str, detail: str) -> None:
        super().__init__(detail)
        self.why = why


def _parsed(line: bytes) -> dict[str, object]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _no_json(error.msg) from error
    if not isinstance(value, dict):
        raise _NoText("not_json", f"it holds {type(value).__name__}, not an object")
    return value


def _no_json(problem: str) -> _NoText:
    """Why a line cannot be read, from what the parser says."""
    if "depth" in problem:
        return _NoText("too_deep", "its values lie in each other too deep")
    if problem.endswith("surrogate in string"):
        return _NoText("undecodable", "it has half a character in it")
    if problem.startswith("str is not valid UTF-8"):
        return _NoText("undecodable", "it is no UTF-8")
    return _NoText("not_json", f"it is not JSON: {problem}")
