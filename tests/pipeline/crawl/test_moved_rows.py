"""Rows of files without addresses are called by their places, and may be met at another one."""

import json
import random
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.crawl.stage import Pages
from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.index.index import Index
from pipeline.lineage.places import Place, receipts_of
from pipeline.lineage.story import stories
from pipeline.store import Store
from tests.pipeline.crawl.test_broken_refresh import Windows
from tests.pipeline.crawl.test_refreshed_lines import living
from tests.support import made

NAMES = ["a", "b", "c", "d"]


class Files(Windows):
    """Files of rows in windows, as JSON Lines or Parquet."""

    def __init__(self, folder, store, kind, *, addressed=0.0, limit=None):
        columns = {"url": "url"} if addressed else {}
        super().__init__(folder, store, kind=kind, columns=columns)
        self.stage = Pages(source=self.stage.source, limit=limit)
        self.parquet, self.addressed = kind == "parquet_files", addressed
        self.rows = {}  # name -> rows, of the files that are there
        self.texts = 0

    def new(self, chance):
        """A row that was never there."""
        self.texts += 1
        url = f"http://example.org/{self.texts}" if chance.random() < self.addressed else None
        return {"text": f"text {self.texts}", "url": url}

    def store_files(self):
        """What `rows` says, on the disk."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for name, rows in self.rows.items():
            if self.parquet:
                schema = pa.schema({"text": pa.string(), "url": pa.string()})
                pq.write_table(pa.Table.from_pylist(rows, schema), self.folder / f"{name}.parquet")
            else:
                lines = "".join(json.dumps(row) + "\n" for row in rows)
                (self.folder / f"{name}.jsonl").write_text(lines)

    def check(self):
        """The newest window holds what a run from scratch does, and the next one adds nothing."""
        self.store_files()
        self.next()
        pages = self.manifest.rows["pages"]
        other = Store.at(self.folder.parent / f"scratch-{self.day}")
        scratch = made(self.stage, other, window=f"2026-11-{self.day}T01:00:00Z")
        assert living(self.store, self.manifest) == living(other, scratch)
        self.next()
        assert self.manifest.rows["pages"] == pages


@pytest.mark.parametrize("kind", ["jsonl_files", "parquet_files"])
@pytest.mark.parametrize("addressed", [0.0, 0.5])
@pytest.mark.parametrize("seed", range(4))
def test_files_that_change_places_end_where_a_run_from_scratch_does(
    tmp_path, store, kind, addressed, seed
):
    chance = random.Random(seed)
    files = Files(tmp_path / "in", store, kind, addressed=addressed)
    files.rows = {name: [files.new(chance) for _ in range(3)] for name in NAMES[:2]}
    past = []
    for _ in range(4):
        files.check()
        past.append({name: list(rows) for name, rows in files.rows.items()})
        for _ in range(chance.randint(1, 2)):
            change(files, chance, past)


def change(files, chance, past):
    """One of the things that happen to files."""
    rows, one, other = files.rows, chance.choice(list(files.rows)), chance.choice(NAMES)
    new = [files.new(chance) for _ in range(2)]
    happens = chance.choice(
        [
            lambda: rows.update({other: rows.pop(one)}),  # renamed
            lambda: rows.update({other: list(rows[one])}),  # copied
            lambda: rows.update({other: rows[one], one: new}),  # rotated
            lambda: rows.update({one: rows.get(other, new), other: rows[one]}),  # swapped
            lambda: rows.update({one: [*new, *rows[one][1:]]}),  # edited
            lambda: rows[one].extend(new),
            lambda: rows[one].pop(0) if len(rows[one]) > 1 else None,
            lambda: rows.clear() or rows.update(chance.choice(past)),  # as it once was
        ]
    )
    happens()


@pytest.mark.parametrize("limit", [None, 6])
def test_rows_that_moved_are_written_once_where_not_everything_is_told(tmp_path, store, limit):
    chance = random.Random(0)
    files = Files(tmp_path / "in", store, "jsonl_files", limit=limit)
    files.rows = {"a": [files.new(chance) for _ in range(6)], "z": [files.new(chance)]}
    files.store_files()
    files.next()
    files.rows["b"] = files.rows.pop("a")
    counts = []
    for _ in range(3):
        files.store_files()
        if limit is None:
            (files.folder / "z.jsonl").write_text("no JSON\n")  # so the rest is not gone
        files.next()
        counts.append(files.manifest.rows["pages"])
        alive = [doc_id for doc_id, _ in living(store, files.manifest).values()]
        assert len(alive) == len(set(alive))
    assert counts == counts[:1] * 3


@pytest.mark.parametrize("indexed", [False, True])
def test_the_story_of_a_row_that_moved_does_not_say_that_it_is_gone(tmp_path, store, indexed):
    chance = random.Random(0)
    files = Files(tmp_path / "in", store, "jsonl_files")
    files.rows = {"a": [files.new(chance)]}
    files.store_files()
    files.next()
    files.rows["b"] = files.rows.pop("a")
    files.store_files()
    files.next()
    places = [
        Place(shard, row["doc_id"], row["url"], row["window"])
        for shard, receipt in receipts_of(store, files.manifest)
        for batch in store.batches(receipt, "pages", ["doc_id", "url", "window"])
        for row in batch.to_pylist()
    ]
    index = Index.of(store) if indexed else None
    told = stories(store, Ancestry({"pages": files.manifest}), places, index=index)
    assert {story.url: story.gone for story in told} == {"a.jsonl#0": "gone", "b.jsonl#0": None}
