"""A file of a stranger that blows up costs what blew up: it is quarantined, the rest is read."""

import gzip
import time
import tracemalloc

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.crawl.earlier import nothing_earlier
from pipeline.crawl.errors import NoSuchColumn
from pipeline.crawl.source import Visit
from pipeline.crawl.sources.jsonl_files import JsonlFiles
from pipeline.crawl.stage import Pages
from pipeline.versions.canonical import encode_row
from pipeline.versions.digest import RowSum
from schemas.ledger import LEDGER
from tests.pipeline.crawl import bombs
from tests.pipeline.crawl.conftest import WINDOW
from tests.support import made

SECONDS = 5  # of processor time, for a document


def read(store, kind, *paths, **settings):
    """The texts or bodies' sizes that were kept, and the reasons of what was not, by place."""
    source = {"kind": kind, "paths": [str(path) for path in paths], **settings}
    manifest = made(Pages(source=source), store, window=WINDOW, refresh=True)
    rows = store.read(manifest, "pages", ("doc_id", "url", "text")).to_pylist()
    ledger = store.read(manifest, "ledger", LEDGER.names).to_pylist()
    check_account(manifest.account, rows, ledger)
    return rows, ledger


def check_account(account, rows, ledger):
    """What came in is what was kept and what was set aside: by count, and by a hash of the set."""
    came = RowSum()
    came.add_many(encode_row((each["doc_id"],)) for each in (*rows, *ledger))
    assert account.entered.count == len(rows) + len(ledger)
    assert account.entered.digest == came.hexdigest()
    assert account.quarantined.count == len(ledger)
    assert len({each["doc_id"] for each in ledger}) == len(ledger)
    assert all(each["outcome"] == "quarantined" and each["detail"] for each in ledger)


@pytest.fixture
def little(monkeypatch):
    """The same limits, smaller, so that small bombs break them."""
    monkeypatch.setattr("pipeline.crawl.parquet_process.MEGABYTES", 256)
    monkeypatch.setattr("pipeline.crawl.texts.LEAST_ROOM", 40 * bombs.MEBIBYTE)


def test_a_parquet_page_that_fills_the_memory_costs_its_row_group(tmp_path, store, little):
    bombs.page_bomb(tmp_path / "a.parquet", megabytes=300)
    bombs.page_bomb(tmp_path / "b.parquet", megabytes=11)
    rows, ledger = read(store, "parquet_files", tmp_path / "*.parquet")
    assert [row["text"] for row in rows] == ["before", "after"] * 2
    assert [each["rule"] for each in ledger] == ["killed_by_memory", "too_many_bytes"]


def test_a_parquet_dictionary_that_fills_every_row_costs_its_row_group(tmp_path, store, little):
    bombs.dictionary_bomb(tmp_path / "a.parquet", megabytes=1, rows=100_000)
    bombs.dictionary_bomb(tmp_path / "b.parquet", megabytes=11, rows=100_000)
    bombs.page_bomb(tmp_path / "c.parquet", megabytes=0)
    rows, ledger = read(store, "parquet_files", tmp_path / "*.parquet")
    assert [row["text"] for row in rows if len(row["text"]) < 10] == ["before", "", "after"]
    assert len(rows) <= 43
    assert {each["rule"] for each in ledger} <= {"killed_by_memory", "too_many_bytes"}
    assert 2 <= len(ledger) <= 5


def test_a_parquet_footer_that_fills_the_memory_costs_its_file(tmp_path, store, little):
    bombs.footer_bomb(tmp_path / "a.parquet", megabytes=300)
    bombs.page_bomb(tmp_path / "b.parquet", megabytes=0)
    rows, ledger = read(store, "parquet_files", tmp_path / "*.parquet")
    assert [row["text"] for row in rows] == ["before", "", "after"]
    assert [each["rule"] for each in ledger] == ["killed_by_memory"]


def test_a_parquet_file_that_lies_about_its_rows_is_named(tmp_path, store):
    bombs.lying_rows(tmp_path / "a.parquet")
    rows, ledger = read(store, "parquet_files", tmp_path / "a.parquet")
    assert len(rows) == 1000
    problem = "a.parquet: it cannot be read: it says it has 1,001 rows, and has 1,000"
    assert [(each["rule"], each["detail"]) for each in ledger] == [("damaged", problem)]


