"""What a run makes, and what it takes as it is."""

from typing import ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import BadStage, ConservationError, DamagedFile, StageFailed, UndeclaredColumn
from pipeline.run.choose import Wishes, choose
from pipeline.run.executors import Pool
from pipeline.run.made import Made
from pipeline.stage import Unit
from pipeline.store import Store
from pipeline.versions.digest import RowSum
from schemas.runtime import Runtime
from tests.pipeline.broken_toys import LoseOneDoubleOne, Losing, Ordering, Peeking, Shuffling
from tests.pipeline.killing_toys import (
    KillsAWorkerForEachShard,
    KillsItsWorkerAlways,
    KillsItsWorkerOnce,
    KillsItsWorkerOver,
    RaisesForeign,
)
from tests.pipeline.toy import WORDS, Judge, Report, Source, identity
from tests.support import made, runner


@pytest.fixture
def store(tmp_path):
    return Store.at(tmp_path / "store")


def files_of(store):
    return {entry.path: entry.modified for entry in store.files.entries("")}


def test_a_second_run_makes_nothing(store):
    first = made(Judge(), store, words=made(Source(), store))
    before = files_of(store)
    assert made(Judge(), store, words=made(Source(), store)) == first
    assert files_of(store) == before


def test_the_layout_of_shards_changes_no_digest(store, tmp_path, monkeypatch):
    one = made(Judge(), store, words=made(Source(), store))
    monkeypatch.setattr(Source, "size", 3)
    other = Store.at(tmp_path / "other")
    two = made(Judge(), other, words=made(Source(), other))
    assert len(two.shards) == 7 > len(one.shards) == 4
    assert two.digests == one.digests
    assert two.ref == one.ref


def test_only_what_follows_from_a_changed_field_is_made(store):
    words = made(Source(), store)
    made(Judge(), store, words=words)
    make = runner(store)
    make(Judge(fewest=3), words=Made("words", make(Source()).manifest))
    assert make.stages["words"].reused
    assert make.stages["judged"].units_made == 4


def test_what_comes_out_equal_stops_the_chain(store):
    words = made(Source(), store)
    one = made(Report(), store, words=words, judged=made(Judge(fewest=2), store, words=words))
    two = made(Report(), store, words=words, judged=made(Judge(fewest=1), store, words=words))
    assert one == two


def test_a_volatile_column_is_part_of_no_digest(store, tmp_path):
    other = Store.at(tmp_path / "other")
    assert made(Source(), store).digests == made(Source(), other).digests


def test_new_documents_cost_only_their_shards(store):
    words = tuple(f"word{n}" for n in range(20))
    made(Judge(), store, words=made(Source(words=words), store))
    make = runner(store)
    more = make(Source(words=(*words, "another")))
    make(Judge(), words=more)
    assert make.stages["judged"].units_made == 1


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (Losing(), r"shard 000: 5 came in; 4 kept .* = 4 went out; 1 lost \([0-9a-f]{32}\)"),
        (LoseOneDoubleOne(), r"shard 000: 5 came in; 5 kept .* 1 lost \(.*\); 1 too many \("),
        (Shuffling(), r"another order of rows, than words has in shard 000"),
    ],
)
def test_a_stage_that_does_not_account_for_every_document_is_not_committed(store, stage, words):
    source = made(Source(), store)
    before = files_of(store)
    with pytest.raises(ConservationError, match=words):
        made(stage, store, words=source)
    assert files_of(store) == before


def test_a_stage_may_read_only_what_its_version_depends_on(store):
    with pytest.raises(UndeclaredColumn, match=r"Add 'text' to what judged\.reads"):
        made(Peeking(), store, words=made(Source(), store))


def test_a_main_table_whose_rows_have_an_order_is_refused(store):
    with pytest.raises(BadStage, match=r"judged orders its main table 'judged'.*\n.*`ordered`"):
        made(Ordering(), store, words=made(Source(), store))


