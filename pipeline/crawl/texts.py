"""Pages out of rows that hold text already: what Parquet and JSONL files share."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import NamedTuple

from pydantic import Field

from pipeline.crawl.canonical_url import canonical
from pipeline.crawl.errors import BadSourceFile, NothingFound
from pipeline.crawl.files import SourceFile, file_sha256
from pipeline.crawl.identity import doc_id, payload_of_text, row_doc_id
from pipeline.crawl.source import TEXT_TYPE, Found, Page, Refused, Rest, Visit
from schemas.record import Record

LEAST_ROOM = 1 << 30  # characters that any file may hold unpacked
MOST_EXPANSION = 200  # times its own size that a larger one may; prose is packed 3 to 10 times


class Columns(Record):
    """Which columns of a file say what; an empty name means that there is none."""

    text: str = Field(default="text", min_length=1)
    url: str = ""
    title: str = ""
    language: str = ""

    def named(self) -> tuple[str, ...]:
        """The columns to read."""
        return tuple(filter(None, (self.text, self.url, self.title, self.language)))


class Row(NamedTuple):
    """One row of a file."""

    number: int  # from 0
    place: str  # for messages: `books.jsonl, line 3`
    values: Mapping[str, object]


class Spoilt(NamedTuple):
    """A row that cannot be read safely, or, from that row on, many."""

    number: int
    why: str  # the limit, a slug
    detail: str  # a sentence for people
    size: int = 0  # characters that were gone through
    many: bool = False
    environmental: bool = False


Rows = Generator[Row | Spoilt, None, None]


def pages_of(
    file: SourceFile, rows: Rows, columns: Columns, *, source: str
) -> Iterator[Page | Refused]:
    """A page for every row that has text; rows whose text is null are passed over.

    Raises:
        BadSourceFile: a value is not text.
    """
    sha256 = b""  # of the file; only rows without an address need it
    for row, said in _bounded(file, rows, columns):
        if isinstance(row, Spoilt):
            sha256 = sha256 or file_sha256(file.path)
            identity = row_doc_id(source, sha256, row.number, row.why.encode())
            place = f"{file.name}#{row.number}"
            yield Refused(identity, place, row.why, row.detail, row.environmental)
            continue
        text, address, title, language = said
        if text is None:
            continue
        payload = payload_of_text(text, title, language)
        url = (canonical(address) or address) if address else f"{file.name}#{row.number}"
        if address:
            identity = doc_id(source, url, payload)
        else:
            sha256 = sha256 or file_sha256(file.path)
            identity = row_doc_id(source, sha256, row.number, payload)
        yield Page(
            url=url,
            source=source,
            doc_id=identity,
            payload_sha256=payload,
            content_type=f"{TEXT_TYPE}; language={language}" if language else TEXT_TYPE,
            text=text,
            title=title,
        )


def told(
    files: Sequence[tuple[SourceFile, Rows]],
    columns: Columns,
    visit: Visit,
    *,
    source: str,
    paths: Sequence[str],
    called: str,
) -> Iterator[Found]:
    """All pages of some files of rows, and that there is no other.

    Args:
        files: each with its rows, which are read as they are asked for.
        columns: what they call what.
        visit: what is known from earlier.
        source: the kind of the source.
        paths: where the files were looked for.
        called: what people call a column of such files.

    Raises:
        NothingFound: no row has text, and nothing is known from earlier.
    """
    pages, whole = 0, True
    for number, (file, rows) in enumerate(files, 1):
        for found in pages_of(file, rows, columns, source=source):
            pages += isinstance(found, Page)
            whole &= isinstance(found, Page)
            yield found
        visit.progress(number, len(files))
    if not pages and not visit.earlier:
        raise NothingFound(
            ", ".join(paths),
            because=f"The files have no row with {columns.text!r}.",
            remedy=f'Name the {called} that holds the text: columns = {{text = "..."}}.',
        )
    if whole:  # what was refused may hold any of the earlier ones
        yield Rest("gone")


def _bounded(
    file: SourceFile, rows: Rows, columns: Columns
) -> Iterator[tuple[Row | Spoilt, list[str | None]]]:
    """The rows, up to the point where the file is no text that was packed but a bomb.

    With each what it says: text, address, title and language.
    """
    room = max(LEAST_ROOM, MOST_EXPANSION * file.path.stat().st_size)
    names = (columns.text, columns.url, columns.title, columns.language)
    with closing(rows):
        for row in rows:
            said = [] if isinstance(row, Spoilt) else [_string(row, name) for name in names]
            room -= row.size if isinstance(row, Spoilt) else sum(map(len, filter(None, said)))
            if room < 0:
                detail = f"from here on it is more than {MOST_EXPANSION} times as long as its file"
                yield Spoilt(row.number, "too_many_bytes", detail, many=True), []
                return
            yield row, said


def _string(row: Row, column: str) -> str | None:
    value = row.values.get(column) if column else None
    if value is None or isinstance(value, str):
        return value
    raise BadSourceFile(
        row.place,
        problem=f"{column!r} holds {type(value).__name__}, not text",
        remedy="Name a column of text in the recipe, or mend the file.",
    )
