"""A kill at any operation on the disk leaves nothing half visible, and costs nothing but time."""

import hashlib
import shutil
import signal
import time
from pathlib import Path

import pytest

from pipeline.errors import StoreUnreachable
from pipeline.storage.encryption.key_file import HEAD, new_key
from pipeline.storage.founding import opened
from pipeline.storage.gc import collect
from pipeline.storage.references import References
from pipeline.storage.roots import Keep
from pipeline.storage.verify import verify
from pipeline.store import Store
from schemas.artifact import ArtifactRef
from tests.pipeline.storage.crashing import Full, Telling
from tests.pipeline.storage.encryption import keys
from tests.pipeline.storage.tiny import Clock, run, runner

BEFORE = {"judged": "words", "report": "judged", "clusters": "signatures"}


def manifests(store):
    """Every visible version."""
    for entry in store.files.entries("versions"):
        _, stage, name = entry.path.split("/")
        if name.endswith(".json"):
            yield store.open(ArtifactRef(stage=stage, key=name.removesuffix(".json")))


def assert_all_that_is_visible_is_whole(store):
    """A reader follows manifests and receipts only; open all that these name."""
    assert verify(store).damages == ()
    for entry in store.files.entries("shards"):
        if entry.path.endswith("/receipt.json"):
            _, stage, _, key, _ = entry.path.split("/")
            for file in store.find_receipt(stage, key).every_file():
                content = store.files.read(file.path)
                assert len(content) == file.size
                assert hashlib.sha256(content).hexdigest() == file.sha256


def assert_collection_leaves_only_what_is_named(store):
    for manifest in manifests(store):
        References(store).record("test", manifest.ref, who="test", why="test")
    collect(store, Keep(grace_seconds=0), who="test", why="test", now=time.time() + 60)
    assert_all_that_is_visible_is_whole(store)
    paths = {entry.path for entry in store.files.entries("")}
    assert not [path for path in paths if ".part-" in path]
    assert not list(store.files.stale(time.time() + 600))
    named = {
        file.path
        for manifest in manifests(store)
        for shard in manifest.shards
        for file in store.receipt(shard).every_file()
    }
    data = {path for path in paths if path.startswith("shards/") and "json" not in path}
    assert data == named


@pytest.fixture
def started(place):
    """`started(chain)`: a store in which all but the chain's last stage is made."""

    def make(chain):
        root = place / "start"
        run(BEFORE[chain], Store.at(root))
        return root

    return make


def assert_a_kill_at_any_operation_is_survived(chain, start, place, drivers, expected):
    last, ends = 0, [-signal.SIGKILL]
    while ends == [-signal.SIGKILL]:
        last += 1
        root = shutil.copytree(start, place / f"{last}")
        ends = drivers({"chain": chain, "root": root, "last": last})
        store = Store.at(root, create=False)
        if not verify(Store.at(start)).damages:
            assert_all_that_is_visible_is_whole(store)
        again = run(chain, store)
        assert (again.ref, again.digests) == (expected.ref, expected.digests)
        assert_collection_leaves_only_what_is_named(store)
        shutil.rmtree(root)
    assert ends == [0]
    return last


@pytest.mark.parametrize(
    ("chain", "encrypted"), [("judged", False), ("report", True), ("clusters", False)]
)
def test_a_kill_at_any_operation_is_survived(
    chain, encrypted, started, place, drivers, monkeypatch
):
    if encrypted:
        keys.use(monkeypatch, place / "keys")
    start = started(chain)
    assert (start / "keys").is_dir() is encrypted
    expected = run(chain, Store.at(shutil.copytree(start, place / "whole")))
    points = assert_a_kill_at_any_operation_is_survived(chain, start, place, drivers, expected)
    assert points > 20