def test_a_damaged_shard_is_found_before_use_and_named(store):
    words = made(Source(), store)
    file = store.receipt(words.shards[0]).tables[0].file
    path = store.files.root / file.path
    ids = pq.ParquetFile(path).metadata.row_group(0).column(0)
    content = bytearray(path.read_bytes())
    content[ids.data_page_offset + ids.total_compressed_size - 1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedFile, match=file.path):
        made(Judge(), store, words=words)


def test_a_shard_whose_files_are_gone_is_made_again(store):
    words = made(Source(), store)
    judged = made(Judge(), store, words=words)
    file = store.receipt(judged.shards[1]).tables[0].file
    (store.files.root / file.path).unlink()
    make = runner(store)
    again = make(Judge(), words=make(Source())).manifest
    assert again == judged
    assert make.stages["judged"].units_made == 1
    assert store.intact(again)


def test_ledger_rows_name_rule_value_and_threshold(store):
    judged = made(Judge(), store, words=made(Source(), store))
    rows = store.read(judged, "ledger", ["rule", "value", "threshold"]).to_pylist()
    assert rows == [{"rule": "short", "value": 5.0, "threshold": 6.0}] * 10
    assert judged.drops == {"short": 10}
    assert judged.account.entered.count == 20
    assert judged.account.kept.count == judged.account.dropped.count == 10


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_any_number_of_processes_gives_the_same_version(store, tmp_path, workers):
    expected = made(Judge(), store, words=made(Source(), store))
    other = Store.at(tmp_path / "other")
    pool = Pool(workers)
    runtime = Runtime(store=other.uri, workers=workers)
    make = runner(other, executor=pool, runtime=runtime)
    try:
        got = make(Judge(), words=make(Source())).manifest
    finally:
        pool.close()
    assert got.ref == expected.ref
    assert got.digests == expected.digests


def test_a_row_sum_of_nothing_is_the_digest_of_an_empty_table(store):
    empty = made(Source(words=("a",)), store)
    assert empty.digests["words.text"] != RowSum().hexdigest()


def test_a_worker_that_is_killed_is_replaced(store, tmp_path):
    expected = made(Judge(), store, words=made(Source(), store))
    pool = Pool(2)
    make = runner(store, executor=pool, runtime=Runtime(store=store.uri, workers=2))
    try:
        killed = make(KillsItsWorkerOnce(mark=str(tmp_path / "mark")), words=make(Source()))
    finally:
        pool.close()
    assert killed.manifest.digests == expected.digests


def test_a_worker_that_is_killed_again_and_again_ends_the_run_with_a_sentence(store):
    make_pool = Pool(2)
    runtime = Runtime(store=store.uri, workers=2, retries=1)
    make = runner(store, executor=make_pool, runtime=runtime)
    words = make(Source())
    with pytest.raises(StageFailed, match=r"judged could not make its shard 00.: its worker was"):
        make(KillsItsWorkerAlways(), words=words)


def test_of_shards_that_are_made_at_once_only_the_one_that_kills_its_worker_is_named(store):
    guilty = "003"
    pool = Pool(4)
    make = runner(store, executor=pool, runtime=Runtime(store=store.uri, workers=4, retries=1))
    words = make(Source())
    with pytest.raises(StageFailed, match=f"judged could not make its shard {guilty}: .* 2 times"):
        make(KillsItsWorkerOver(shard=guilty), words=words)
    asked = choose(
        KillsItsWorkerOver(shard=guilty), {"words": words.manifest}, store, Wishes(recipe="test")
    )
    assert [piece.unit.shards for piece in asked.missing(store)] == [(guilty,)]


def test_workers_that_are_killed_over_other_shards_do_not_count_against_one(store, tmp_path):
    pool = Pool(1)
    make = runner(store, executor=pool, runtime=Runtime(store=store.uri, workers=1, retries=1))
    try:
        killed = make(KillsAWorkerForEachShard(marks=str(tmp_path)), words=make(Source()))
    finally:
        pool.close()
    assert killed.manifest.account.entered.count == 20


