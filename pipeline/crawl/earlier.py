"""What the earlier windows found: the newest record of every address that still had a page.

A refresh meets nearly all of them again, and asks nothing more of them than who they are. So they
stay columns, and are numbered: some 70 bytes a page beside its address, where objects take 500.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.crawl.key_places import Array, KeyPlaces, values_of
from schemas.page import PAGES

if TYPE_CHECKING:
    from pipeline.work import Work

ROLE = "earlier"
COLUMNS = ("url", "doc_id", "window", "etag", "last_modified", "links")
ENDED = ("url", "window")


class Known(NamedTuple):
    """What the newest earlier window had at an address."""

    doc_id: bytes
    window: str
    etag: str | None
    last_modified: str | None


class Earlier(Mapping[str, Known]):
    """Canonical URL -> what the newest window had there. Pages have numbers too, from 0."""

    def __init__(self, rows: pa.Table, hashes: Array | None = None) -> None:
        """`rows`: `COLUMNS`, every address once; `hashes`: of the addresses, where they are had."""
        self._rows, self._urls = rows.drop_columns("doc_id"), rows["url"]
        hashes = _hashes(self._urls) if hashes is None else hashes
        self._order = np.argsort(hashes)
        self._hashes = hashes[self._order]
        self.doc_ids: Array = values_of(rows["doc_id"])  # (pages, 16) uint8

    def number(self, url: str) -> int:
        """The page at an address; -1 where there is none."""
        if not len(self._order):
            return -1
        hashed = hash(url)
        for at in range(int(self._hashes.searchsorted(hashed)), len(self._hashes)):
            number = int(self._order[at])
            if self._hashes[at] != hashed:
                break
            if self.url(number) == url:
                return number
        return -1

    def url(self, number: int) -> str:
        """The address of a page."""
        return str(self._urls[number].as_py())

    def doc_id(self, number: int) -> bytes:
        """The document at a page."""
        return bytes(self.doc_ids[number])

    @cached_property
    def documents(self) -> KeyPlaces:
        """The pages by their documents."""
        return KeyPlaces(self.doc_ids.tobytes())

    def __getitem__(self, url: str) -> Known:
        number = self.number(url)
        if number < 0:
            raise KeyError(url)
        rest = (self._value(name, number) for name in Known._fields[1:])
        return Known(self.doc_id(number), *rest)

    def links(self, url: str) -> tuple[str, ...]:
        """Where the page at an address led; nowhere, if there is none."""
        number = self.number(url)
        return tuple(self._value("links", number) or ()) if number >= 0 else ()

    def _value(self, column: str, number: int) -> Any:
        return self._rows[column][number].as_py()

    def __iter__(self) -> Iterator[str]:
        for chunk in self._urls.chunks:
            yield from chunk.to_pylist()

    def __len__(self) -> int:
        return len(self._order)


def nothing_earlier() -> Earlier:
    """What is known before the first window."""
    return Earlier(PAGES.empty_table().select(COLUMNS))


def read_earlier(work: Work) -> Earlier:
    """The newest record of every address, unless it was found gone since."""
    if not work.shards(ROLE):
        return nothing_earlier()
    batches = [_sharing(batch) for batch in work.batches(ROLE, "pages", COLUMNS)]
    if not batches:
        return nothing_earlier()
    rows = pa.Table.from_batches(batches).unify_dictionaries()
    hashes = _hashes(rows["url"])
    stay = _newest(rows, hashes) & ~_ended(rows, work.table(ROLE, "tombstones", ENDED))
    if not stay.all():
        rows, hashes = rows.filter(pa.array(stay)), hashes[stay]
    return Earlier(rows, hashes)


def _sharing(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same; values that come again and again are held once each."""
    links = batch["links"]
    ends, values = pc.subtract(links.offsets, links.offsets[0]), links.flatten()
    shared = {
        "window": batch["window"].dictionary_encode(),
        # All that a site links to may be more than 32-bit offsets reach.
        "links": pa.ListArray.from_arrays(ends, values.cast(pa.large_string()).dictionary_encode()),
    }
    columns = [shared.get(name, batch[name]) for name in COLUMNS]
    return pa.RecordBatch.from_arrays(columns, names=COLUMNS)


def _hashes(urls: pa.ChunkedArray) -> Array:
    """Python's own: whoever names pages cannot know them, so cannot make them alike."""
    found = np.empty(len(urls), np.int64)
    at = 0
    for chunk in urls.chunks:
        found[at : at + len(chunk)] = np.fromiter(map(hash, chunk.to_pylist()), np.int64)
        at += len(chunk)
    return found


def _newest(rows: pa.Table, hashes: Array) -> Array:
    """Which records are the newest of their addresses; of one window's the first."""
    order = np.argsort(hashes)
    ordered = hashes[order]
    alike = np.zeros(len(order), np.bool_)
    alike[1:] = ordered[1:] == ordered[:-1]
    alike[:-1] |= alike[1:]
    several = np.sort(order[alike])
    newest: dict[str, tuple[str, int]] = {}  # address -> window, record
    for number, url, window in zip(several.tolist(), *_some(rows, several), strict=True):
        if url not in newest or newest[url][0] < window:
            newest[url] = window, number
    stay = np.ones(len(order), np.bool_)
    stay[several] = False
    stay[[number for _, number in newest.values()]] = True
    return stay


def _ended(rows: pa.Table, tombstones: pa.Table) -> Array:
    """Which records are of addresses that were found without a page in their window or since."""
    found = np.zeros(rows.num_rows, np.bool_)
    last: dict[str, str] = {}
    for url, window in zip(*_some(tombstones, np.arange(tombstones.num_rows)), strict=True):
        last[url] = max(window, last.get(url, ""))
    if last:
        among = pa.array(last, pa.large_string())
        met = np.flatnonzero(pc.is_in(rows["url"].cast(pa.large_string()), among).to_numpy())
        pairs = zip(*_some(rows, met), strict=True)
        found[met] = [window <= last[url] for url, window in pairs]
    return found


def _some(rows: pa.Table, chosen: Array) -> tuple[list[str], list[str]]:
    """The addresses and windows of some rows, by their numbers, ascending."""
    mask = np.zeros(rows.num_rows, np.bool_)
    mask[chosen] = True
    # A filter, not `take`: that would first join the URLs, which may be more than one array holds.
    found = rows.select(ENDED).filter(pa.array(mask))
    return found["url"].to_pylist(), found["window"].to_pylist()
