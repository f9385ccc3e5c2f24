"""What a refresh writes: the difference, and nothing that did not change."""

from functools import partial

import pytest

from pipeline.crawl.stage import Pages
from pipeline.warc_record import read_response
from schemas.page import PAGES, TOMBSTONES
from schemas.runtime import Runtime
from tests.pipeline.crawl.conftest import web
from tests.pipeline.crawl.site import Reply
from tests.support import made

FIRST, SECOND, THIRD = (f"2026-11-2{day}T01:00:00Z" for day in (1, 2, 3))


def links(*to):
    return "".join(f'<a href="{each}">x</a>' for each in to)


class Crawled:
    """The version of one window."""

    def __init__(self, site, store, window, **settings):
        runtime = Runtime(store=store.uri, runner="process", shard_documents=50)
        stage = Pages(source=web(site, **settings))
        self.manifest = made(stage, store, refresh=True, window=window, runtime=runtime)
        self.shards = [shard.name for shard in self.manifest.shards]
        self.site, self.store = site, store

    def table(self, name="pages"):
        """Every row with the receipt of its shard."""
        columns = {"pages": PAGES, "tombstones": TOMBSTONES}[name].names
        for shard in self.manifest.shards:
            receipt = self.store.receipt(shard)
            for batch in self.store.batches(receipt, name, columns):
                for row in batch.to_pylist():
                    yield receipt, row

    def rows(self, window):
        rows = [row for _, row in self.table() if row["window"] == window]
        return {row["url"].removeprefix(self.site.url): row for row in rows}

    def tombstones(self):
        rows = [row for _, row in self.table("tombstones")]
        return {row["url"].removeprefix(self.site.url): row["why"] for row in rows}

    def bodies(self):
        for receipt, row in self.table():
            with self.store.open_file(receipt, row["warc_file"]) as file:
                place = row["warc_offset"], row["warc_length"]
                yield row, read_response(file, *place, most_bytes=10**6)


@pytest.fixture
def pages(site, store):
    """Make the version of a window."""
    return partial(Crawled, site, store)


@pytest.mark.parametrize("etags", [True, False], ids=["conditional", "unconditional"])
def test_a_refresh_writes_new_and_changed_pages_and_tombstones_for_gone_ones(site, pages, etags):
    site.etags = etags
    site.pages |= {
        "/": links("hub", "gone"),
        "/hub": links("same", "changed", "refused", "moved"),
        "/same": links("far"),
        "/far": "only linked from a page that does not change",
        **dict.fromkeys(("/changed", "/refused", "/moved", "/gone"), "x"),
    }
    first = pages(FIRST)
    assert len(first.rows(FIRST)) == 8
    site.pages |= {
        "/": links("hub", "gone", "new"),
        "/changed": "y",
        "/new": "n",
        "/moved": Reply(b"", 301, headers=(("Location", "/new"),)),
        "/robots.txt": "User-agent: *\nDisallow: /refused",
    }
    del site.pages["/gone"]
    second = pages(SECOND)
    assert sorted(second.rows(SECOND)) == ["/", "/changed", "/new"]
    assert second.tombstones() == {"/gone": "gone", "/refused": "refused", "/moved": "gone"}
    assert second.shards[: len(first.shards)] == first.shards
    gone = first.rows(FIRST)["/gone"]
    assert gone["doc_id"] in {row["doc_id"] for _, row in second.table("tombstones")}


def test_a_refresh_of_an_unchanged_site_writes_nothing(site, pages):
    site.etags = True
    site.pages |= {"/": links("a"), "/a": "a"}
    first = pages(FIRST)
    site.asked.clear()
    second = pages(SECOND)
    assert second.shards == first.shards
    assert all("if-none-match" in headers for path, headers in site.asked if path in ("/", "/a"))


def test_pages_no_longer_linked_are_gone_only_if_the_crawl_saw_everything(site, pages):
    site.pages |= {"/": links("a", "b"), "/a": "a", "/b": links("c"), "/c": "c"}
    pages(FIRST)
    site.pages |= {"/": links("a"), "/a": "now with more text"}
    assert pages(SECOND).tombstones() == {"/b": "unlinked", "/c": "unlinked"}


@pytest.mark.parametrize("reply", [Reply("down", 503), Reply("", length=9)], ids=["503", "cut"])
def test_a_page_that_fails_stays_and_still_leads_where_it_led(site, pages, reply):
    site.pages |= {"/": links("a"), "/a": links("b"), "/b": "b"}
    pages(FIRST)
    site.pages["/a"] = reply
    assert pages(SECOND).tombstones() == {}


def test_nothing_is_taken_for_gone_while_a_new_page_cannot_be_read(site, pages):
    site.pages |= {"/": links("a"), "/a": links("b"), "/b": "b"}
    pages(FIRST)
    site.pages |= {"/": links("new-a"), "/new-a": Reply("down", 503)}
    assert pages(SECOND).tombstones() == {}


def test_a_site_that_is_down_loses_nothing(site, pages):
    site.pages |= {"/": links("a"), "/a": "a"}
    pages(FIRST)
    site.pages["/robots.txt"] = Reply("down", 503)
    second = pages(SECOND)
    assert second.tombstones() == {}
    assert second.rows(SECOND) == {}


def test_a_page_that_comes_back_is_a_page_again(site, pages):
    site.pages |= {"/": links("a"), "/a": "a"}
    first = pages(FIRST)
    gone = site.pages.pop("/a")
    assert pages(SECOND).tombstones() == {"/a": "gone"}
    site.pages["/a"] = gone
    third = pages(THIRD)
    assert third.rows(THIRD)["/a"]["doc_id"] == first.rows(FIRST)["/a"]["doc_id"]


def test_documents_are_split_into_shards_in_the_order_of_their_addresses(site, pages):
    site.pages |= {"/": links(*range(120)), **{f"/{n}": f"page {n}" for n in range(120)}}
    crawled = pages(FIRST)
    assert [name.rpartition("-")[2] for name in crawled.shards] == ["000", "001", "002"]
    urls = [row["url"] for _, row in crawled.table()]
    assert urls == sorted(urls)
    assert len(set(urls)) == 121


def test_every_body_can_be_read_where_the_index_says(site, pages):
    site.pages |= {"/": links("a", "b"), "/a": "ä" * 1000, "/b": Reply(b"", 200)}
    found = {row["url"]: response for row, response in pages(FIRST).bodies()}
    assert found[f"{site.url}/a"].body == ("ä" * 1000).encode()
    assert found[f"{site.url}/b"].body == b""
    assert found[f"{site.url}/a"].headers["content-type"] == "text/html; charset=utf-8"
    assert {response.status for response in found.values()} == {200}


def test_the_pace_of_a_crawl_is_no_part_of_its_version(site):
    slow, fast = (Pages(source=web(site, requests_per_second=rate)) for rate in (1, 100))
    assert slow.config() == fast.config()
    assert slow.config() != Pages(source=web(site, most_depth=3)).config()
    assert Pages.model_validate(slow.model_dump()) == slow