@pytest.mark.parametrize("rotated", [False, True])
def test_a_kill_while_a_store_is_founded_or_its_key_rotated_is_survived(
    rotated, place, drivers, monkeypatch
):
    key_file, start = keys.use(monkeypatch, place / "keys"), place / "start"
    start.mkdir()
    if rotated:
        Store.at(start).files.create("old", b"1")
        new_key(key_file, "two")
    both, newest = key_file.read_text(), f"{HEAD}{key_file.read_text().splitlines()[1]}\n"
    last, ends = 0, [-signal.SIGKILL]
    while ends == [-signal.SIGKILL]:
        last += 1
        root = shutil.copytree(start, place / f"{last}")
        ends = drivers({"chain": "", "root": root, "last": last})
        assert Store.at(root).files.create("new", b"2")
        key_file.write_text(newest)  # the older key may go
        files = Store.at(root, create=False).files
        assert files.read("new") == b"2"
        assert not rotated or files.read("old") == b"1"
        assert_collection_leaves_only_what_is_named(Store(files))
        key_file.write_text(both)
        shutil.rmtree(root)
    assert ends == [0]
    assert last > 10


def test_a_kill_while_a_lost_file_is_made_again_is_survived(place, drivers):
    start = place / "start"
    store = Store.at(start)
    expected = run("judged", store)
    for file in store.receipt(expected.shards[0]).every_file():
        store.files.delete(file.path)
    points = assert_a_kill_at_any_operation_is_survived("judged", start, place, drivers, expected)
    assert points > 15


@pytest.mark.parametrize("chain", ["judged", "clusters"])
def test_a_disk_that_fills_up_at_any_write_is_named_and_costs_nothing(chain, started, place):
    start = started(chain)
    expected = run(chain, Store.at(shutil.copytree(start, place / "whole")))
    full, first = True, 0
    while full:
        first += 1
        files = Full(shutil.copytree(start, place / f"{first}"), first)
        try:
            run(chain, Store(files))
            full = False
        except StoreUnreachable as error:
            assert str(files.root) in str(error)
            assert "the disk is full" in str(error)
            assert "the same command goes on" in str(error)
        assert_all_that_is_visible_is_whole(Store.at(files.root))
        assert not [e for e in files.entries("") if ".part-" in e.path or "scratch" in e.path]
        files.space = True
        again = run(chain, Store(files))
        assert (again.ref, again.digests) == (expected.ref, expected.digests)
        shutil.rmtree(files.root)
    assert first > 10


def test_a_second_try_of_one_attempt_takes_nothing_from_the_first(place):
    full, first = True, 0
    while full:
        first += 1
        files = Full(place / f"{first}", first)
        files.space = True
        store = Store(files)
        opened(files, create=True)
        make = runner(store)
        files.space, files.writes = False, 0
        try:
            make(Clock())
            full = False
        except StoreUnreachable:
            files.space = True
            make(Clock())
        assert_all_that_is_visible_is_whole(Store.at(files.root))
    assert first > 8


@pytest.mark.parametrize("chain", ["judged", "report"])
def test_what_a_record_names_is_on_the_disk_before_the_record_is(chain, place):
    """A loss of power keeps any part of what was not flushed: see that no such part can harm."""
    files = Telling(place / "store")
    store = Store(files)
    opened(files, create=True)
    run(chain, store)
    names = {
        f"store/{entry.path}": {
            f"store/{file.path}"
            for file in store.find_receipt(*entry.path.split("/")[1:4:2]).every_file()
        }
        for entry in files.entries("shards")
        if entry.path.endswith("/receipt.json")
    }
    for manifest in manifests(store):
        path = f"store/versions/{manifest.ref.stage}/{manifest.ref.key}.json"
        names[path] = {f"store/{store.receipt_path(s.stage, s.shard_key)}" for s in manifest.shards}
    assert len(names) > 3
    dirty, pending, checked = set(), set(), set()
    for kind, path, inode in files.done:
        if kind == "write":
            dirty.add(inode)
        elif kind == "flush":
            dirty.discard(inode)
            pending = {each for each in pending if str(Path(each).parent) != path}
        elif kind == "make_folder":
            pending.add(path)
        else:
            assert inode not in dirty, f"{path} was linked before its content was flushed"
            for named in names.get(path, ()):
                above = {named, *map(str, Path(named).parents)}
                assert not above & pending, f"{path} was linked before the name of {named} lasted"
                assert named in checked
            pending.add(path)
            checked.add(path)
    assert names.keys() <= checked
