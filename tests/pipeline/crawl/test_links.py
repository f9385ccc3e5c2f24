"""Which links a page has, whatever it looks like."""

import time

import pytest
from lxml import html as lxml_html

from pipeline.crawl.canonical_url import canonical
from pipeline.crawl.links import header_wishes, outline

URL = "http://example.org/d/page.html"


def links(page, content_type="text/html; charset=utf-8"):
    body = page.encode() if isinstance(page, str) else page
    found = outline(body, url=URL, content_type=content_type, agent="Penstock").links
    return [each.removeprefix("http://example.org") for each in found]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ('<a href="a">', ["/d/a"]),
        ("<A\nHREF = 'b?x=1&amp;y=2'>", ["/d/b?x=1&y=2"]),
        ("<a class=x href=c>", ["/d/c"]),
        ("<a/href=d>", ["/d/d"]),
        ('<a title="a > b" href="e">', ["/d/e"]),
        ('<a href="f" href="g">', ["/d/f"]),
        ('<area href=" h ">', ["/d/h"]),
        ("<a href=i", ["/d/i"]),
        ('<a data-href="x" name="y">', []),
        ("<abbr href=x><article href=y><base-x href=z>", []),
        ("<!-- <a href=x> --><a href=y>", ["/d/y"]),
        ("<!--><a href=y>", ["/d/y"]),
        ("<!-- <a href=x>", []),
        ("<script>document.write('<a href=x>')</script ><a href=y>", ["/d/y"]),
        ("<textarea><a href=x></textarea><title><a href=z></title><a href=y>", ["/d/y"]),
        ("<noscript><a href=y></noscript>", ["/d/y"]),
        ('<base href="/e/"><base href="/f/"><a href=y>', ["/e/y"]),
        ('<base target="_top"><a href=y>', ["/d/y"]),
        ("<a href=y rel=nofollow><a href=z rel='noopener'>", ["/d/z"]),
        ("<a href=y><a href='y#part'><a href=./y>", ["/d/y"]),
        ("<meta name=ROBOTS content='index, nofollow'><a href=y>", []),
        ("<meta name=penstock content=none><a href=y>", []),
        ("<meta name=otherbot content=none><a href=y>", ["/d/y"]),
        ("<a href='caf&eacute;'>", ["/d/caf%C3%A9"]),
        ("<a href='javascript:x'><a href='#top'>", ["/d/page.html"]),
    ],
)
def test_the_links_of_a_page(page, expected):
    assert links(page) == expected


def test_addresses_are_read_in_the_encoding_of_the_page():
    page = "<a href='é'>"
    for declared, body in [
        ("text/html; charset=iso-8859-1", page.encode("latin-1")),
        ("text/html", b"<meta charset=windows-1252>" + page.encode("latin-1")),
        ("text/html", page.encode()),
        ("text/html; charset=no-such-thing", page.encode()),
    ]:
        assert links(body, declared) == ["/d/%C3%A9"]


@pytest.mark.parametrize(
    "piece",
    ["<div>", "<!--", '<a "', "<a '", "<script>", "<a href=", "<a x", "<a x>", "<a\n", "&amp;<a"],
)
def test_hostile_pages_take_time_that_grows_with_their_length(piece):
    start = time.process_time()
    links(piece * (500_000 // len(piece)) + '<a href="')
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("header", "keep", "follow"),
    [
        (None, True, True),
        ("noindex", False, True),
        ("noarchive, nofollow", True, False),
        ("none", False, False),
        ("otherbot: noindex, nofollow", True, True),
        ("otherbot: noindex, Penstock: nofollow", True, False),
        ("unavailable_after: 25 Jun 2026 15:00:00 PST", True, True),
    ],
)
def test_what_a_header_asks(header, keep, follow):
    assert header_wishes(header, agent="Penstock")[:2] == (keep, follow)


def test_links_are_those_that_a_tree_of_the_page_has(site_pages):
    for body in site_pages:
        tree = lxml_html.fromstring(body)
        written = [tree_link.get("href").strip() for tree_link in tree.iterfind(".//a[@href]")]
        expected = dict.fromkeys(filter(None, (canonical(each, URL) for each in written)))
        assert links(body, "text/html; charset=utf-8") == [
            each.removeprefix("http://example.org") for each in expected
        ]
