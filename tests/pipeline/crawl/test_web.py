"""What a crawl of an awkward site finds, asks for and leaves alone."""

import gzip
import time

import pytest

from pipeline.crawl import canonical_url
from pipeline.crawl.errors import NothingFound
from pipeline.crawl.source import Gone, Page, Rest
from pipeline.crawl.sources.web import Web
from tests.pipeline.crawl.site import Reply


def links(*to):
    return "".join(f'<a href="{each}">x</a>' for each in to)


def paths(found):
    urls = [page.url for page in found if isinstance(page, Page)]
    return sorted(canonical_url.target(url) for url in urls)


def complete(found):
    return isinstance(found[-1], Rest)


def test_every_linked_page_is_found_once_under_one_spelling(site, crawl):
    site.pages |= {
        "/": links("a.html#top", "./a.html", "/%61.html", f"{site.url}/a.html", "d/"),
        "/a.html": links("/", "a.html?", "mailto:me@example.org", "javascript:void(0)"),
        "/d/": '<base href="/other/">' + links("b.html", "//127.0.0.1:1/elsewhere", "http://["),
        "/other/b.html": links("../c.txt"),
        "/c.txt": Reply("plain", content_type="text/plain"),
    }
    found = crawl()
    assert paths(found) == ["/", "/a.html", "/c.txt", "/d/", "/other/b.html"]
    assert complete(found)
    assert len(site.paths()) == len(set(site.paths()))


def test_two_crawls_of_a_site_find_the_same_documents(site, crawl):
    for number in range(60):
        site.pages[f"/{number}"] = links(*(f"/{(number * 7 + k) % 60}" for k in range(5)))
    site.pages["/"] = links("/1")
    site.etags = True
    ids = [sorted(page.doc_id for page in crawl() if isinstance(page, Page)) for _ in range(2)]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 61


def test_robots_txt_is_obeyed(site, crawl):
    site.pages |= {
        "/robots.txt": "\ufeffUser-agent: *\nDisallow: /private\n",
        "/": links("/private/a", "/open"),
        "/private/a": "secret",
        "/open": "open",
    }
    found = crawl()
    assert paths(found) == ["/", "/open"]
    assert "/private/a" not in site.paths()
    assert Gone(f"{site.url}/private/a", "refused") in found


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_site_whose_robots_txt_fails_is_left_alone(site, crawl, status):
    site.pages |= {"/robots.txt": Reply("busy", status), "/": "page"}
    with pytest.raises(NothingFound, match=f"robots.txt: status {status}"):
        crawl()
    assert "/" not in site.paths()


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_site_without_robots_txt_is_open(site, crawl, status):
    site.pages |= {"/robots.txt": Reply("no", status), "/": "page"}
    assert paths(crawl()) == ["/"]


def test_crawl_delay_is_kept(site, crawl):
    site.pages |= {
        "/robots.txt": "User-agent: *\nCrawl-delay: 0.2",
        "/": links("/a", "/b"),
        "/a": "a",
        "/b": "b",
    }
    start = time.monotonic()
    assert len(paths(crawl(sitemaps=False))) == 3
    assert time.monotonic() - start > 0.39


def test_a_host_is_asked_no_faster_than_the_recipe_says(site, crawl):
    site.pages |= {"/": links(*"abcdefgh"), **{f"/{each}": each for each in "abcdefgh"}}
    start = time.monotonic()
    crawl(requests_per_second=25, connections_per_host=4, sitemaps=False)
    assert time.monotonic() - start > 0.35  # ten requests, nine pauses of 40 ms


def test_redirects_are_followed_to_pages_and_not_in_circles(site, crawl):
    def to(place):
        return Reply(b"", 302, headers=(("Location", place),))

    site.pages |= {
        "/": links("/moved", "/loop", "/long0", "/away"),
        "/moved": to("/there#part"),
        "/there": "there",
        "/loop": to("/loop2"),
        "/loop2": to("/loop"),
        **{f"/long{n}": to(f"/long{n + 1}") for n in range(9)},
        "/long9": "never",
        "/away": to("http://example.org/"),
    }
    found = crawl()
    assert paths(found) == ["/", "/there"]
    assert complete(found)
    assert "/long6" not in site.paths()


def test_nofollow_and_noindex_are_honoured(site, crawl):
    def page(body, **headers):
        return Reply(body, headers=tuple((k.replace("_", "-"), v) for k, v in headers.items()))

    site.pages |= {
        "/": '<a rel="ugc nofollow" href="/ad">x</a>' + links("/meta", "/tag", "/index", "/other"),
        "/meta": '<META content="NOINDEX, NOFOLLOW" name="robots">' + links("/from-meta"),
        "/tag": page(links("/from-tag"), X_Robots_Tag="noindex"),
        "/index": page(links("/from-index"), X_Robots_Tag="penstock: none"),
        "/other": page("kept", X_Robots_Tag="otherbot: noindex"),
        **dict.fromkeys(("/ad", "/from-meta", "/from-tag", "/from-index"), "x"),
    }
    assert paths(crawl()) == ["/", "/from-tag", "/other"]


