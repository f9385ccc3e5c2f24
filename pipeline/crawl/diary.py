"""What a crawl writes down in its journal, and what it knows again when it goes on.

One row an event, in the order in which they came:

    ["visit", target, why, kind, ...]   what came of a visit; its page and links are the row's piece
    ["sitemaps", site, [...]]           the sitemaps that a site's robots.txt names
    ["seconds", seconds]                how long the crawl has taken so far
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from pipeline.crawl.rights import Rights
from pipeline.crawl.source import Gone, Page, Same
from pipeline.crawl.target import Outcome, Target
from pipeline.storage.journal import Journal, Piece

SEGMENT_BYTES = 8 << 20  # of pages; a segment is written when there is so much,
SEGMENT_SECONDS = 1.0  # or after so long: what a kill can cost
SNAPSHOT_SEGMENTS = 64  # at least so many are between two snapshots
SNAPSHOT_SHARE = 0.25  # and at least this share of all


class Known(NamedTuple):
    """One event that was written down."""

    event: Outcome | tuple[str, tuple[str, ...]]  # a visit, or a site and its sitemaps
    covered: bool  # the snapshot has what it led to


class Diary:
    """Writes down and reads back. Nothing is done for good before `write` has come back."""

    def __init__(self, journal: Journal, *, window: str, clock: Callable[[], float]) -> None:
        self._journal, self._clock = journal, clock
        self._window = window
        self._rows: list[list[Any]] = []
        self._pieces: list[bytes] = []
        self._outcomes: list[tuple[Outcome, int]] = []  # and the number of its piece
        self._size = 0
        self._began = clock()
        self._since = clock()
        self._covered = 0  # segments that the newest snapshot stands for
        self._before = 0.0  # seconds that earlier tries took

    @property
    def seconds(self) -> float:
        """How long the crawl has taken, all tries together."""
        return self._before + self._clock() - self._began

    def begin(self) -> dict[str, Any] | None:
        """Go on, or begin; the state of the newest snapshot, if there is one."""
        self._journal.begin({"window": self._window})
        found = self._journal.newest_snapshot()
        self._covered, state = found or (0, None)
        return state

    def known(self) -> Iterator[Known]:
        """All that was written down, in order; pages are light, see `Page.piece`."""
        for number, rows, pieces in self._journal.segments():
            place = iter(pieces)
            covered = number <= self._covered
            for kind, *row in rows:
                if kind == "visit":
                    yield Known(self._outcome(row, next(place), light=covered), covered)
                elif kind == "sitemaps":
                    yield Known((row[0], tuple(row[1])), covered)
                else:
                    self._before = row[0]

    def note(self, outcome: Outcome) -> None:
        """Take down what came of a visit."""
        page = outcome.found if isinstance(outcome.found, Page) else None
        member = page.member or b"" if page else b""
        links = zlib.compress(json.dumps([outcome.links, outcome.sitemaps]).encode(), 1)
        self._outcomes.append((_light(outcome), len(self._pieces)))
        self._pieces.append(member + links)
        self._rows.append(["visit", *_row(outcome, page, len(member))])
        self._size += len(member) + len(links)

    def note_sitemaps(self, site: str, named: tuple[str, ...]) -> None:
        """Take down which sitemaps a site has."""
        self._rows.append(["sitemaps", site, named])

    def due_seconds(self) -> float:
        """Until what is noted has to be written; 0 where it has to be now."""
        if self._size >= SEGMENT_BYTES:
            return 0.0
        return max(0.0, self._since + SEGMENT_SECONDS - self._clock()) if self._rows else 60.0

    def write(self) -> list[Outcome]:
        """Make all that is noted last; the outcomes of it, whose pages are light now."""
        outcomes, self._since = self._outcomes, self._clock()
        if not self._rows:
            return []
        self._rows.append(["seconds", round(self.seconds, 3)])
        places = self._journal.append(self._rows, self._pieces)
        self._rows, self._pieces, self._outcomes, self._size = [], [], [], 0
        return [_placed(outcome, places[number]) for outcome, number in outcomes]

    def snapshot_due(self) -> bool:
        """Whether a snapshot would spare the next try enough."""
        newer = self._journal.last - self._covered
        return newer >= max(SNAPSHOT_SEGMENTS, SNAPSHOT_SHARE * self._journal.last)

    def snapshot(self, state: dict[str, Any]) -> None:
        """Keep a state that all that is written led to."""
        self._journal.snapshot(state)
        self._covered = self._journal.last

    def _outcome(self, row: list[Any], piece: Piece, *, light: bool) -> Outcome:
        target, why, kind, gone, told, member_bytes, page = row
        found = _found(Target(*target), kind, gone, page, member_bytes)
        links: list[list[str]] = [[], []]
        if not light:
            links = json.loads(zlib.decompress(self._journal.read(piece)[member_bytes:]))
        outcome = Outcome(Target(*target), why, found, tuple(links[0]), tuple(links[1]), *told)
        return _placed(outcome, piece)


def whole(journal: Journal, page: Page) -> Page:
    """A light page with its record and its links."""
    if page.piece is None:
        return page
    content = journal.read(page.piece)
    links = json.loads(zlib.decompress(content[page.member_bytes :]))[0]
    return page._replace(member=content[: page.member_bytes], links=tuple(links))


def now() -> float:
    """The clock of a crawl, in seconds."""
    return time.monotonic()


def _row(outcome: Outcome, page: Page | None, member_bytes: int) -> list[Any]:
    found = outcome.found
    kind = type(found).__name__.lower() if found else ""
    gone = found.why if isinstance(found, Gone) else ""
    told = [outcome.redirect, outcome.status, outcome.detail, outcome.lost, outcome.received]
    return [
        list(outcome.target),
        outcome.why,
        kind,
        gone,
        told,
        member_bytes,
        _page_row(page) if page else None,
    ]


def _page_row(page: Page) -> list[Any]:
    return [
        page.doc_id.hex(),
        page.payload_sha256.hex(),
        page.content_type,
        page.fetched.isoformat() if page.fetched else None,
        page.status,
        page.record_id,
        page.etag,
        page.last_modified,
        list(page.rights),
    ]


def _found(
    target: Target, kind: str, gone: str, page: list[Any] | None, member_bytes: int
) -> Page | Same | Gone | None:
    if page is not None:
        identity, sha256, content_type, fetched, status, record, etag, modified, rights = page
        return Page(
            url=target.url,
            source="web",
            doc_id=bytes.fromhex(identity),
            payload_sha256=bytes.fromhex(sha256),
            content_type=content_type,
            fetched=datetime.fromisoformat(fetched) if fetched else None,
            status=status,
            record_id=record,
            etag=etag,
            last_modified=modified,
            member_bytes=member_bytes,
            rights=Rights(*rights),
        )
    return Same(target.url) if kind == "same" else Gone(target.url, gone) if kind else None


def _light(outcome: Outcome) -> Outcome:
    """Without what lies in the journal."""
    found = outcome.found
    if isinstance(found, Page):
        found = found._replace(member=None, links=None, member_bytes=len(found.member or b""))
    return outcome._replace(found=found, links=(), sitemaps=())


def _placed(outcome: Outcome, piece: Piece) -> Outcome:
    found = outcome.found
    return (
        outcome._replace(found=found._replace(piece=piece)) if isinstance(found, Page) else outcome
    )
