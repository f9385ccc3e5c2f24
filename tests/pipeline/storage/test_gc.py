"""Garbage collection deletes what nothing leads to, and nothing else."""

import os
import time

import pytest

from pipeline.errors import DamagedFile
from pipeline.storage.gc import Pile, collect, collections, plan_sweep
from pipeline.storage.leases import FOLDER, Lease
from pipeline.storage.references import References
from pipeline.storage.roots import Keep
from pipeline.storage.verify import verify
from pipeline.store import Store
from tests.pipeline.storage.crashing import on_both
from tests.pipeline.toy import Judge, Report, Source
from tests.support import made

DAY = 86_400
BY = {"who": "ada", "why": "a test"}


@pytest.fixture
def store(where):
    return Store.at(where)


def later(days=2.0):
    return time.time() + days * DAY


def sizes(store):
    """Every file, but for the lease that a collection takes."""
    found = {entry.path: entry.size for entry in store.files.entries("")}
    return {path: size for path, size in found.items() if "leases/collection" not in path}


@pytest.fixture
def two(store):
    """Two versions of `judged`; the second is labelled."""
    words = made(Source(), store)
    old = made(Judge(fewest=3), store, words=words)
    new = made(Judge(fewest=6), store, words=words)
    References(store).record("web", new.ref, **BY)
    return old, new


def test_a_version_that_no_name_leads_to_loses_its_data_and_keeps_its_story(store, two):
    old, new = two
    sweep = collect(store, Keep(), now=later(), **BY)
    assert sweep.versions == (old.ref,)
    assert set(sweep.piles) == {"old versions"}
    fresh = Store.at(store.uri)
    assert fresh.intact(new)
    assert fresh.intact(fresh.open(new.inputs["words"])), "what it was made of stays too"
    assert not fresh.intact(old)
    assert fresh.open(old.ref) == old
    assert all(fresh.find_receipt(s.stage, s.shard_key) for s in old.shards)
    record = collections(store).newest()[1]
    assert (record.versions, record.who) == ((old.ref,), "ada")
    assert record.files == sweep.total.files


def test_verify_knows_data_that_was_deleted_on_purpose(store, two):
    collect(store, Keep(), now=later(), **BY)
    found = verify(store)
    assert found.damages == ()
    assert found.collected == (two[0].ref,)


@on_both
def test_what_was_deleted_is_made_again_when_it_is_asked_for(store, two):
    collect(store, Keep(), now=later(), **BY)
    again = made(Judge(fewest=3), Store.at(store.uri), words=made(Source(), store))
    assert again == two[0]
    found = verify(store)
    assert (found.damages, found.collected) == ((), ())


def test_a_dry_run_tells_bytes_and_files_and_deletes_nothing(store, two):
    before = sizes(store)
    plan = plan_sweep(store, Keep(), now=later())
    assert sizes(store) == before
    collect(store, Keep(), now=later(), **BY)
    after = sizes(store)
    gone = {path: size for path, size in before.items() if path not in after}
    assert set(plan.paths) == set(gone)
    assert plan.total == Pile(files=len(gone), size=sum(gone.values()))
    assert [path for path in after if path not in before] == ["collections/0000000001.json"]


@on_both
def test_what_is_young_stays(store, two):
    before = sizes(store)
    collect(store, Keep(grace_seconds=DAY), now=later(0.9), **BY)
    assert sizes(store) == before


def test_a_moving_name_keeps_what_it_names_and_what_it_named_before(store, two):
    words = made(Source(), store)
    manifests = [made(Judge(fewest=n), store, words=words) for n in (1, 2, 4)]
    for manifest in manifests:
        References(store).move("web", "prod", manifest.ref, **BY)
    collect(store, Keep(), now=later(), **BY)
    fresh = Store.at(store.uri)
    assert [fresh.intact(manifest) for manifest in manifests] == [False, True, True]


def test_only_the_newest_labels_are_kept_where_that_is_asked(store, two):
    References(store).record("web", two[0].ref, **BY)
    collect(store, Keep(labels=1), now=later(), **BY)
    fresh = Store.at(store.uri)
    assert [fresh.intact(manifest) for manifest in two] == [True, False]


def test_shards_that_a_kept_version_shares_stay(store):
    words = tuple(f"word{n}" for n in range(20))
    short = made(Judge(), store, words=made(Source(words=words), store))
    long = made(Judge(), store, words=made(Source(words=(*words, "another")), store))
    References(store).record("web", long.ref, **BY)
    sweep = collect(store, Keep(), now=later(), **BY)
    fresh = Store.at(store.uri)
    assert fresh.intact(long)
    assert fresh.intact(short), "all its shards are in the longer one too"
    assert short.ref not in sweep.versions


