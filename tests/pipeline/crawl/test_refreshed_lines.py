"""A refresh of files of lines ends where a run from scratch does."""

import random

import pytest

from pipeline.crawl.stage import Pages
from tests.pipeline.crawl.test_broken_refresh import Windows
from tests.support import made

SETTINGS = {"kind": "jsonl_files", "columns": {"url": "url", "title": "title"}}


def line(number, words="text", **more):
    return {"url": f"http://example.org/{number}", "text": f"{words} {number}", **more}


@pytest.fixture(name="lines")
def _lines(tmp_path, store):
    return Windows(tmp_path / "in", store, **SETTINGS)


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
