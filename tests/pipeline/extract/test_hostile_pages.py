"""Pages that are made to hurt cost a bounded time, and no page beside them."""

import contextlib
import hashlib
import time

import pytest

from pipeline.extract.errors import Refused
from pipeline.extract.extractor import Extractor
from pipeline.extract.limits import Limits
from pipeline.extract.normalise import normalise
from pipeline.extract.prepare import prepare
from pipeline.extract.request import Reading
from pipeline.extract.sandbox import Sandbox
from pipeline.extract.stage import Documents
from pipeline.store import Store
from schemas.ledger import LEDGER
from tests.pipeline.extract.hostile_pages import PAGES, SECRET, WORDS, given
from tests.pipeline.extract.pages import Given, GivenPages
from tests.support import made

SECONDS = 5  # of processor time, before a parser sees a page
LIMITS = Limits(megabytes=512)


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    """The version, its rows by address, and the rules of its ledger."""
    store = Store.at(tmp_path_factory.mktemp("hostile") / "store")
    pages = made(GivenPages(pages=given()), store)
    manifest = made(Documents(extractor="resiliparse", limits=LIMITS), store, pages=pages)
    rows = store.read(manifest, "documents", ("doc_id", "url", "text", "title")).to_pylist()
    ledger = store.read(manifest, "ledger", LEDGER.names).to_pylist()
    return manifest, {row["url"]: row for row in rows}, {each["doc_id"]: each for each in ledger}


def test_each_is_a_document_or_in_quarantine_with_its_reason(documents):
    manifest, rows, ledger = documents
    ids = {url: hashlib.sha256(url.encode()).digest()[:16] for url in PAGES}
    found = {url: ledger[ids[url]]["rule"] if ids[url] in ledger else None for url in PAGES}
    assert found == {url: reason for url, (_, _, reason) in PAGES.items()}
    assert {url for url in rows if rows[url]["text"] is None} == {u for u in found if found[u]}
    account = manifest.account
    assert account.entered.count == len(PAGES) == account.kept.count + account.quarantined.count
    assert manifest.reproducible


def test_the_neighbour_is_what_it_is_without_them(documents):
    assert documents[1]["neighbour"]["text"] == (WORDS * 9).strip()


def test_nothing_is_read_that_is_not_in_the_page(documents):
    for row in documents[1].values():
        assert SECRET not in f"{row['text']}"
    assert len(documents[1]["entities"]["text"]) < 2000
    assert len(documents[1]["entities of XML"]["text"]) < 2000


def test_no_text_has_what_no_text_shows(documents):
    for row in documents[1].values():
        text = row["text"] or ""
        assert text.encode().decode() == normalise(text) == text
        assert not set("\0\x07\x1b\x9b\ufffe\uffff") & set(text)


@pytest.mark.parametrize("name", PAGES)
def test_what_runs_outside_of_the_sandbox_takes_little_time(name):
    body, content_type, _ = PAGES[name]
    began = time.process_time()
    with contextlib.suppress(Refused):
        prepare(body, content_type or "text/html", "", LIMITS)
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("kind", ["main_text", "trafilatura", "plain_text"])
@pytest.mark.parametrize("name", ["entities of XML", "thief", "references", "controls", "one word"])
def test_every_extractor_gives_words_and_nothing_else(kind, name):
    body, content_type, _ = PAGES[name]
    request, _ = prepare(body, content_type or "text/html", "", LIMITS)
    neighbour, _ = prepare(PAGES["neighbour"][0], "text/html", "", LIMITS)
    with Sandbox(Extractor.parse(kind), LIMITS, mend=True) as sandbox:
        reading, beside = sandbox.read([request, neighbour])
    assert isinstance(beside, Reading)
    assert beside.text == (WORDS * 9).strip()
    if isinstance(reading, Reading):
        assert SECRET not in reading.text
        assert name == "one word" or len(reading.text) < 2000


def test_a_row_of_text_has_the_same_limit_as_a_page(tmp_path):
    store = Store.at(tmp_path / "store")
    rows = (
        Given(url="long", text="a " * 5_000_000),
        Given(url="long title", text="a", title="b" * 9_000_000),
        Given(url="short", text="a"),
    )
    manifest = made(Documents(), store, pages=made(GivenPages(pages=rows), store))
    ledger = store.read(manifest, "ledger", ("rule",)).to_pylist()
    assert [each["rule"] for each in ledger] == ["too_many_bytes", "too_many_bytes"]
    texts = store.read(manifest, "documents", ("text",)).to_pylist()
    assert [each["text"] for each in texts] == [None, None, "a"]
