"""Pages out of rows that hold text already: what Parquet and JSONL files share."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pydantic import Field

from pipeline.crawl.canonical_url import canonical
from pipeline.crawl.errors import BadSourceFile, NothingFound
from pipeline.crawl.files import SourceFile, file_sha256
from pipeline.crawl.identity import doc_id, payload_of_text, row_doc_id
from pipeline.crawl.source import TEXT_TYPE, Found, Page, Rest, Visit
from schemas.record import Record


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


def pages_of(
    file: SourceFile, rows: Iterator[Row], columns: Columns, *, source: str
) -> Iterator[Page]:
    """A page for every row that has text; rows whose text is null are passed over.

    Raises:
        BadSourceFile: a value is not text.
    """
    sha256 = b""  # of the file; only rows without an address need it
    for row in rows:
        text = _string(row, columns.text)
        if text is None:
            continue
        title, language = _string(row, columns.title), _string(row, columns.language)
        payload = payload_of_text(text, title, language)
        address = _string(row, columns.url)
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
    files: Sequence[tuple[SourceFile, Iterator[Row]]],
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
    pages = 0
    for number, (file, rows) in enumerate(files, 1):
        for page in pages_of(file, rows, columns, source=source):
            pages += 1
            yield page
        visit.progress(number, len(files))
    if not pages and not visit.earlier:
        raise NothingFound(
            ", ".join(paths),
            because=f"The files have no row with {columns.text!r}.",
            remedy=f'Name the {called} that holds the text: columns = {{text = "..."}}.',
        )
    yield Rest("gone")


def _string(row: Row, column: str) -> str | None:
    value = row.values.get(column) if column else None
    if value is None or isinstance(value, str):
        return value
    raise BadSourceFile(
        row.place,
        problem=f"{column!r} holds {type(value).__name__}, not text",
        remedy="Name a column of text in the recipe, or mend the file.",
    )
