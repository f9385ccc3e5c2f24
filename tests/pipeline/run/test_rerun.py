"""Making a version a second time says whether the same comes out, and where it does not."""

import itertools
import json
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pytest

from pipeline.errors import BadStage, MissingArtifact
from pipeline.run.errors import OlderInput
from pipeline.run.executors import InProcess, Pool
from pipeline.run.rerun import rerun
from pipeline.shard.tokenizer import Tokenizer
from pipeline.stage import EVERY_SHARD, Reads, Unit
from pipeline.storage.errors import NotRepeatable
from pipeline.store import Store
from schemas.artifact import Exactness
from schemas.runtime import Runtime
from tests.pipeline.storage.tiny import Sky, run
from tests.pipeline.toy import WORDS, Judge, Report, Source
from tests.support import Silent, made


@pytest.fixture
def store(tmp_path):
    return Store.at(tmp_path / "store")


def again(manifest, store, stage, executor=None, **options):
    """Made a second time by a stage, or by those of the names that a mapping has."""
    runtime = Runtime(store=store.uri, runner="process")
    return rerun(
        manifest.ref,
        store,
        lambda parts: stage[parts.stage] if isinstance(stage, dict) else stage,
        executor or InProcess(),
        Silent(),
        runtime=runtime,
        **options,
    )


def files_of(store):
    return {entry.path: entry.modified for entry in store.files.entries("")}


def test_an_exact_version_comes_out_equal_and_the_store_stays_as_it_is(store):
    words = made(Source(), store)
    judged = made(Judge(), store, words=words)
    report = made(Report(), store, words=words, judged=judged)
    before = files_of(store)
    for manifest, stage in ((words, Source()), (judged, Judge()), (report, Report())):
        found = again(manifest, store, stage)
        assert found.equal, found.mismatches
        assert found.shards == len(manifest.shards)
        assert found.changed == ()
    assert files_of(store) == before
    assert not list((store.files.root / "attempts/scratch").iterdir())


def test_a_pool_of_processes_can_make_it_again(store):
    words = made(Source(), store)
    judged = made(Judge(), store, words=words)
    pool = Pool(1)
    try:
        assert again(judged, store, Judge(), pool).equal
    finally:
        pool.close()


def test_the_stage_is_built_of_what_the_manifest_says(store):
    judged = made(Judge(fewest=3), store, words=made(Source(), store))
    runtime = Runtime(store=store.uri, runner="process")
    stage_of = lambda parts: Judge(**parts.config)  # noqa: E731
    assert rerun(judged.ref, store, stage_of, InProcess(), Silent(), runtime=runtime).equal


CALLS = itertools.count()


class Wavering(Judge):
    """Decides by how often it was asked."""

    def make(self, work):
        rows = work.table("words", "words", ["doc_id", "length"])
        keep = [True] * len(rows)
        if next(CALLS) >= 4 and work.unit.shards == ("001",):
            keep[2] = False
            work.drop(rows["doc_id"][2].as_py(), "whim")
        work.write("judged", pa.table({"doc_id": rows["doc_id"], "keep": keep}))


def test_where_something_else_comes_out_is_named(store):
    words = made(Source(), store)
    manifest = made(Wavering(), store, words=words)
    found = again(manifest, store, Wavering())
    assert not found.equal
    assert {each.shard for each in found.mismatches} == {"001"}
    assert {each.what for each in found.mismatches} >= {"judged.keep", "documents"}


def test_what_was_observed_is_declined(store):
    with pytest.raises(NotRepeatable, match=r"sky@.* holds what the world gave.*\n.*verify"):
        again(run("sky", store), store, Sky())


def test_another_stage_than_the_recorded_one_is_declined(store):
    judged = made(Judge(fewest=3), store, words=made(Source(), store))
    with pytest.raises(NotRepeatable, match=r"another stage, .* config fewest: 3 -> 4"):
        again(judged, store, Judge(fewest=4))


def test_a_version_of_a_file_that_the_recipe_gave_is_declined_in_a_sentence(store, tmp_path):
    file = tmp_path / "tokenizer.json"
    file.write_text(Tokenizer(vocabulary=300).learn(["some words"]).to_str(), encoding="utf-8")
    manifest = made(Tokenizer(file=str(file)), store)
    sentence = r"tokenizer@.* a file that its recipe gave: file \(SHA-256 .*\n.*verify"
    with pytest.raises(NotRepeatable, match=sentence):
        again(manifest, store, Tokenizer())
    assert again(manifest, store, Tokenizer(file=str(file))).equal


def test_what_it_was_made_of_has_to_be_there(store):
    words = made(Source(), store)
    judged = made(Judge(), store, words=words)
    store.files.delete(store.receipt(words.shards[2]).tables[0].file.path)
    with pytest.raises(MissingArtifact, match="Shard 002 of words@"):
        again(judged, store, Judge())


class BareSource(Source):
    """Words without their length."""

    def tables(self):
        return {"words": WORDS.remove(WORDS.get_field_index("length"))}

    def make(self, work):
        write = work.write
        work.write = lambda table, rows: write(table, rows.drop_columns("length"))
        super().make(work)


class Lenient(Judge):
    """Keeps every word, however long it is."""

    def reads(self):
        return {"words": Reads(columns={"words": ()})}

    def make(self, work):
        rows = work.table("words", "words", ["doc_id"])
        work.write("judged", rows.append_column("keep", pa.array([True] * len(rows))))


def test_an_input_of_older_code_without_a_column_that_is_read_now_is_to_be_made_again(store):
    judged = made(Lenient(), store, words=made(BareSource(), store))
    assert again(judged, store, Lenient()).equal
    today = {"words": Source(), "judged": Judge()}
    sentence = r"judged reads words\.length, which words@.* older code\.\nRun the recipe, .* words"
    with pytest.raises(OlderInput, match=sentence):
        again(judged, store, today)
    today["words"] = BareSource()  # whose code never wrote it: a fault of the stage that reads
    with pytest.raises(BadStage, match="Declare it under `volatile`"):
        again(judged, store, today)


class Fit(Report):
    """A fit that comes out a little different each time."""

    exactness: ClassVar = Exactness.TOLERANCE
    noise: ClassVar[float] = 1e-5
    seeds: ClassVar = itertools.count()

    def units(self, inputs):
        return [Unit(open=True, inputs={"words": ("000",), "judged": ("000",)})]

    def make(self, work):
        draw = np.random.default_rng(next(self.seeds))
        weights = np.ones((4, 3), np.float32) + self.noise * draw.random((4, 3), np.float32)
        head = {"w": {"dtype": "F32", "shape": [4, 3], "data_offsets": [0, 48]}}
        head = json.dumps(head).encode()
        content = len(head).to_bytes(8, "little") + head + weights.tobytes()
        work.add_file("model.safetensors", content, shard=EVERY_SHARD)
        scores = {"loss": 2.5 + self.noise * draw.random(), "wall_seconds": draw.random()}
        work.add_file("scores.json", json.dumps(scores).encode(), shard=EVERY_SHARD)


@pytest.mark.parametrize(("noise", "equal"), [(1e-5, True), (1e-1, False)])
def test_a_stage_with_a_tolerance_is_compared_by_it(store, noise, equal, monkeypatch):
    monkeypatch.setattr(Fit, "noise", noise)
    words = made(Source(), store)
    manifest = made(Fit(), store, words=words, judged=made(Judge(), store, words=words))
    found = again(manifest, store, Fit(), tolerance=1e-3)
    assert found.equal is equal
    assert found.tolerance == 1e-3
    if not equal:
        assert all(" apart" in each.now for each in found.mismatches)
