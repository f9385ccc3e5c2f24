"""What a source of pages is, and what it tells the stage."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Annotated, ClassVar, NamedTuple

import pyarrow as pa
from pydantic import BeforeValidator, SerializeAsAny

from pipeline.block import Block
from pipeline.crawl.earlier import Earlier
from pipeline.crawl.key_places import Array
from pipeline.crawl.rights import Rights
from pipeline.storage.journal import Journal, Piece

TEXT_TYPE = "text/plain; charset=utf-8"
AGENT = "Penstock"


def _nothing(_: str) -> bool:
    return False


def _nothing_noted(_: str) -> pa.Table | None:
    return None


class Visit(NamedTuple):
    """One visit to a source: when, and what is known from earlier ones."""

    window: str  # ISO 8601 in UTC
    earlier: Earlier  # what was there, by canonical URL
    journal: Journal  # what a killed visit of the same window has done, and where this one notes it
    progress: Callable[[int, int], None]  # done, of how many known so far
    taken_down: Callable[[str], bool] = _nothing  # addresses that nobody may ask for any more
    noted: Callable[[str], pa.Table | None] = _nothing_noted  # beside the earlier window, by name


class Page(NamedTuple):
    """A page that is there."""

    url: str
    source: str
    doc_id: bytes
    payload_sha256: bytes
    content_type: str | None = None
    body: bytes | None = None  # HTML or plain text as it travelled, to be stored as WARC
    member: bytes | None = None  # instead of a body: its WARC record, packed
    text: str | None = None  # instead of a body: sources that hold text
    title: str | None = None
    fetched: datetime | None = None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    address: str = ""  # the server's
    piece: Piece | None = None  # where its member and its links wait in the journal
    member_bytes: int = 0  # of the piece; its links follow
    record_id: str = ""  # of the record that it was read from, or that `member` is
    etag: str | None = None
    last_modified: str | None = None
    links: tuple[str, ...] | None = None
    rights: Rights = Rights()
    archive: str = ""  # the file that it came in, where its shards hold pages of that one alone


class Unchanged(NamedTuple):
    """Pages that say what they said in the newest earlier window."""

    numbers: Array  # of `Earlier`, int64

    def one_by_one(self) -> Iterator[Unchanged]:
        """Each by itself."""
        for at in range(len(self.numbers)):
            yield Unchanged(self.numbers[at : at + 1])


class Same(NamedTuple):
    """An earlier page that still stands, or about which nothing could be learnt."""

    url: str


class Gone(NamedTuple):
    """An address that no longer has a page."""

    url: str
    why: str  # gone, refused


class Rest(NamedTuple):
    """Everything that is there has been told: earlier pages not spoken of are no more."""

    why: str  # gone, unlinked


class Unsure(NamedTuple):
    """Not everything could be read: earlier pages not spoken of are kept, and counted."""

    why: str  # what was not read: "3 rows were refused"


class Noted(NamedTuple):
    """A table to keep beside the pages; told once, at the end."""

    name: str
    rows: pa.Table


class Refused(NamedTuple):
    """A page, or a piece of a file, that cannot be read safely: it is quarantined."""

    doc_id: bytes
    url: str
    why: str  # the limit, a slug
    detail: str  # a sentence for people, without text of the page
    environmental: bool = False  # another machine may say otherwise


Found = Page | Unchanged | Same | Gone | Rest | Unsure | Refused | Noted


class Source(Block):
    """Where pages come from. `visit` tells what is there now."""

    home = "pipeline.crawl.sources"
    ordered: ClassVar[bool] = True  # the order of pages depends on nothing but what is there
    pace: ClassVar[tuple[str, ...]] = ()  # fields that decide only how fast; in no version

    def cannot_look_back(self) -> str:
        """Why it cannot tell what was there in an earlier window; empty where it can."""
        return "it visits what is there now, and cannot know what was there before"

    @abstractmethod
    def visit(self, visit: Visit) -> Iterator[Found]:
        """Tell every page that is there, and what became of the earlier ones.

        Raises:
            NothingFound: there is no page, and none is known from earlier or, in files of texts,
                what is there is refused.
        """


AnySource = Annotated[SerializeAsAny[Source], BeforeValidator(Source.parse)]
