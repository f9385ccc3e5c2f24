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
def test_sitemaps_of_the_wild_are_read():
    counts = {}
    with tarfile.open(DATA / "urls.tar.gz") as archive:
        for member in archive:
            name = member.name.partition("sitemaps/")[2]
            if name and member.isfile():
                counts[name] = len(parse(archive.extractfile(member).read(), url=URL).pages)
    assert counts["sitemap.ns.xml"] == 2
    assert counts["sitemap.txt"] == counts["sitemap-with-bom.txt"] > 0
