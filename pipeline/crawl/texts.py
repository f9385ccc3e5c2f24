"""Pages out of rows that hold text already: what Parquet and JSONL files share."""

import hashlib
import logging
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import NamedTuple

import numpy as np
from pydantic import Field

from pipeline.crawl.canonical_url import canonical
from pipeline.crawl.earlier import Earlier
from pipeline.crawl.errors import BadSourceFile, NothingFound
from pipeline.crawl.files import SourceFile, file_sha256
from pipeline.crawl.identity import doc_id, payload_of_text, row_doc_id
from pipeline.crawl.line_memory import Met
from pipeline.crawl.source import (
    TEXT_TYPE,
    Found,
    Page,
    Refused,
    Rest,
    Unchanged,
    Unsure,
    Visit,
)
from schemas.record import Record

TOGETHER = 4096  # unchanged pages that are told at once
LEAST_ROOM = 1 << 30  # bytes that any file may hold unpacked
MOST_EXPANSION = 200  # times its own size that a larger one may; prose is packed 3 to 10 times

log = logging.getLogger(__name__)


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
    values: Mapping[str, str | None]
    size: int  # bytes that it takes in the file, unpacked
    remember: Callable[[bytes], None] | None = None  # gets the doc_id of a row with an address


class Spoilt(NamedTuple):
    """A row that cannot be read, or not safely, or, from that row on, many."""

    number: int
    why: str  # the limit, a slug
    detail: str  # for people, with the place: `books.jsonl, line 3: the line is ...`
    size: int = 0  # bytes that were gone through
    many: bool = False
    environmental: bool = False


Rows = Generator[Row | Spoilt | Met, None, None]


def pages_of(
    file: SourceFile, rows: Rows, columns: Columns, earlier: Earlier, *, source: str
) -> Iterator[Page | Unchanged | Refused]:
    """A page for every row that has text; rows whose text is null are passed over."""
    waiting: list[int] = []
    try:
        for found in _pages_of(file, rows, columns, earlier, source=source):
            if waiting and (not isinstance(found, int) or len(waiting) == TOGETHER):
                yield Unchanged(np.array(waiting))
                waiting = []
            if isinstance(found, int):
                waiting.append(found)
            else:
                yield found
    except BadSourceFile:
        if waiting:  # what was read is told
            yield Unchanged(np.array(waiting))
        raise
    if waiting:
        yield Unchanged(np.array(waiting))


def _pages_of(
    file: SourceFile, rows: Rows, columns: Columns, earlier: Earlier, *, source: str
) -> Iterator[Page | Unchanged | Refused | int]:
    """The same; for a row whose page is as it was that page's number."""
    sha256 = b""  # of the file; only rows without an address need it
    for row in _bounded(file, rows):
        if isinstance(row, Met):
            yield row.pages
            continue
        if isinstance(row, Spoilt):
            sha256 = sha256 or file_sha256(file.path)
            identity = row_doc_id(source, sha256, row.number, row.why.encode())
            place = f"{file.name}#{row.number}"
            yield Refused(identity, place, row.why, row.detail, row.environmental)
            continue
        text = row.values.get(columns.text)
        if text is None:
            continue
        title, language = row.values.get(columns.title), row.values.get(columns.language)
        payload = payload_of_text(text, title, language)
        address = row.values.get(columns.url)
        url = (canonical(address) or address) if address else f"{file.name}#{row.number}"
        if address:
            identity = doc_id(source, url, payload)
            if row.remember:
                row.remember(identity)
        else:
            sha256 = sha256 or file_sha256(file.path)
            identity = row_doc_id(source, sha256, row.number, payload)
        before = earlier.documents.place(identity)
        if before >= 0 and earlier.url(before) == url:
            yield before
            continue
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

    A file that is damaged, or not what it should be, is told as refused from there on. Nobody knows
    the addresses of what is refused, so nothing counts as gone then.

    Args:
        files: each with its rows, which are read as they are asked for.
        columns: what they call what.
        visit: what is known from earlier.
        source: the kind of the source.
        paths: where the files were looked for.
        called: what people call a column of such files.

    Raises:
        NothingFound: no row has text, and some are refused or nothing is known from earlier.
        BadSourceFile: no row has text, and a file is not what it should be.
    """
    pages, refused, first = 0, 0, ""
    broken: list[BadSourceFile] = []
    for number, (file, rows) in enumerate(files, 1):
        found_here = pages_of(file, rows, columns, visit.earlier, source=source)
        for found in _found(file, found_here, source, broken):
            pages += isinstance(found, Page | Unchanged)
            if isinstance(found, Refused):
                refused, first = refused + 1, first or found.detail
            yield found
        visit.progress(number, len(files))
    if broken and not pages:
        raise broken[0]
    if not pages and (refused or not visit.earlier):
        raise NothingFound(
            ", ".join(paths),
            because=f"The files have no row with {columns.text!r}.",
            refused=first,
            remedy=f'Name the {called} that holds the text: columns = {{text = "..."}}.',
        )
    if not refused:
        yield Rest("gone")
    elif visit.earlier:
        yield Unsure(f"{refused:,} rows or files of {', '.join(paths)} are refused")


def _found(
    file: SourceFile,
    pages: Iterator[Page | Unchanged | Refused],
    source: str,
    broken: list[BadSourceFile],
) -> Iterator[Page | Unchanged | Refused]:
    """The pages of one file; where it breaks, the rest is refused and the error put to others."""
    try:
        yield from pages
    except BadSourceFile as error:
        broken.append(error)
        log.warning("%s", error)
        yield _left_out(file, error, source)


def _left_out(file: SourceFile, error: BadSourceFile, source: str) -> Refused:
    """What is lost of a file, as one piece; known by the file's name."""
    identity = doc_id(source, file.name, hashlib.sha256(error.slug.encode()).digest())
    said = f"{error.place}: {error.problem}".replace(str(file.path), file.name)
    return Refused(identity, file.name, error.slug, said)


def _bounded(file: SourceFile, rows: Rows) -> Iterator[Row | Spoilt | Met]:
    """The rows, up to the point where the file is no text that was packed but a bomb."""
    room = max(LEAST_ROOM, MOST_EXPANSION * file.path.stat().st_size)
    with closing(rows):
        for row in rows:
            if isinstance(row, Met) and row.size > room:
                before, row = row.parted(room)
                room -= before.size
                if len(before.sizes):
                    yield before
            room -= row.size
            if room < 0:
                most = f"what comes out of it is more than {MOST_EXPANSION} times as long as it"
                detail = f"{file.name}, from row {row.number} on: {most}"
                yield Spoilt(row.number, "too_many_bytes", detail, many=True)
                return
            yield row
