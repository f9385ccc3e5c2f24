"""What would choke a parser is refused before a parser sees it, and alike on every machine."""

import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.extract.errors import Refused
from pipeline.extract.limits import Limits
from pipeline.extract.media import media
from pipeline.extract.prepare import prepare
from pipeline.extract.tags import scan
from tests.pipeline.extract.slow_tags import slow_scan

PIECES = (
    "<div>", "</div>", "<b>", "</b>", "<p>", "</p>", "<span", " a=1", " b='>'", ' c="', ">", "/>",
    "<table>", "</table>", "<svg>", "</svg>", "<path/>", "<script>", "</script>", "</script ", "<",
    "<!--", "-->", "--", "<!doctype html>", "</", "!", "?", "/", "=", "'", '"', " ", "x", "<style>",
    "</STYLE>", "<DIV>", "é", "<math>", "<td>", "<br/>", "<textarea>", "<template>", "</template>",
)  # fmt: skip


@settings(max_examples=1500)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join), st.integers(1, 6))
@example("<svg><script/><div>", 5)
@example("<!-->", 3)
@example("<!,.><b>-->", 3)  # no dashes, though they sum up to two
@example("<!--", 3)
@example("<!-", 3)
@example('<math><span c="</', 1)
@example("<a b=", 3)
@example("<script></script", 3)
def test_the_compiled_scan_reads_what_the_plain_one_reads(html, deepest):
    assert scan(html.encode(), deepest=deepest) == slow_scan(html, deepest=deepest)


def reason(html, **limits):
    try:
        Limits(**limits).check_tags(html)
    except Refused as refused:
        return refused.reason
    return None


BOMBS = {
    "<div>" * 66_000: "too_deep",
    "<div></b>" * 20_000: "too_deep",
    "<span><div></span>" * 20_000: "too_deep",
    "<div><table></div>" * 20_000: "too_deep",
    "<b/>" * 20_000: "too_deep",
    "<p>a<b>b</b>" * 60_000: "too_many_tags",
    "<p " + "a=1 " * 100_000 + ">": "too_many_attributes",
}


@pytest.mark.parametrize("bomb", BOMBS, ids=BOMBS.values())
def test_bombs_are_refused_at_once(bomb):
    began = time.monotonic()
    assert reason(bomb) == BOMBS[bomb]
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "html",
    [
        "<p>text" * 5000,
        "<ul>" + "<li>one" * 5000 + "</ul>",
        "text<br>" * 5000,
        "<svg>" + '<path d="M0 0"/>' * 5000 + "</svg>",
        "<script>" + "for(i=0;i<n;i++)a<b;" * 5000 + "</script>",
        "<!--" + "<div>" * 5000 + "-->",
        "<div title='<b><b>'></div>" * 5000,
        "<table>" + "<tr><td>1<td>2" * 5000 + "</table>",
        "<div><span>x</div>" * 5000,
    ],
)
def test_what_pages_really_do_is_let_through(html):
    assert reason(html, depth=20) is None


@pytest.mark.parametrize(
    "hostile", ["<", "</", "<!", "<!--", "<a ", "<a b=", "<script></s", "<a b='"]
)
def test_the_scan_takes_time_in_line_with_the_size(hostile):
    began = time.monotonic()
    scan((hostile * (6_000_000 // len(hostile))).encode(), deepest=500)
    assert time.monotonic() - began < 5


def test_real_pages_are_let_through():
    folder = Path(__file__).parents[4] / "shared" / "data" / "extraction"
    if not folder.exists():
        pytest.skip("shared/data/extraction is not here")
    import tarfile

    with tarfile.open(folder / "wcxb_dev.tar.xz") as archive:
        pages = [archive.extractfile(m).read() for m in _some(archive, 60)]
    assert [prepare(page, "text/html", "", Limits())[0].is_html for page in pages] == [True] * 60


def _some(archive, count):
    found = (member for member in archive if member.name.endswith(".html"))
    return (member for member, _ in zip(found, range(count), strict=False))


def test_a_page_that_is_too_large_is_refused():
    with pytest.raises(Refused, match="11 bytes; 10 are allowed") as refused:
        prepare(b"<p>12345678", "text/html", "", Limits(page_bytes=10))
    assert refused.value.reason == "too_many_bytes"


@pytest.mark.parametrize(
    ("payload", "content_type", "kind"),
    [
        (b"<p>x", "text/html; charset=utf-8", "html"),
        (b"x", "TEXT/HTML", "html"),
        (b"<html>", "application/xhtml+xml", "html"),
        (b"<?xml version='1.0'?><html>", "application/xml", "html"),
        (b"<b>x</b>", "text/plain", "text"),
        (b"<!DOCTYPE html><p>", None, "html"),
        (b"only words", None, "text"),
        ("<html>".encode("utf-16"), None, "html"),
        (b"%PDF-1.7", "text/html", None),
        (b"<rss>", "text/xml", None),
        (b"<?xml version='1.0'?><rss>", None, None),
        (b"{}", "application/json", None),
        (b"\x89PNG\r\n\x1a\n", "image/png", None),
    ],
)
def test_only_html_and_plain_text_are_read(payload, content_type, kind):
    if kind:
        assert media(payload, content_type) == kind
        return
    with pytest.raises(Refused) as refused:
        media(payload, content_type)
    assert refused.value.reason == "not_html"
