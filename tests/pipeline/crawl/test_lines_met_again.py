"""Lines that stand as they stood are not read again, and a refresh is as if all were."""

import json
import random

import orjson
import pytest

from pipeline.crawl.sources import jsonl_files
from pipeline.crawl.stage import Pages
from tests.pipeline.crawl.test_broken_refresh import Windows
from tests.support import made

LOADS = orjson.loads
SETTINGS = {"kind": "jsonl_files", "columns": {"url": "url", "title": "title"}}


def line(number, words="text", **more):
    return {"url": f"http://example.org/{number}", "text": f"{words} {number}", **more}


@pytest.fixture(name="lines")
def _lines(tmp_path, store):
    return Windows(tmp_path / "in", store, **SETTINGS)


def test_only_the_lines_that_changed_are_parsed(lines, monkeypatch):
    parsed = []
    monkeypatch.setattr(jsonl_files.orjson, "loads", lambda one: parsed.append(one) or LOADS(one))
    lines.write("a.jsonl", *map(line, range(9)))
    lines.next()
    parsed.clear()
    lines.write("a.jsonl", *map(line, range(5)), line(5, "new"), *map(line, range(6, 12)))
    assert lines.next().rows["pages"] == 9 + 4
    changed = {b"new 5", b"text 9", b"text 10", b"text 11", b"text 0"}  # and each file's first
    assert {json.loads(one)["text"].encode() for one in parsed} == changed


@pytest.mark.parametrize("seed", range(6))
def test_refreshes_end_where_a_run_from_scratch_does(lines, tmp_path, store, seed):
    chance = random.Random(seed)
    rows = [line(number) for number in range(20)]
    for _ in range(4):
        lines.write("a.jsonl", *rows[:9])
        lines.write("b.jsonl", *rows[9:])
        lines.next()
        rows = [each for row in rows for each in edited(row, chance)]
        chance.shuffle(rows)
    lines.write("a.jsonl", *rows[:9])
    lines.write("b.jsonl", *rows[9:])
    lines.next()
    stage = Pages(source={"paths": [f"{tmp_path}/in/*.jsonl"], **SETTINGS}, limit=10**6)
    scratch = made(stage, store, window="2026-11-29T01:00:00Z")
    assert living(store, lines.manifest) == living(store, scratch)


def edited(row, chance):
    """What becomes of a line: mostly nothing."""
    kind = chance.choice(["same"] * 8 + ["gone", "twice", "changed", "other", "title", "no text"])
    number = chance.randrange(1000)
    return {
        "gone": [],
        "twice": [row, row],
        "changed": [{**row, "text": f"edited {number}"}],
        "other": [row, {**row, "text": f"of the same address {number}"}],
        "title": [{**row, "title": f"title {number}"}],
        "no text": [{**row, "text": None}],
    }.get(kind, [row])


def living(store, manifest):
    """URL -> document, of the newest records that are not gone since."""
    pages = store.read(manifest, "pages", ("doc_id", "url", "window", "text")).to_pylist()
    newest = {}
    for row in sorted(pages, key=lambda row: row["window"]):
        newest[row["url"]] = (row["window"], row["doc_id"], row["text"])
    for row in store.read(manifest, "tombstones", ("url", "window")).to_pylist():
        if row["url"] in newest and newest[row["url"]][0] <= row["window"]:
            del newest[row["url"]]
    return {url: found[1:] for url, found in newest.items()}


def test_a_line_that_moves_keeps_its_page_where_it_has_an_address_and_not_where_it_has_none(
    tmp_path, store
):
    named = Windows(tmp_path / "named", store, **SETTINGS)
    plain = Windows(tmp_path / "plain", store, kind="jsonl_files")
    for windows in (named, plain):
        windows.write("a.jsonl", *map(line, range(4)))
        windows.next()
        windows.write("a.jsonl", *map(line, (3, 1, 2, 0)))
        windows.next()
    assert named.manifest.rows["pages"] == 4
    assert plain.manifest.rows["pages"] == 8  # the file is another one, so are all its rows


# Whoever changes what a line is read as counts READING up: pages of lines that stand as they stood
# would else stay what they were read as before. These ids are of `penstock line 1`.
def test_a_line_makes_the_page_that_it_made(lines, store):
    other = {"url": "HTTP://Example.org:80/a/../%7eb", "text": ""}
    lines.write("a.jsonl", line(1, title="T"), other)
    pages = store.read(lines.next(), "pages", ("doc_id", "url")).to_pylist()
    assert jsonl_files.READING == b"penstock line 1\0"
    assert {row["url"]: row["doc_id"].hex() for row in pages} == {
        "http://example.org/1": "e7fcb0721211e0bcc1dc7bbf0593eedc",
        "http://example.org/~b": "71d0e2db15a48a4383ec10cadbb44658",
    }
