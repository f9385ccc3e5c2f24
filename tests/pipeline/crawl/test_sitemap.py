"""What a sitemap lists, in every form that sites publish, and in none that does harm."""

import gzip
import tarfile

import pytest

from pipeline.crawl.sitemap import parse
from tests.pipeline.crawl.conftest import DATA

URL = "http://www.example.com/sitemap.xml"
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><urlset><url><loc>http://www.example.com/&i;</loc></url></urlset>"
)
THIEF = (
    '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    "<urlset><url><loc>http://www.example.com/&f;</loc></url></urlset>"
)


def pages(body):
    return [
        url.removeprefix("http://www.example.com") for url in parse(body.encode(), url=URL).pages
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<urlset><url><loc>\n /a </loc></url></urlset>", ["/a"]),
        ("<urlset><url><loc><![CDATA[/a?b&c]]></loc></url></urlset>", ["/a?b&c"]),
        ("<s:urlset xmlns:s='x'><s:url><s:loc>/a</s:loc></s:url></s:urlset>", ["/a"]),
        (
            "<urlset><url><loc>/a</loc><i:image><i:loc>/i.png</i:loc></i:image></url></urlset>",
            ["/a"],
        ),
        ("<urlset><url><loc>/a</loc></url><url><loc>/b</lo", ["/a"]),
        ("<rss><channel><link>/home</link><item><link>/a</link></item></channel></rss>", ["/a"]),
        ("<feed><link href='/x'/><entry><link href='/a'/></entry></feed>", ["/a"]),
        ("http://www.example.com/a\r\n\r\nhttp://www.example.com/b", ["/a", "/b"]),
        ("\ufeffhttp://www.example.com/a", ["/a"]),
        ("<html><body>not a sitemap", []),
        ("", []),
        (BOMB, []),
        (THIEF, []),
    ],
)
def test_the_pages_of_a_sitemap(body, expected):
    assert pages(body) == expected


def test_a_packed_sitemap_is_unpacked_within_bounds():
    assert parse(gzip.compress(b"http://www.example.com/a"), url=URL).pages
    assert parse(gzip.compress(b"<urlset>" + b" " * 55_000_000), url=URL).pages == ()
    assert parse(b"\x1f\x8bnot gzip", url=URL).pages == ()


def test_an_index_names_other_sitemaps():
    index = b"<sitemapindex><sitemap><loc>/one.xml</loc></sitemap></sitemapindex>"
    assert parse(index, url=URL).sitemaps == ("http://www.example.com/one.xml",)


@pytest.mark.skipif(
    not (DATA / "urls.tar.gz").exists(), reason="shared/data/web/urls.tar.gz is not here"
)
def test_sitemaps_of_every_kind_list_their_pages_and_nothing_else():
    counts = {}
    with tarfile.open(DATA / "urls.tar.gz") as archive:
        for member in archive:
            _, there, name = member.name.partition("crawler_commons/")
            if there and member.isfile() and name.startswith(("sitemaps/", "rss/")):
                found = parse(archive.extractfile(member).read(), url=URL)
                counts[name.rpartition("/")[2]] = (len(found.pages), len(found.sitemaps))
    assert counts == {
        "atom.xml": (3, 0),
        "feed.rss": (3, 0),
        "xmlRss_pubDate.xml": (7, 0),
        "sitemap.txt": (2, 0),
        "sitemap-with-bom.txt": (2, 0),
        "sitemap.txt.gz": (5, 0),
        "xmlSitemap.gz": (5, 0),
        "sitemap.ns.xml": (2, 0),
        "sitemap.badns.xml": (2, 0),  # another namespace than the protocol's
        "sitemap.index.xml": (0, 15),  # its addresses stand without their <loc>
        "do-not-visit.txt": (1, 0),
        # Addresses of images, videos, translations and mobile pages are not the page's own.
        "sitemap-images.xml": (1, 0),
        "sitemap-videos.xml": (3, 0),
        "sitemap-videos-tvshow.xml": (1, 0),
        "sitemap-news.xml": (2, 0),
        "shinpaideshou-news-sitemap.xml": (3, 0),
        "hebdenbridgetimes-articles-sitemap.xml": (74, 0),
        "sitemap-mobile.xml": (3, 0),
        "sitemap-links.xml": (3, 0),
        "pagemaps-sitemap.xml": (2, 0),
    }