def test_a_parquet_text_that_is_no_utf8_costs_its_row(tmp_path, store):
    texts = pa.array([b"before", b"\xff\xfe", b"after"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"text": texts}), tmp_path / "a.parquet")
    rows, ledger = read(store, "parquet_files", tmp_path / "a.parquet")
    assert [row["text"] for row in rows] == ["before", "after"]
    assert [each["rule"] for each in ledger] == ["undecodable"]


def test_lines_of_json_that_blow_up_cost_themselves(tmp_path, store):
    bombs.endless_line(tmp_path / "a.jsonl.gz", megabytes=100)
    bombs.awkward_lines(tmp_path / "b.jsonl")
    rows, ledger = read(store, "jsonl_files", tmp_path / "*")
    assert [row["text"] for row in rows] == ["before", "after"] * 2
    assert [each["rule"] for each in ledger] == ["too_many_bytes", "too_deep", "undecodable"]


def test_lines_of_other_keys_count_as_what_comes_out_of_a_file(tmp_path, store, little):
    other = b'{"other": "' + b"a" * (10 * bombs.MEBIBYTE) + b'"}\n'
    lines = b'{"text": "before"}\n' + 5 * other + b'{"text": "after"}\n'
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines, 1))
    rows, ledger = read(store, "jsonl_files", tmp_path / "a.jsonl.gz")
    assert [row["text"] for row in rows] == ["before"]
    assert [each["rule"] for each in ledger] == ["too_many_bytes"]


def test_a_line_that_does_not_end_is_left(tmp_path, store, monkeypatch):
    monkeypatch.setattr("pipeline.crawl.line_reader.MOST_SKIPPED", 30 * bombs.MEBIBYTE)
    bombs.endless_line(tmp_path / "a.jsonl.gz", megabytes=100)
    rows, ledger = read(store, "jsonl_files", tmp_path / "a.jsonl.gz")
    assert [row["text"] for row in rows] == ["before"]
    assert [each["rule"] for each in ledger] == ["too_many_bytes"]


def test_records_that_blow_up_cost_themselves(tmp_path, store):
    bombs.warc_bombs(tmp_path / "a.warc.gz", megabytes=50)
    began = time.process_time()
    rows, ledger = read(store, "warc_files", tmp_path / "a.warc.gz")
    assert time.process_time() - began < SECONDS
    names = [row["url"].rpartition("/")[2] for row in rows]
    assert names == ["before", "pieces", "after"]
    assert [each["rule"] for each in ledger] == [
        *("too_many_bytes", "too_many_bytes", "too_many_bytes"),
        *("unreadable_response", "unreadable_response", "unreadable_response"),
    ]


def test_a_header_in_a_thousand_members_is_read_in_time(tmp_path, store):
    head = b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://example.org/\r\n"
    block = bombs.response(b"<p>x</p>")
    head += b"X: " + b"y" * 300_000 + b"\r\nContent-Length: %d\r\n\r\n" % len(block)
    (tmp_path / "a.warc.gz").write_bytes(bombs.many_members(head + block + b"\r\n\r\n"))
    began = time.process_time()
    rows, _ = read(store, "warc_files", tmp_path / "a.warc.gz")
    assert [row["url"] for row in rows] == ["http://example.org/"]
    assert time.process_time() - began < 3 * SECONDS  # it is as large as fifty documents


def test_keys_that_are_all_different_are_not_kept(tmp_path):
    lines = (b'{"%d%s": 1}\n' % (n, b"k" * 50_000) for n in range(400))
    (tmp_path / "a.jsonl").write_bytes(b"".join(lines))
    source = JsonlFiles(paths=(str(tmp_path / "a.jsonl"),))
    visit = Visit(WINDOW, nothing_earlier(), None, lambda done, of: None)
    tracemalloc.start()
    try:
        with pytest.raises(NoSuchColumn, match="only 20 that are no plain names"):
            list(source.visit(visit))
        assert tracemalloc.get_traced_memory()[1] < 6_000_000  # bytes, of twenty million
    finally:
        tracemalloc.stop()
