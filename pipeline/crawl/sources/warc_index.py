"""Single pages out of archives that lie elsewhere, as an index lists them."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import Counter, deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple, Self

from pydantic import Field, model_validator

from pipeline.crawl.archived import held, page_in
from pipeline.crawl.canonical_url import canonical
from pipeline.crawl.errors import DamagedSource, NothingFound
from pipeline.crawl.files import files_of, not_dated
from pipeline.crawl.identity import doc_id
from pipeline.crawl.index_rows import rows_of_index
from pipeline.crawl.remote import Part, RemoteSource
from pipeline.crawl.source import Found, Page, Refused, Rest, Visit
from pipeline.crawl.unpacking import Damage
from pipeline.crawl.warc_reader import Record, WarcReader

if TYPE_CHECKING:
    from pipeline.crawl.fetch import Answer, Fetcher

MOST_FAILED = 20  # records one after the other, before the archive is taken for gone
AHEAD = 4  # records on their way or waiting, for each connection

log = logging.getLogger(__name__)


class Place(NamedTuple):
    """Where a record lies."""

    url: str  # of its page
    file: str  # below the base
    offset: int  # bytes
    length: int


class WarcIndex(RemoteSource):
    """Fetches the pages that Common Crawl's columnar index lists, one record at a time.

    The index is Parquet with a row for each record: `url` is its page's, `warc_filename`,
    `warc_record_offset` and `warc_record_length` say where it lies; `fetch_status` and the columns
    that a filter below looks at have to be there as well. It is read as records are asked for, in a
    process that may take half a gigabyte of memory. Each record is a gzip member of its own, whose
    checksum is checked, and has digests. What is damaged or cannot be had is quarantined.

    Fields:
        index: files or patterns of the index, `cc-index/crawl=*/subset=warc/*.parquet`; `{date}`
            means a day: a window takes the files of days up to its own.
        base: where the WARC files lie; `warc_filename` is added to it.
        domains: registered domains to take, `example.org`; all by default.
        languages: to take, as the index calls them, `eng`: the main one of a page counts.
        most_records: to ask for at one visit; no page is taken for gone because of it.
        contact: an address or a page where the archive's owner reaches you.
        most_bytes: of one page, unpacked; a larger one is quarantined.
        loopback, networks: which addresses that are not public may be reached.
        connections, seconds, retries, backoff_seconds: records asked for at once; for one try, how
            many more, and the first pause between.
    """

    index: tuple[str, ...] = Field(min_length=1)
    domains: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    most_records: int = Field(default=10_000_000, gt=0)

    @model_validator(mode="after")
    def _can_be_meant(self) -> Self:
        base = canonical(self.base)
        if base is None or not base.endswith("/"):
            msg = f"base: {self.base!r} is no http or https address that ends with a slash"
            raise ValueError(msg)
        return self

    def cannot_look_back(self) -> str:
        """Not unless the index files' names have a day."""
        return not_dated(self.index)

    def visit(self, visit: Visit) -> Iterator[Found]:
        """Fetch every record that is listed and asked for, in the index's order."""
        listed = _Listed(self._places(visit), self.most_records)
        with closing(listed.places), closing(self._fetched(listed)) as fetched:
            yield from self._told(fetched, listed, visit)

    def _told(
        self, fetched: Iterator[Page | Refused | str], listed: _Listed, visit: Visit
    ) -> Iterator[Found]:
        left_out: Counter[str] = Counter()
        pages = refused = in_a_row = 0
        why = "none"
        for done, found in enumerate(fetched, 1):
            visit.progress(done, listed.count)
            away = isinstance(found, Refused) and found.environmental
            in_a_row = in_a_row + 1 if away else 0
            if isinstance(found, str):
                left_out[found] += 1
                continue
            if isinstance(found, Refused):
                refused, why = refused + 1, found.detail
            if in_a_row == MOST_FAILED:
                raise DamagedSource(
                    self.base,
                    problem=f"{in_a_row} records in a row cannot be had; the last: {why}",
                    remedy="Check `base`, or run again later.",
                )
            pages += isinstance(found, Page)
            yield found
        log.info("Left out of %d records: %s.", listed.count, dict(left_out) or "nothing")
        if listed.cut:
            log.warning("The index lists more than %d records: the rest is left.", listed.count)
        if not pages and not visit.earlier:
            raise NothingFound(
                ", ".join(self.index),
                because=f"Of {listed.count:,} records that it lists for these domains and "
                f"languages none is a page; {refused} cannot be read, the last: {why}; left out: "
                f"{dict(left_out)}.",
                remedy="Check domains and languages against the index, where they are spelled so, "
                "and `base`.",
            )
        if not refused and not listed.cut:  # what was refused may be any of the earlier ones
            yield Rest("gone")

    def _places(self, visit: Visit) -> Generator[Place, None, None]:
        """Where the records lie that are listed and asked for."""
        for file in files_of(self.index, visit.window):
            rows = rows_of_index(file.path, domains=self.domains, languages=self.languages)
            with closing(rows):
                for row in rows:
                    found = Place(*row)._replace(url=canonical(row[0]) or row[0])
                    if not visit.taken_down(found.url):
                        yield found

    def _fetched(self, places: Iterator[Place]) -> Generator[Page | Refused | str, None, None]:
        """What each record holds, in order; some are on their way while others are waited for."""
        over = threading.Event()
        waiting: deque[tuple[Place, Future[bytes | str]]] = deque()
        with (
            self.fetcher(most_bytes=held(self.most_bytes)) as fetcher,
            ThreadPoolExecutor(self.connections) as threads,
        ):
            try:
                while True:
                    while len(waiting) < AHEAD * self.connections and (place := next(places, None)):
                        waiting.append((place, threads.submit(self._record, fetcher, place, over)))
                    if not waiting:
                        return
                    place, fetch = waiting.popleft()
                    yield self._judge(place, fetch.result())
            finally:
                over.set()
                threads.shutdown(wait=False, cancel_futures=True)

    def _judge(self, place: Place, record: bytes | str) -> Page | Refused | str:
        if isinstance(record, str):
            return _refused(place, "unavailable", record, environmental=True)
        try:
            with WarcReader(BytesIO(record), most_bytes=held(self.most_bytes)) as reader:
                records = (each for each in reader.records() if isinstance(each, Record))
                found, another = next(records, None), next(records, None)  # the checksum is behind
        except Damage as damage:
            return _refused(place, "damaged_record", str(damage))
        if another:
            return _refused(place, "damaged_record", "there is more than one record in it")
        return page_in(found, most_bytes=self.most_bytes) if found else "empty records"

    def _record(self, fetcher: Fetcher, place: Place, over: threading.Event) -> bytes | str:
        """A record as it lies in its file; why it cannot be had, however often it is asked for."""
        url = canonical(place.file, self.base)
        if url is None or not url.startswith(canonical(self.base) or self.base):
            return f"{place.file} is no file below {self.base}"

        def judge(answer: Answer) -> str:
            size = len(answer.body)
            return "" if size == place.length else f"{size:,} bytes came of {place.length:,}"

        part = Part(url, place.offset, place.length)
        answer = self.tries(over).part(fetcher, part, judge)
        if isinstance(answer, str):
            return f"{place.file}, byte {place.offset:,}: {answer}"
        return answer.body


def _refused(place: Place, why: str, detail: str, *, environmental: bool = False) -> Refused:
    where = hashlib.sha256(repr(place).encode()).digest()
    return Refused(doc_id("warc", place.url, where), place.url, why, detail, environmental)


class _Listed:
    """The places in an index, as they are read, up to so many."""

    def __init__(self, places: Generator[Place, None, None], most: int) -> None:
        self.places, self.count, self.cut = places, 0, False
        self._most = most

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Place:
        if self.cut:
            raise StopIteration
        place = next(self.places)
        if self.count == self._most:
            self.cut = True
            raise StopIteration
        self.count += 1
        return place
