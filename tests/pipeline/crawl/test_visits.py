"""What became of every address is told with the pages, and to whoever asks."""

import gzip

import pytest

from pipeline.crawl.stage import Pages
from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.index.index import Index
from pipeline.lineage.why_not import why_not
from pipeline.sites import Subject
from pipeline.storage.notes import read_note
from schemas.runtime import Runtime
from schemas.visit import OUTCOMES, VISITS
from tests.pipeline.crawl.conftest import web
from tests.pipeline.crawl.site import Reply
from tests.support import made

FIRST, SECOND = (f"2026-11-2{day}T01:00:00Z" for day in (1, 2))


def links(*to):
    return "".join(f'<a href="{each}">x</a>' for each in to)


def to(place):
    return Reply("", 302, headers=(("Location", place),))


AWKWARD = {
    "/kept": "kept",
    "/moved": to("/kept"),
    "/gone": Reply("", 410),
    "/error": Reply("", 500),
    "/teapot": Reply("", 418),
    "/private": "secret",
    "/noindex": '<meta name="robots" content="noindex">',
    "/image": Reply("GIF", content_type="image/gif"),
    "/large": Reply("x" * 5000),
    "/broken": Reply(b"not gzip", headers=(("Content-Encoding", "gzip"),)),
    "/cut": Reply("", length=9),
    "/down": links("/down/2"),
    "/down/2": links("/down/3"),
    "/down/3": "too deep",
    "/r0": to("/r1"),
    **{f"/r{n}": to(f"/r{n + 1}") for n in range(1, 8)},
}
BECAME = {
    "/": "kept",
    "/kept": "kept",
    "/moved": "redirected",
    "/gone": "gone",
    "/error": "status",
    "/teapot": "status",
    "/private": "robots",
    "/noindex": "noindex",
    "/image": "not_a_page",
    "/large": "too_large",
    "/broken": "coding",
    "/cut": "network",
    "/down": "kept",
    "/down/2": "kept",
    "/down/3": "too_deep",
    **dict.fromkeys((f"/r{n}" for n in range(6)), "redirected"),
    "/r6": "hops",
    "/sitemap.xml": "gone",
}
SAYS = {
    "/moved": "redirected",
    "/gone": "410",
    "/teapot": "418",
    "/private": "robots.txt disallows",
    "/noindex": "noindex",
    "/image": "image/gif",
    "/large": "4,000 bytes",
    "/down/3": "3 links from a seed",
    "/r6": "too many redirects",
}


class Crawled:
    """The pages of a site, and the questions about them."""

    def __init__(self, site, store, window=FIRST, **settings):
        runtime = Runtime(store=store.uri, runner="process")
        stage = Pages(source=web(site, most_bytes=4000, **settings))
        self.manifest = made(stage, store, refresh=True, window=window, runtime=runtime)
        self.site, self.store = site, store

    def became(self):
        rows = read_note(self.store.files, "pages", self.manifest.ref.key, "visits")
        assert rows.schema.equals(VISITS)
        found = {row["url"].removeprefix(self.site.url): row for row in rows.to_pylist()}
        assert list(found) == sorted(found)
        return found

    def why_not(self, path):
        subject = Subject.address(self.site.url + path)
        return why_not(Index.of(self.store), subject, Ancestry({"pages": self.manifest}))


@pytest.fixture
def awkward(site):
    pages = {"/": links(*(path for path in AWKWARD if path.count("/") == 1 and path[:2] != "/r"))}
    site.pages |= AWKWARD | pages | {"/robots.txt": "User-agent: *\nDisallow: /private"}
    site.pages["/"] += links("/r0")
    return site


def test_what_became_of_every_address_is_told_and_whoever_asks_hears_it(awkward, store):
    crawled = Crawled(awkward, store, most_depth=2)
    became = crawled.became()
    assert {path: row["outcome"] for path, row in became.items()} == BECAME
    assert set(BECAME.values()) <= OUTCOMES.keys()
    assert became["/down/2"]["via"] == f"{awkward.url}/down"
    assert became["/"]["via"] is None
    assert became["/moved"]["detail"] == f"{awkward.url}/kept"
    for path, words in SAYS.items():
        found = crawled.why_not(path)
        assert found.reason == BECAME[path]
        assert words in f"{found.reason} {found.sentence}"
        assert FIRST in found.sentence
        assert found.remedy
    assert f"{awkward.url}/down/2 leads to it" in crawled.why_not("/down/3").sentence
    assert crawled.why_not("/never").reason == "never_linked"


def test_what_a_budget_left_out_is_told(site, store):
    site.pages |= {"/": links(*"abcdef"), **{f"/{each}": each for each in "abcdef"}}
    crawled = Crawled(site, store, most_pages=3, sitemaps=False)
    became = {path: row["outcome"] for path, row in crawled.became().items()}
    assert became == {
        **dict.fromkeys(["/", "/a", "/b"], "kept"),
        **dict.fromkeys(["/c", "/d", "/e", "/f"], "budget"),
    }
    assert "most_pages" in crawled.why_not("/c").remedy


def test_a_site_that_is_down_is_told_as_such(site, store):
    site.pages |= {"/": links("/a"), "/a": "a"}
    Crawled(site, store)
    site.pages["/robots.txt"] = Reply("", 503)
    became = Crawled(site, store, SECOND).became()
    assert became["/"]["outcome"] == "robots_unavailable"
    assert "status 503" in became["/"]["detail"]


def test_the_newest_window_is_told_though_it_brought_nothing_new(site, store):
    site.etags = True
    site.pages |= {"/": links("/a"), "/a": Reply("", 404)}
    first = Crawled(site, store)
    site.pages["/a"] = Reply("", 403)
    second = Crawled(site, store, SECOND)
    assert second.manifest.shards == first.manifest.shards
    assert second.became()["/"]["outcome"] == "not_modified"
    assert (SECOND in first.why_not("/a").sentence) and "403" in first.why_not("/a").sentence


def test_the_account_is_in_no_digest(site, store, tmp_path):
    site.pages |= {"/": links("/a"), "/a": Reply("", 404)}
    first = Crawled(site, store)
    site.pages["/a"] = Reply("", 403)
    other = Crawled(site, type(store).at(tmp_path / "other"))
    digests = [
        {name: each for name, each in crawled.manifest.digests.items() if name[:4] != "file"}
        for crawled in (first, other)
    ]
    assert digests[0] == digests[1]
    assert first.became() != other.became()


def test_packed_pages_count_with_what_comes_out(site, store):
    site.pages["/"] = Reply(gzip.compress(b"x" * 9000), headers=(("Content-Encoding", "gzip"),))
    site.pages["/a"] = "a"
    crawled = Crawled(site, store, seeds=(f"{site.url}/", f"{site.url}/a"))
    assert crawled.became()["/"]["outcome"] == "too_large"