class Again(Source):
    """The same words as `Source` has, of another configuration."""

    window: str = "second"

    def units(self, inputs):
        return [Unit(shards=(f"{self.window}-{unit.shards[0]}",)) for unit in super().units(inputs)]

    def make(self, work):
        name = work.unit.shards[0]
        first = int(name.rpartition("-")[2]) * self.size
        some = self.words[first : first + self.size]
        rows = {
            "doc_id": [identity(w) for w in some],
            "text": list(some),
            "length": [len(w) for w in some],
            "fetched": [0] * len(some),
        }
        work.write("words", pa.RecordBatch.from_pydict(rows, schema=WORDS))


def test_shards_of_other_names_are_taken_as_they_are_and_have_the_names_that_are_followed(store):
    one = made(Judge(), store, words=made(Source(), store))
    make = runner(store)
    words = make(Again())
    two = make(Judge(), words=words).manifest
    assert [shard.name for shard in two.shards] == [s.name for s in words.manifest.shards]
    assert two.digests == one.digests
    assert make.stages["judged"].reused
    again = runner(store)
    assert again(Judge(), words=again(Again())).manifest == two
    assert made(Judge(), store, words=made(Source(), store)) == one


@pytest.mark.parametrize("size", [3, 5])
def test_the_same_documents_in_other_shards_or_in_another_order_are_followed_as_they_lie(
    store, monkeypatch, size
):
    one = made(Judge(), store, words=made(Source(), store))
    monkeypatch.setattr(Source, "size", size)
    words = made(Again(words=tuple(reversed(Source().words))), store)
    two = made(Judge(), store, words=words)
    assert two.digests == one.digests
    for mine, theirs in zip(two.shards, words.shards, strict=True):
        assert store.receipt(mine).sequence == store.receipt(theirs).sequence


class Kept(Report):
    """A report that a refresh keeps."""

    pinned: ClassVar = True
    heading: str = ""


def kept(store, words, **wishes):
    """The versions and notes of `Kept` on some words, in a run of its own."""
    make = runner(store, **wishes)
    source = make(Source(words=words))
    inputs = {"words": source, "judged": make(Judge(fewest=1), words=source)}
    return make(Kept(), **inputs).ref


def test_a_pinned_version_stays_though_another_recipe_made_the_one_that_is_asked_for(store):
    first = kept(store, ("some", "words"))
    other = kept(store, ("other", "words"), recipe="another")
    assert other != first
    assert kept(store, ("other", "words")) == first
    assert kept(store, ("other", "words"), recipe="another") == other


def test_what_a_first_try_pins_stays_with_the_tries(store):
    tried = kept(store, ("some",), pins="test.limit-1")
    whole = kept(store, ("some", "words"))
    assert whole != tried
    assert kept(store, ("more", "words"), pins="test.limit-1") == tried


def test_a_damaged_pinned_version_is_made_again_of_what_it_was_made_of(store):
    first = kept(store, ("some", "words"))
    kept(store, ("other", "words"))
    (shard,) = store.open(first).shards
    store.set_aside(shard.stage, shard.shard_key)
    assert kept(store, ("other", "words")) == first
    assert store.intact(store.open(first))


def test_changed_code_of_a_pinned_version_is_shown(store, monkeypatch):
    first = kept(store, ("some", "words"))
    monkeypatch.setattr(Kept, "code", lambda _: ("tests.pipeline.toy:identity",))
    inputs = {role: store.open(ref) for role, ref in store.open(first).inputs.items()}
    found = choose(Kept(), inputs, store, Wishes(recipe="test"))
    assert found.ref == first
    assert "stays" in found.note
    assert "tests.pipeline.toy:identity" in found.note


def test_a_foreign_error_in_a_worker_is_told_in_its_own_words(store):
    pool = Pool(2)
    make = runner(store, executor=pool, runtime=Runtime(store=store.uri, workers=2))
    words = make(Source())
    try:
        with pytest.raises(StageFailed, match=r"judged could not .* ForeignError: code 7"):
            make(RaisesForeign(), words=words)
    finally:
        pool.close()
