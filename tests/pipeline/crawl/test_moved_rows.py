"""Rows of files without addresses are called by their places, and may be met at another one."""

import shutil

import pytest

from pipeline.crawl.stage import Pages
from tests.pipeline.crawl.test_broken_refresh import Windows
from tests.pipeline.crawl.test_refreshed_lines import living
from tests.support import made

ONE, TWO = [{"text": "one"}, {"text": "two"}], [{"text": "three"}, {"text": "four"}]


@pytest.fixture(name="rows")
def _rows(tmp_path, store):
    return Windows(tmp_path / "in", store, kind="jsonl_files")


def rotated(rows):
    rows.write("b.jsonl", *ONE)
    rows.write("a.jsonl", *TWO)


def rotated_the_other_way(rows):
    rows.write("0.jsonl", *ONE)
    rows.write("a.jsonl", *TWO)


def renamed(rows):
    (rows.folder / "a.jsonl").rename(rows.folder / "b.jsonl")


def copied(rows):
    shutil.copy(rows.folder / "a.jsonl", rows.folder / "b.jsonl")


def copied_before(rows):
    shutil.copy(rows.folder / "a.jsonl", rows.folder / "0.jsonl")


# How many records there are in the end.
@pytest.mark.parametrize(
    ("later", "records"),
    [(rotated, 6), (rotated_the_other_way, 6), (renamed, 4), (copied, 2), (copied_before, 4)],
)
def test_files_that_change_places_end_where_a_run_from_scratch_does(rows, store, later, records):
    rows.write("a.jsonl", *ONE)
    rows.next()
    for change in (later, lambda _: None):
        change(rows)
        rows.next()
        stage = Pages(source=rows.stage.source, limit=10**6)
        scratch = made(stage, store, window=f"2026-11-{rows.day}T02:00:00Z")
        assert living(store, rows.manifest) == living(store, scratch)
    assert rows.manifest.rows["pages"] == records
