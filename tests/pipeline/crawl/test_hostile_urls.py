"""Addresses of machines that no crawl has business with, in all places where a stranger writes one.

Nothing leaves this machine: names are resolved by a table, and the connector writes down where it
was sent to and leads to a local site.
"""

import socket
from functools import partial

import httpcore2
import pytest

from pipeline.crawl import fetch
from pipeline.crawl.address import GuardedBackend
from pipeline.crawl.canonical_url import canonical, host
from pipeline.crawl.source import Noted, Page
from tests.pipeline.crawl.site import Reply

PUBLIC = "93.184.215.14"
NAMES = {
    "site.example": [PUBLIC],
    "localhost": ["127.0.0.1", "::1"],
    "127.0.0.1.name.example": ["127.0.0.1"],
    "mapped.example": ["::ffff:10.0.0.1"],
    "mixed.example": [PUBLIC, "192.168.0.1"],
    "late.example": [PUBLIC, PUBLIC, "fe80::1%eth0"],
    "metadata.google.internal": ["169.254.169.254"],
    "kubernetes.default.svc": ["10.96.0.1"],
    "nothing.example": [],
}
HOSTILE = (
    *("http://127.0.0.1/", "https://127.0.0.1/", "http://127.0.0.1:22/", "http://127.1/"),
    *("http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://0x7f000001/"),
    *("http://0/", "http://0.0.0.0:6379/", "http://localhost/", "http://LOCALHOST./"),
    *(
        "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
        "http://127。0。0。1/",
        "http://１２７.０.０.１/",
        "http://%31%32%37.0.0.1/",
    ),
    *("http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
    *("http://[::7f00:1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/"),
    *("http://[fe80::1]/", "http://[fc00::1]/", "http://[fd00:ec2::254]/", "http://[ff02::1]/"),
    *("http://[2001:db8::1]/", "http://[::1%25lo]/", "http://10.0.0.1/", "http://172.16.0.1/"),
    *("http://192.168.0.1/", "http://169.254.169.254/latest/meta-data/", "http://0xa9fea9fe/"),
    *("http://2852039166/", "http://025177524776/", "http://169.254.43518/"),
    *("http://169.254.170.2/v2/credentials", "http://100.100.100.200/", "http://192.0.0.192/"),
    *("http://198.18.0.1/", "http://224.0.0.1/", "http://240.0.0.1/", "http://255.255.255.255/"),
    *("http://127.0.0.1.name.example/", "http://mapped.example/", "http://mixed.example/"),
    *("http://late.example/", "http://metadata.google.internal/computeMetadata/v1/"),
    *("http://kubernetes.default.svc/api", "http://nothing.example/", "http://unknown.example/"),
    *(
        "http://site.example@127.0.0.1/",
        "http://127.0.0.1\\@site.example/a",
        "http:\\\\127.0.0.1\\",
    ),
    *("http://127.0.0.1#@site.example/", "http:///127.0.0.1/", "//127.0.0.1/", "///localhost/"),
    *("http://site.example:80@127.0.0.1/", "file:///etc/passwd", "ftp://127.0.0.1/"),
    *("gopher://127.0.0.1:6379/_INFO", "dict://127.0.0.1:11211/stats", "ldap://127.0.0.1/"),
    *("jar:http://127.0.0.1!/", "data:text/html,x", "javascript:fetch('http://127.0.0.1')"),
    *("unix:/var/run/docker.sock", "http+unix://%2Fvar%2Frun%2Fdocker.sock/", "about:blank"),
)


def resolved(name, port, table=NAMES):
    """What a name stands for; numbers stand for themselves."""
    if name in table:
        return table[name]
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return [str(entry[4][0]) for entry in found]


class Connector(httpcore2.NetworkBackend):
    """Writes down where it was sent to, and leads to a local site."""

    def __init__(self, site):
        self.site, self.sent = site, []

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        self.sent.append(host)
        there = int(self.site.url.rpartition(":")[2])
        return httpcore2.SyncBackend().connect_tcp("127.0.0.1", there, timeout, local_address)


@pytest.fixture
def sent(site, monkeypatch):
    """The addresses that a connection was made to."""
    connector = Connector(site)
    guarded = partial(GuardedBackend, resolver=resolved, connector=connector)
    monkeypatch.setattr(fetch, "GuardedBackend", guarded)
    return connector.sent


def spelled(urls):
    """As a crawl of http://site.example/ writes them down; those that no crawl can fetch go."""
    base = "http://site.example/"
    return {url for url in (canonical(each, base) for each in urls) if url}


def visited(crawl, **settings):
    """The pages of a crawl that may go wherever it is led, and why it has not the others."""
    everywhere = {"site.example", "rebound.example", *map(host, spelled(HOSTILE))}
    limits = {"hosts": tuple(everywhere), "loopback": False, "contact": "me@example.org"}
    found = crawl(**{"seeds": ("http://site.example/",), "retries": 0} | limits | settings)
    pages = {each.url for each in found if isinstance(each, Page)}
    (account,) = (each.rows for each in found if isinstance(each, Noted))
    return pages, dict(zip(account["url"].to_pylist(), account["outcome"].to_pylist(), strict=True))


def links(urls):
    return "".join(f'<a href="{each}">x</a>' for each in urls)


def planted(site, where):
    """A site that leads to all of them: by links, by redirects, or by its sitemaps."""
    site.pages["/"] = "a page"
    if where == "link":
        site.pages["/"] = links(HOSTILE)
    elif where == "redirect":
        for number, url in enumerate(HOSTILE):
            location = url.encode().decode("latin-1")
            site.pages[f"/{number}"] = Reply(b"", 302, headers=(("Location", location),))
        site.pages["/"] = links(f"/{number}" for number in range(len(HOSTILE)))
    elif where == "robots.txt":
        site.pages["/robots.txt"] = "".join(f"Sitemap: {url}\n" for url in HOSTILE)
    else:
        tag = "sitemap" if where == "sitemap index" else "url"
        of = "sitemapindex" if where == "sitemap index" else "urlset"
        rows = "".join(f"<{tag}><loc>{url}</loc></{tag}>" for url in HOSTILE)
        site.pages["/sitemap.xml"] = Reply(
            f'<{of} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</{of}>',
            content_type="application/xml",
        )


@pytest.mark.parametrize("where", ["link", "redirect", "robots.txt", "sitemap", "sitemap index"])
def test_a_hostile_address_in_a_page_of_strangers_is_never_connected_to(site, crawl, sent, where):
    assert len(HOSTILE) >= 60
    planted(site, where)
    pages, why = visited(crawl)
    assert pages == {"http://site.example/"}
    assert set(sent) == {PUBLIC}
    if where in ("link", "redirect"):
        assert spelled(HOSTILE) <= set(why)  # each is told of
        assert "kept" not in {why[url] for url in spelled(HOSTILE)}


@pytest.mark.parametrize("url", sorted(filter(canonical, HOSTILE)))
def test_a_hostile_seed_is_never_connected_to(site, crawl, sent, url):
    site.pages["/"] = "a page"
    pages, why = visited(crawl, seeds=("http://site.example/", url), sitemaps=False)
    assert pages == {"http://site.example/"}
    assert why[canonical(url)] == "robots_unavailable"
    assert set(sent) == {PUBLIC}


def test_a_name_that_points_elsewhere_the_next_time_is_judged_again(site, crawl, monkeypatch):
    answers = iter([[PUBLIC], [PUBLIC]])  # robots.txt, then a page
    connector = Connector(site)

    def turning(name, port):
        return next(answers, ["127.0.0.1"]) if name == "rebound.example" else resolved(name, port)

    guarded = partial(GuardedBackend, resolver=turning, connector=connector)
    monkeypatch.setattr(fetch, "GuardedBackend", guarded)
    closing = (("Connection", "close"),)
    site.pages |= {
        "/robots.txt": Reply("", headers=closing),
        "/": Reply(links(["/a", "/b"]), headers=closing),
        "/a": Reply("a", headers=closing),
        "/b": Reply("b", headers=closing),
    }
    pages, why = visited(crawl, seeds=("http://rebound.example/",), sitemaps=False)
    assert pages == {"http://rebound.example/"}
    assert why["http://rebound.example/a"] == why["http://rebound.example/b"] == "address"
    assert set(connector.sent) == {PUBLIC}
