"""What the earlier windows had: of every address the newest record, unless it was gone since."""

import hashlib
from typing import NamedTuple

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipeline.crawl import earlier
from pipeline.crawl.earlier import COLUMNS, ENDED, read_earlier
from schemas.page import PAGES, TOMBSTONES

WINDOWS = ["2026-11-20T01:00:00Z", "2026-11-21T01:00:00Z", "2026-11-22T01:00:00Z"]
URLS = [f"http://example.org/{number}" for number in range(5)]
EVENTS = st.lists(st.tuples(st.sampled_from(URLS), st.sampled_from(WINDOWS)), max_size=12)


class Earlier(NamedTuple):
    """Stands in for the work of `pages`: it holds the tables of the earlier windows."""

    tables: dict[str, pa.Table]

    def shards(self, role):
        return ("some",)

    def table(self, role, name, columns):
        return self.tables[name].select(columns)

    def batches(self, role, name, columns):
        return self.table(role, name, columns).to_batches(max_chunksize=3)


def record(number, url, window):
    return {
        "doc_id": hashlib.md5(f"{number}".encode()).digest(),
        "url": url,
        "window": window,
        "etag": f"tag {number}" if number % 2 else None,
        "last_modified": None,
        "links": [url] * (number % 3) if number % 4 else None,
    }


def tables(pages, tombstones):
    rows = [record(number, *event) for number, event in enumerate(pages)]
    gone = [{"url": url, "window": window} for url, window in tombstones]
    schema = PAGES.empty_table().select(COLUMNS).schema
    ended = TOMBSTONES.empty_table().select(ENDED).schema
    return {
        "pages": pa.Table.from_pylist(rows, schema),
        "tombstones": pa.Table.from_pylist(gone, ended),
    }


def reference(pages, tombstones):
    """URL -> record, one after the other."""
    newest = {}
    for number, (url, window) in enumerate(pages):
        if url not in newest or newest[url]["window"] < window:
            newest[url] = record(number, url, window)
    for url, window in tombstones:
        if url in newest and newest[url]["window"] <= window:
            del newest[url]
    return newest


def check(pages, tombstones):
    found = read_earlier(Earlier(tables(pages, tombstones)))
    expected = reference(pages, tombstones)
    assert sorted(found) == sorted(expected) and len(found) == len(expected)
    for url in URLS:
        number = found.number(url)
        assert (number >= 0) == (url in expected) == (url in found)
        if number >= 0:
            wanted = expected[url]
            wanted["links"] = tuple(wanted["links"] or ())
            assert found.url(number) == url
            assert found.doc_id(number) == wanted["doc_id"]
            assert found.documents.place(wanted["doc_id"]) == number
            assert found.links(url) == wanted["links"]
            told = found[url]._asdict()
            assert told == {name: wanted[name] for name in told}
        else:
            assert found.links(url) == ()


@given(EVENTS, EVENTS)
def test_records_are_those_of_a_walk_through_all(pages, tombstones):
    check(pages, tombstones)


@given(EVENTS, EVENTS)
def test_addresses_whose_hashes_are_alike_are_told_apart(pages, tombstones):
    def alike(url):
        return len(url) % 2

    earlier.hash = alike
    try:
        check(pages, tombstones)
    finally:
        del earlier.hash
