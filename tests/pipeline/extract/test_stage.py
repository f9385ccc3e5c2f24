"""Pages become documents, row by row, through the real store."""

import pytest

from pipeline.errors import DamagedFile, StageFailed
from pipeline.extract.limits import Limits
from pipeline.extract.stage import Documents
from pipeline.stage import Stage
from pipeline.store import Store
from schemas.document import DOCUMENTS
from schemas.ledger import LEDGER
from tests.pipeline.extract.pages import Given, GivenPages
from tests.support import made

AWKWARD = "tests.pipeline.extract.blocks.awkward"
QUICK = Limits(seconds=0.3, megabytes=128)
TEXT = "Größe zählt nicht immer, doch manchmal schon; das weiß jeder, der es einmal versucht hat. "


def article(text, head="<title>Ein  Titel</title>"):
    return f'<!doctype html><html lang="de-DE"><head>{head}</head><body><p>{text}</p></body></html>'


@pytest.fixture
def store(tmp_path):
    return Store.at(tmp_path / "store")


def documents(store, pages, **settings):
    """The manifest, the documents by URL, and the ledger's rules by URL."""
    manifest = made(Documents(**settings), store, pages=made(GivenPages(pages=pages), store))
    rows = store.read(manifest, "documents", DOCUMENTS.names).to_pylist()
    assert [row["url"] for row in rows] == [page.url for page in pages]
    names = {row["doc_id"]: row["url"] for row in rows}
    ledger = store.read(manifest, "ledger", LEDGER.names).to_pylist()
    return manifest, {r["url"]: r for r in rows}, {names[r["doc_id"]]: r["rule"] for r in ledger}


@pytest.mark.parametrize("extractor", ["trafilatura", "resiliparse", "plain_text"])
def test_a_page_becomes_a_document(store, extractor):
    page = Given(url="http://a/", body=article(TEXT * 5).encode())
    _, rows, ledger = documents(store, (page,), extractor=extractor)
    document = rows["http://a/"]
    assert document["text"] == (TEXT * 5).strip()
    assert document["title"] == "Ein Titel"
    assert document["declared_language"] == "de-de"
    assert (document["encoding"], document["extractor"]) == ("utf-8", extractor)
    assert document["warc_file"] == "pages.warc.gz"
    assert ledger == {}


def test_every_page_is_a_row_and_every_refusal_is_in_the_ledger(store):
    pages = (
        Given(url="ok", body=article(TEXT * 5).encode()),
        Given(url="deep", body=b"<div>" * 1000),
        Given(url="tags", body=b"<p>a<b>b</b>" * 60_000),
        Given(url="large", body=b"<p>" + b"x" * 9_000_000),
        Given(url="pdf", body=b"%PDF-1.4 ...", content_type="application/pdf"),
        Given(url="bytes", body=bytes(range(256)) * 9),
        Given(url="empty", body=b""),
        Given(url="menu", body=b"<html><body><nav>Home</nav></body></html>"),
        Given(url="sjis", body=article("日本語。" * 40).encode("cp932"), content_type="text/html"),
        Given(url="mojibake", body=article("schÃ¶n und gut. " * 20).encode()),
        Given(url="plain", body=b"just <b>words</b>\r\n", content_type="text/plain"),
        Given(url="row", text="lâ€™humanitÃ© \r\n", title=" A\ntitle "),
    )
    manifest, rows, ledger = documents(store, pages)
    assert ledger == {
        "deep": "too_deep",
        "tags": "too_many_tags",
        "large": "too_many_bytes",
        "pdf": "not_html",
        "bytes": "undecodable",
    }
    assert {url for url in rows if rows[url]["text"] is None} == set(ledger)
    assert rows["empty"]["text"] == ""
    assert rows["sjis"]["text"] == "日本語。" * 40
    assert rows["mojibake"]["text"].startswith("schön und gut. schön")
    assert rows["mojibake"]["repaired"]
    assert rows["plain"]["text"] == "just <b>words</b>"
    assert rows["row"]["text"] == "l’humanité"
    assert rows["row"]["title"] == "A title"
    assert manifest.reproducible
    assert (manifest.account.kept.count, manifest.account.quarantined.count) == (7, 5)


def test_what_is_killed_marks_the_version_as_not_reproducible(store):
    pages = tuple(Given(url=url, body=url.encode()) for url in ("a", "HANG ", "b", "EAT ", "FAIL "))
    manifest, rows, ledger = documents(store, pages, extractor=AWKWARD, limits=QUICK)
    assert ledger == {
        "HANG ": "killed_by_time",
        "EAT ": "killed_by_memory",
        "FAIL ": "parser_failed",
    }
    assert [row["text"] for row in rows.values()] == ["a", None, "b", None, None]
    assert not manifest.reproducible


def test_mojibake_stays_where_repair_is_off(store):
    page = Given(url="a", body=b"", text="schÃ¶n")
    _, rows, _ = documents(store, (page,), repair=False)
    assert rows["a"]["text"] == "schÃ¶n"


def test_shards_and_batches_change_no_digest(tmp_path, monkeypatch):
    pages = tuple(
        Given(url=f"http://a/{n}", body=article(f"Nummer {n}. {TEXT * (n % 7)}").encode())
        for n in range(40)
    )
    digests = []
    for per_shard, batch in ((100, 64), (7, 5)):
        monkeypatch.setattr(GivenPages, "per_shard", per_shard)
        monkeypatch.setattr("pipeline.extract.sandbox.BATCH_PAGES", batch)
        monkeypatch.setattr("pipeline.extract.stage.BATCH_ROWS", batch)
        store = Store.at(tmp_path / str(per_shard))
        manifest, _, _ = documents(store, pages, extractor="resiliparse")
        digests.append(manifest.digests)
    assert digests[0] == digests[1]


def test_a_page_that_is_not_what_its_index_says_is_damage(store):
    pages = (Given(url="a", body=b"<p>x", wrong_hash=True),)
    with pytest.raises((DamagedFile, StageFailed), match="another hash than its index says"):
        documents(store, pages)


def test_the_configuration_survives_its_own_dump():
    stage = Documents(extractor={"kind": "trafilatura", "favour": "recall"}, limits={"depth": 99})
    assert Documents.model_validate(stage.model_dump()) == stage
    assert Documents.model_validate_json(stage.model_dump_json()) == stage
    assert Documents().config() == {}
    assert isinstance(stage, Stage)
