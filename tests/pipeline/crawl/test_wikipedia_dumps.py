"""Articles out of dumps of wikis: packed, in many streams, plain; damaged, and hostile."""

import bz2

import pytest

from pipeline.crawl.earlier import nothing_earlier
from pipeline.crawl.errors import BadSourceFile, DamagedSource, NothingFound
from pipeline.crawl.source import Page, Refused, Rest, Visit
from pipeline.crawl.sources.wikipedia_dumps import WikipediaDumps
from pipeline.crawl.stage import Pages
from pipeline.extract.stage import Documents
from schemas.document import DOCUMENTS
from tests.pipeline.crawl.conftest import WINDOW
from tests.pipeline.crawl.wiki import END, HEAD, dump, multistream, page
from tests.support import made

ARTICLES = [
    page("Größe", "Die '''Größe''' ist ein [[Maß|Maß]]."),
    page("Diskussion:Größe", ns=1),
    page("Grösse", redirect=True),
    page("A & B/C?", "Noch ein Text."),
    page("MediaWiki:Common.css", model="css"),
]


def visit(tmp_path, content, name="dewiki-20261101-pages-articles.xml.bz2", **settings):
    (tmp_path / name).write_bytes(content)
    source = WikipediaDumps(paths=(str(tmp_path / name),), **settings)
    return list(source.visit(Visit(WINDOW, nothing_earlier(), None, lambda done, of: None)))


def titles(found):
    return [each.title for each in found if isinstance(each, Page)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xml.bz2", bz2.compress(dump(*ARTICLES))),
        ("a-multistream.xml.bz2", multistream(*ARTICLES)),
        ("a.xml", dump(*ARTICLES)),
    ],
)
def test_articles_are_read_with_what_the_dump_says_of_them(tmp_path, name, content):
    first, second, rest = visit(tmp_path, content, name)
    assert first.url == "https://de.wikipedia.org/wiki/Gr%C3%B6%C3%9Fe"
    assert second.url == "https://de.wikipedia.org/wiki/A_%26_B/C%3F"
    assert (first.title, first.etag, first.last_modified) == (
        "Größe",
        "123",
        "2026-10-31T12:00:00Z",
    )
    assert first.rights.license == "https://creativecommons.org/licenses/by-sa/4.0/"
    assert first.content_type.startswith("text/x-wiki; language=de; hidden=")
    assert rest == Rest("gone")


def test_other_namespaces_are_read_where_they_are_asked_for(tmp_path):
    assert titles(visit(tmp_path, dump(*ARTICLES), namespaces=(1,))) == ["Diskussion:Größe"]
    with pytest.raises(NothingFound, match="other namespaces"):
        visit(tmp_path, dump(*ARTICLES), namespaces=(4,))


@pytest.mark.parametrize("way", ["cut", "flipped", "plain"])
def test_a_damaged_dump_keeps_its_good_pages_and_is_told(tmp_path, way):
    pages = [page(f"Seite {number}", f"Text {number}. " * 50) for number in range(50)]
    if way == "plain":
        content = dump(*pages)[:-5000]
    else:
        content = multistream(*pages)
        content = content[:-1500] if way == "cut" else content[:-900] + b"\0" + content[-899:]
    with pytest.raises(DamagedSource, match=r"bzip2 stream|XML is damaged"):
        visit(tmp_path, content)
    found = visit(tmp_path, content, tolerate_damage=True)
    kept = titles(found)
    assert kept == [f"Seite {number}" for number in range(len(kept))]
    assert 40 <= len(kept) < 50
    assert isinstance(found[-1], Refused)
    assert found[-1].why == "damaged_archive"


def test_a_page_that_is_too_large_or_another_than_its_hash_says_costs_itself(tmp_path):
    pages = [
        page("Vorher"),
        page("Lang", "ö" * 600),
        page("Falsch", sha1="0" * 31),
        page("Nachher"),
    ]
    found = visit(tmp_path, dump(*pages), most_bytes=1000)
    assert titles(found) == ["Vorher", "Nachher"]
    refused = [each.why for each in found if isinstance(each, Refused)]
    assert refused == ["too_many_bytes", "damaged_page"]


@pytest.mark.parametrize("title", ["", "x" * 4096, "x" * 5000, "ö" * 1000])
def test_a_page_whose_title_gives_no_address_costs_itself(tmp_path, title):
    found = visit(tmp_path, dump(page("Vorher"), page(title), page("Nachher")))
    assert titles(found) == ["Vorher", "Nachher"]
    (refused,) = (each for each in found if isinstance(each, Refused))
    assert (refused.why, refused.url) == ("no_address", "https://de.wikipedia.org/wiki/")
    assert "revision 123" in refused.detail


FLOOD = HEAD.encode() + b"<page><title>a</title><ns>0</ns><revision><text>"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'<!DOCTYPE x [<!ENTITY a "aaaa">]><mediawiki>&a;</mediawiki>', "document type"),
        (b"<mediawiki>&undefined;</mediawiki>", "XML is damaged"),
        (HEAD.encode() + b"<x>" * 100, "lie in each other"),
        (HEAD.encode() + b"<page a='" + b"x" * (5 << 20), "does not end"),
        (bz2.compress(HEAD.encode() + b"<page " + b"x" * (50 << 20)), "does not end"),
        (FLOOD + b"x" * (20 << 20) + b"</text>", "XML is damaged"),
        (b"<mediawiki>" + page("A").encode() + END.encode(), "which no page can be below"),
        (
            dump(page("A")).replace(b"https://de.wikipedia.org", b"javascript:alert(1)"),
            "no page can be below",
        ),
    ],
)
def test_what_no_dump_holds_is_told_and_takes_no_memory(tmp_path, content, words):
    import tracemalloc

    tracemalloc.start()
    try:
        with pytest.raises(DamagedSource, match=words):
            visit(tmp_path, content, most_bytes=1 << 20)
        assert tracemalloc.get_traced_memory()[1] < (120 << 20)
    finally:
        tracemalloc.stop()


def test_other_xml_is_named(tmp_path):
    with pytest.raises(BadSourceFile, match="first element is <urlset>"):
        visit(tmp_path, b"<urlset></urlset>", "a.xml")


def test_a_dump_becomes_documents(tmp_path, store):
    pages = [*ARTICLES, page("Tief", "<b>" * 5000), page("Offen", "[[a|" * 20_000)]
    (tmp_path / "a.xml.bz2").write_bytes(multistream(*pages))
    source = {"kind": "wikipedia_dumps", "paths": [str(tmp_path / "*.xml.bz2")]}
    crawled = made(Pages(source=source), store, window=WINDOW, refresh=True)
    manifest = made(Documents(extractor="plain_text"), store, pages=crawled)
    first, second, *bad = store.read(manifest, "documents", DOCUMENTS.names).to_pylist()
    assert (first["title"], first["text"]) == ("Größe", "Die Größe ist ein Maß.")
    assert (first["declared_language"], first["extractor"]) == ("de", "wikitext")
    assert second["text"] == "Noch ein Text."
    assert [each["text"] for each in bad] == [None, None]
    assert store.read(manifest, "ledger", ("rule",))["rule"].to_pylist() == ["too_deep"] * 2
    assert manifest.reproducible