@on_both
def test_files_of_killed_attempts_go_and_nothing_else(store, two, drivers):
    root = store.uri
    for last in (*range(4, 10), *range(30, 80, 5)):
        drivers({"chain": "report", "root": root, "last": last})
    store.files.replace("shards/words/zz/lost/0123-words.parquet", b"orphan")
    store.files.replace("versions/judged/.part-0123", b"half a manifest")
    for manifest in verify_all(store):
        References(store).record("web", manifest, **BY)
    plan = collect(store, Keep(), now=later(), **BY)
    assert {"abandoned work", "lost attempts", "temporaries"} <= set(plan.piles)
    assert verify(store).damages == ()
    assert not [path for path in sizes(store) if ".part-" in path or "scratch" in path]
    assert plan_sweep(store, Keep(), now=later()).total == Pile()


def verify_all(store):
    for entry in store.files.entries("versions"):
        if entry.path.endswith(".json"):
            _, stage, name = entry.path.split("/")
            yield References(store).resolve(f"{stage}@{name.removesuffix('.json')}")


def test_what_a_running_attempt_has_written_stays(store):
    begun = store.files.scratch()
    (begun / "0-words.parquet").write_bytes(b"half a table")
    store.files.put("shards/words/aa/bb/attempt-words.parquet", begun / "0-words.parquet")
    before = sizes(store)
    collect(store, Keep(), now=later(0.5), **BY)
    assert sizes(store) == before


def test_a_file_that_waited_long_in_its_scratch_folder_is_young_once_it_is_stored(store):
    begun = store.files.scratch()
    source = begun / "0-words.parquet"
    source.write_bytes(b"a table")
    os.utime(source, (time.time() - 9 * DAY,) * 2)
    store.files.put("shards/words/aa/bb/attempt-words.parquet", source)
    collect(store, Keep(), **BY)
    assert "shards/words/aa/bb/attempt-words.parquet" in sizes(store)


def test_grace_ends_where_the_oldest_lease_that_is_held_began(store, two):
    before = sizes(store)
    with Lease(store.files, "sky"):
        now = time.time() + 60
        assert plan_sweep(store, Keep(grace_seconds=5), now=now).total == Pile()
    assert plan_sweep(store, Keep(grace_seconds=5), now=now).total != Pile()
    assert before.keys() <= sizes(store).keys()


def test_a_lease_that_nobody_holds_goes_with_the_grace_period(store, drivers):
    root, files = store.uri, store.files
    drivers({"chain": "sky", "root": root, "last": 20})  # killed while it holds the lease
    with Lease(files, "given-back"):
        pass
    time.sleep(0.05)  # a file system may tell no finer
    with Lease(files, "held"):
        before = held_or_left(files)
        now = time.time() + 60
        assert "leases" not in plan_sweep(store, Keep(grace_seconds=DAY), now=now).piles
        collect(store, Keep(grace_seconds=0), now=now, **BY)
        assert held_or_left(files) == {"held", "collection"}
    assert before > {"held", "given-back"}
    with Lease(files, "given-back") as again:
        assert not again.preceded


@pytest.mark.parametrize("gone", ["beat", "end", "json"])
def test_a_lease_of_which_a_collection_that_was_killed_left_a_part_is_free(store, gone):
    files = store.files
    with Lease(files, "sky"):
        pass
    for entry in list(files.entries(f"{FOLDER}/sky")):
        if entry.path.endswith(gone):
            files.delete(entry.path)
    with Lease(files, "sky"):
        pass


def held_or_left(files):
    return {entry.path.split("/")[2] for entry in files.entries(FOLDER)}


def test_shards_of_an_unfinished_version_stay_as_long_as_they_are_young(store, drivers):
    root = store.uri
    drivers({"chain": "judged", "root": root, "last": 55})
    shards = [path for path in sizes(store) if path.endswith("receipt.json")]
    assert shards
    collect(store, Keep(), now=later(0.5), **BY)
    for path in shards:
        _, stage, _, key, _ = path.split("/")
        for file in store.find_receipt(stage, key).every_file():
            assert store.files.size(file.path) == file.size


def test_a_root_that_cannot_be_read_stops_the_collection(store, two):
    path = next(entry.path for entry in store.files.entries("refs"))
    store.files.replace(path, b"{")
    before = sizes(store)
    with pytest.raises(DamagedFile, match=path):
        collect(store, Keep(), now=later(), **BY)
    assert sizes(store) == before


def test_nothing_that_a_report_was_made_of_goes(store):
    words = made(Source(), store)
    judged = made(Judge(), store, words=words)
    report = made(Report(), store, words=words, judged=judged)
    References(store).record("web", report.ref, **BY)
    assert collect(store, Keep(), now=later(), **BY).total == Pile()
    assert all(Store.at(store.uri).intact(each) for each in (words, judged, report))
