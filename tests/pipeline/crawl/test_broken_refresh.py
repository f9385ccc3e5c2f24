"""A refresh of files in which something broke: it fails or is told, and nothing is lost by it."""

import json
import logging

import pytest

from pipeline.crawl.errors import NoSuchColumn, NothingFound
from pipeline.crawl.stage import Pages
from schemas.ledger import LEDGER
from tests.support import made

GOOD = [{"text": f"text {n}", "url": f"http://example.org/{n}"} for n in range(3)]


class Windows:
    """One version after the other of the files in a folder."""

    def __init__(self, folder, store, **source):
        self.folder, self.store, self.day = folder, store, 20
        self.stage = Pages(source={"paths": [f"{folder}/*.*"], **source})

    def write(self, name, *rows):
        self.folder.mkdir(exist_ok=True)
        (self.folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))

    def next(self):
        self.day += 1
        window = f"2026-11-{self.day}T01:00:00Z"
        self.manifest = made(self.stage, self.store, window=window, refresh=True)
        return self.manifest

    def shards(self):
        return [shard.name for shard in self.manifest.shards]

    def ledger(self):
        rows = self.store.read(self.manifest, "ledger", LEDGER.names).to_pylist()
        return [(row["rule"], row["detail"]) for row in rows]


@pytest.fixture
def lines(tmp_path, store):
    """Files of lines, with addresses."""
    return Windows(tmp_path / "in", store, kind="jsonl_files", columns={"url": "url"})


@pytest.fixture
def folder(tmp_path, store):
    """Texts that are a file each, of ten bytes at most."""
    return Windows(tmp_path / "in", store, kind="text_files", most_bytes=10)


def test_a_refresh_whose_files_all_lost_their_text_fails(lines):
    lines.write("a.jsonl", *GOOD)
    lines.next()
    lines.write("a.jsonl", *({"body": row["text"], "url": row["url"]} for row in GOOD))
    with pytest.raises(NoSuchColumn, match="the key 'text', only body, url"):
        lines.next()


def test_a_refresh_whose_rows_are_all_refused_fails_and_names_the_first(lines):
    lines.write("a.jsonl", *GOOD)
    lines.next()
    lines.write("a.jsonl", *({**row, "url": 7} for row in GOOD))
    with pytest.raises(NothingFound, match=r"a\.jsonl, line 1: 'url' holds int, not text"):
        lines.next()


def test_a_refresh_whose_documents_are_all_refused_fails_and_names_the_first(folder):
    folder.write("a.txt")
    (folder.folder / "a.txt").write_bytes(b"short")
    folder.next()
    (folder.folder / "a.txt").write_bytes(b"longer than ten")
    with pytest.raises(NothingFound, match=r"quarantined: a\.txt: it has more than 10 bytes"):
        folder.next()


def test_files_without_a_row_that_could_be_a_text_are_no_fault(lines):
    lines.write("a.jsonl", *GOOD)
    lines.next()
    lines.write("a.jsonl", {"text": None})
    assert lines.next().rows["tombstones"] == 3


def test_what_a_refresh_refuses_is_in_the_ledger_once_without_any_new_page(lines):
    lines.write("a.jsonl", *GOOD)
    lines.next()
    lines.write("b.jsonl", {"body": "x"})
    lines.next()
    problem = "b.jsonl: none of its lines has the key 'text', only body"
    assert lines.ledger() == [("missing_column", problem)]
    before = lines.shards()
    lines.next()
    assert lines.shards() == before
    lines.write("c.jsonl", {"text": 7})
    lines.next()
    refused = ("not_text", "c.jsonl, line 1: 'text' holds int, not text")
    assert lines.ledger() == [("missing_column", problem), refused]


def test_how_many_earlier_pages_a_bad_line_keeps_is_said(lines, caplog):
    lines.write("a.jsonl", *GOOD)
    lines.next()
    lines.write("a.jsonl", GOOD[0], {"text": 7})
    with caplog.at_level(logging.WARNING):
        assert lines.next().rows["tombstones"] == 0
    assert "2 earlier pages were not met, and are kept: 1 rows or files of " in caplog.text


def test_a_refused_document_keeps_itself_alone(folder):
    folder.write("a.txt")
    for name in "abc":
        (folder.folder / f"{name}.txt").write_bytes(b"short")
    folder.next()
    (folder.folder / "a.txt").write_bytes(b"longer than ten")
    (folder.folder / "b.txt").unlink()
    folder.next()
    gone = folder.store.read(folder.manifest, "tombstones", ("url",))
    assert gone["url"].to_pylist() == ["b.txt"]


@pytest.mark.parametrize("content", ["\ufeff", "\ufeff\n", "\ufeff \r\n\n"])
def test_a_file_that_shrinks_to_its_byte_order_mark_is_empty(lines, content):
    lines.write("a.jsonl", *GOOD[:2])
    lines.write("b.jsonl", *GOOD[2:])
    lines.next()
    (lines.folder / "a.jsonl").write_text(content)
    lines.next()
    assert lines.ledger() == []
    assert lines.manifest.rows["tombstones"] == 2
