"""The delta of a window: new and changed pages in shards of its own, tombstones for gone ones."""

import hashlib
import logging

import numpy as np
import pyarrow as pa

from pipeline.crawl.earlier import ROLE, Earlier
from pipeline.crawl.key_places import Array
from pipeline.crawl.shard_writer import ShardWriter
from pipeline.crawl.source import Gone, Page, Refused, Rest, Same, Unchanged, Unsure
from pipeline.crawl.waiting import Waiting
from pipeline.takedowns import Takedowns
from pipeline.work import Work
from schemas.page import TOMBSTONES

LONGEST_NAME = 60  # characters of a shard's name that come from the host
TAKEN_DOWN = "taken_down"
KEPT = (
    "%d earlier pages were not met, and are kept: %s, and may hold them. Mend what the ledger has "
    "as quarantined, or take it out of the recipe, for pages that are gone to leave."
)
SAFE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_")

log = logging.getLogger(__name__)


class Delta:
    """Compares what a source tells with the earlier windows, and writes the difference."""

    def __init__(self, work: Work, earlier: Earlier, *, source: str) -> None:
        self._work, self._earlier, self._source = work, earlier, source
        self._limit = work.runtime.shard_documents
        # Of the earlier pages, by number: whose address was spoken of, and has a new page; whose
        # document is there, and there at another address: rows without one are called by place.
        self._met, self._renewed, self._there, self._moved = np.zeros((4, len(earlier)), np.bool_)
        self._told: set[str] = set()  # addresses that were spoken of and had no page earlier
        self._ids: set[bytes] = set()  # documents that are there and were not earlier
        self._gone: dict[int, str] = {}  # earlier page -> why
        self._refused: dict[bytes, Refused] = {}
        self._left_out: dict[bytes, None] = {}  # documents that were taken down
        self._numbers: dict[str, int] = {}  # group -> shards so far
        self._archive = ""  # whose pages are being written
        self._writer: ShardWriter | None = None

    def is_new(self, page: Page) -> bool:
        """Whether the page has to be written; it counts as told from now on."""
        before = self._earlier.documents.place(page.doc_id)
        number = self._earlier.number(page.url)
        if not self._is_first(page.url, number, page.doc_id, before, page.archive):
            return False
        if before >= 0 and self._earlier.url(before) == page.url:
            return False
        if before >= 0:
            self._moved[before] = True
        if number >= 0:
            self._renewed[number] = True
        return True

    def note_unchanged(self, found: Unchanged, taken_down: Takedowns) -> None:
        """Take down that pages are there, and are what they were."""
        numbers, earlier = found.numbers, self._earlier
        if (
            not self._met[numbers].any()
            and not self._there[numbers].any()
            and _all_differ(numbers)
            and not taken_down.keeps_any(map(earlier.url, numbers))
        ):
            self._met[numbers] = self._there[numbers] = True
            return
        for number in numbers.tolist():
            url, doc_id = earlier.url(number), earlier.doc_id(number)
            if taken_down.keeps_out(url):
                self.leave_out(url, doc_id)
            else:
                self._is_first(url, number, doc_id, number, "")

    def _is_first(self, url: str, number: int, doc_id: bytes, before: int, archive: str) -> bool:
        """Whether nothing was told before of the document or its address.

        `number`: the earlier page at the address, or -1; `before`: the one with the document.
        """
        again = self._tell(url, number)
        if doc_id in self._ids or (before >= 0 and self._there[before]):
            if number >= 0 and not again:  # of several addresses the first one stands
                self._gone[number] = "gone"
            return False
        if again:  # one address, one page a window: the first one stands
            self._work.drop(doc_id, "repeated_url", shard=self._shard_of(archive).shard)
            return False
        if before >= 0:
            self._there[before] = True
        else:
            self._ids.add(doc_id)
        return True

    def _tell(self, url: str, number: int) -> bool:
        """Take down that an address was spoken of; whether it was before."""
        again = url in self._told if number < 0 else bool(self._met[number])
        if number < 0:
            self._told.add(url)
        else:
            self._met[number] = True
        return again

    def note(self, found: Same | Gone | Rest | Unsure | Refused) -> None:
        """Take down what became of earlier pages, and of what is no page."""
        if isinstance(found, Refused):
            self._tell(found.url, self._earlier.number(found.url))
            self._refused.setdefault(found.doc_id, found)
            return
        if isinstance(found, Rest | Unsure):
            untold = np.flatnonzero(~self._met).tolist()
            if isinstance(found, Rest):
                self._gone.update(dict.fromkeys(untold, found.why))
            elif untold:
                log.warning(KEPT, len(untold), found.why)
            return
        number = self._earlier.number(found.url)
        self._tell(found.url, number)
        if isinstance(found, Gone) and number >= 0:
            self._gone[number] = found.why

    def leave_out(self, url: str, doc_id: bytes) -> None:
        """Take down that a source still holds a page that was taken down."""
        self._tell(url, self._earlier.number(url))
        self._left_out[doc_id] = None

    def write(self, page: Page) -> None:
        """Write a page of a source that tells its pages in a lasting order."""
        self._shard_of(page.archive).put(page)

    def write_all(self, arrived: Waiting) -> None:
        """Write pages that came in any order: by host, by URL; small hosts share a shard."""
        waiting = arrived.pages()
        for host, size in arrived.sites():
            if self._writer and self._writer.documents + size > self._limit:
                self._close()
            for _ in range(size):
                self._current(host).put(next(waiting))

    def finish(self) -> None:
        """Write the tombstones, and close what is open."""
        for each in np.flatnonzero(self._moved & ~self._renewed).tolist():
            self._gone.setdefault(each, "gone")
        gone = sorted((self._earlier.url(each), each) for each in self._gone)
        rows = [
            {
                "doc_id": self._earlier.doc_id(number),
                "url": url,
                "window": self._work.window,
                "why": self._gone[number],
            }
            for url, number in gone
            if (self._moved[number] or not self._there[number]) and not self._renewed[number]
        ]
        if rows:
            batch = pa.RecordBatch.from_pylist(rows, schema=TOMBSTONES)
            self._work.write("tombstones", batch, shard=self._current("gone").shard)
        first = not len(self._earlier)
        if self._writer or first:  # no shard is made for this alone, window by window
            for doc_id in self._left_out:
                self._work.drop(doc_id, TAKEN_DOWN, shard=self._current(self._source).shard)
        self._quarantine()
        self._close()

    def _quarantine(self) -> None:
        """Take down what is refused, but for what stands in the ledger of an earlier window."""
        told = self._work.left(ROLE, self._refused) if self._refused else set()
        for doc_id, refused in self._refused.items():
            if doc_id not in told:
                self._work.quarantine(
                    doc_id,
                    refused.why,
                    refused.detail,
                    environmental=refused.environmental,
                    shard=self._current(self._source).shard,
                )

    def _shard_of(self, archive: str) -> ShardWriter:
        """The shard for the next page of a lasting order; each archive begins one."""
        if archive != self._archive:
            self._close()
            self._archive = archive
        return self._current(archive or self._source)

    def _current(self, group: str) -> ShardWriter:
        """The shard that is open; a new one, called after `group`, when that is full."""
        if self._writer and self._writer.documents >= self._limit:
            self._close()
        if self._writer is None:
            number = self._numbers.get(group, 0)
            self._numbers[group] = number + 1
            name = f"{_compact(self._work.window)}-{safe_name(group)}-{number:03d}"
            self._writer = ShardWriter(self._work, name)
        return self._writer

    def _close(self) -> None:
        if self._writer:
            self._writer.close()
        self._writer = None


def _all_differ(numbers: Array) -> bool:
    ascending = bool((numbers[1:] > numbers[:-1]).all())  # nearly always, and soon known
    return ascending or len(np.unique(numbers)) == len(numbers)


def safe_name(text: str) -> str:
    """`text` in characters that every file system takes; a hash parts what that makes alike."""
    name = "".join(character if character in SAFE else "_" for character in text)
    if name == text and len(name) <= LONGEST_NAME:
        return name
    return f"{name[:LONGEST_NAME]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _compact(window: str) -> str:
    return safe_name(window.replace("-", "").replace(":", "").lower()) or "first"