def test_pages_that_only_a_sitemap_lists_are_found(site, crawl):
    def listed(*locations, of="url"):
        inside = "".join(f"<{of}><loc> {each} </loc></{of}>" for each in locations)
        return Reply(f'<?xml version="1.0"?><set xmlns="x">{inside}</set>', content_type="text/xml")

    packed = gzip.compress(listed(f"{site.url}/deep").body.encode())
    site.pages |= {
        "/robots.txt": f"Sitemap: {site.url}/index.xml",
        "/index.xml": listed(f"{site.url}/one.xml", f"{site.url}/two.xml.gz", of="sitemap"),
        "/one.xml": listed(f"{site.url}/only", "http://example.org/elsewhere"),
        "/two.xml.gz": Reply(packed, content_type="application/gzip"),
        "/": "home",
        "/only": "only",
        "/deep": "deep",
    }
    assert paths(crawl()) == ["/", "/deep", "/only"]
    assert paths(crawl(sitemaps=False)) == ["/"]


def test_a_busy_server_is_asked_again(site, crawl):
    tries = []

    def busy(_):
        tries.append(time.monotonic())
        return Reply("slow down", 429, headers=(("Retry-After", "1"),)) if len(tries) < 2 else None

    def answer(request):
        reply = busy(request)
        return Reply("at last") if reply is None else reply

    site.pages |= {"/": answer}
    assert paths(crawl(sitemaps=False)) == ["/"]
    assert tries[1] - tries[0] > 0.95


def hang(request):
    time.sleep(4)
    return "late"


def drip(request):
    """A byte now and then: each read is quick, the whole takes for ever."""
    request.close_connection = True
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.end_headers()
    for _ in range(80):
        try:
            request.wfile.write(b"x")
            request.wfile.flush()
        except OSError:
            return
        time.sleep(0.05)


@pytest.mark.parametrize(
    "bad",
    [
        hang,
        drip,
        Reply(b"x" * 300_000),
        Reply(gzip.compress(b"x" * 50_000_000), headers=(("Content-Encoding", "gzip"),)),
        Reply(gzip.compress(b"x" * 5_000)[:-9], headers=(("Content-Encoding", "gzip"),)),
        Reply(b"not gzip", headers=(("Content-Encoding", "gzip"),)),
        Reply(b"\x8b", headers=(("Content-Encoding", "br"),)),
        Reply(b"short", length=500),
        Reply(b"GIF89a", content_type="image/gif"),
        Reply("broken", 500),
    ],
    ids=["hang", "drip", "huge", "bomb", "cut", "no gzip", "brotli", "length", "image", "500"],
)
def test_a_bad_page_costs_nobody_else(site, crawl, bad):
    site.pages |= {"/": links("/bad", "/good"), "/bad": bad, "/good": "good"}
    start = time.monotonic()
    assert paths(crawl(seconds=1.0, retries=0, most_bytes=200_000)) == ["/", "/good"]
    assert time.monotonic() - start < 20


def test_gzip_bodies_are_stored_unpacked(site, crawl):
    packed = gzip.compress(b"hello " * 1000)
    site.pages["/"] = Reply(packed, headers=(("Content-Encoding", "gzip"),))
    (page,) = [each for each in crawl() if isinstance(each, Page)]
    assert page.body == b"hello " * 1000


def test_a_limit_cuts_the_same_pages_every_time_and_is_not_taken_for_their_end(site, crawl):
    site.pages |= {"/": links(*"hgfedcba"), **{f"/{each}": each for each in "abcdefgh"}}
    runs = [crawl(most_pages=4) for _ in range(3)]
    assert [paths(found) for found in runs] == [["/", "/a", "/b", "/c"]] * 3
    assert not any(complete(found) for found in runs)
    assert not complete(crawl(most_depth=0))


def test_patterns_decide_which_addresses_are_visited(site, crawl):
    site.pages |= {
        "/": links("/en/a", "/de/b", "/en/old"),
        "/en/a": "a",
        "/de/b": "b",
        "/en/old": "o",
    }
    assert paths(crawl(allow=("/en/",), deny=("old$",))) == ["/", "/en/a"]


def test_a_server_hears_who_asks_and_whom_to_write_to(site, crawl):
    site.pages["/"] = "home"
    crawl(contact="crawl@example.org")
    assert {headers["user-agent"] for _, headers in site.asked} == {
        "Penstock/1 (+crawl@example.org)"
    }


def test_loopback_is_closed_unless_the_recipe_opens_it(site, crawl):
    site.pages["/"] = "home"
    with pytest.raises(NothingFound, match="loopback"):
        crawl(loopback=False, contact="me@example.org")
    assert site.asked == []


def test_a_first_crawl_that_finds_nothing_says_what_was_tried(site, crawl):
    with pytest.raises(NothingFound) as caught:
        crawl()
    assert f"{site.url}/" in str(caught.value)
    assert f"gone (1, first {site.url}/ status 404)" in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"seeds": ("https://example.org/",)}, "contact"),
        ({"seeds": ("ftp://example.org/",), "contact": "me"}, "seeds"),
        ({"seeds": ("https://example.org/",), "contact": "me", "deny": ("(",)}, "deny"),
        ({"seeds": ("https://example.org/",), "contact": "me", "networks": ("x",)}, "x"),
        ({"seeds": ("http://127.0.0.1/",), "loopback": True, "hosts": ("a.org",)}, "contact"),
    ],
)
def test_a_source_that_cannot_be_meant_is_refused_by_name(settings, named):
    with pytest.raises(ValueError, match=named):
        Web(**settings)
