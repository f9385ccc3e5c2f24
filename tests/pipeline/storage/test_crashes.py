"""A kill at any operation on the disk leaves nothing half visible, and costs nothing but time."""

import hashlib
import shutil
import signal
import time

import pytest

from pipeline.storage.gc import collect
from pipeline.storage.references import References
from pipeline.storage.roots import Keep
from pipeline.storage.verify import verify
from pipeline.store import Store
from schemas.artifact import ArtifactRef
from tests.pipeline.storage.tiny import run

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
    assert not list((store.files.root / "attempts/scratch").iterdir())
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


@pytest.mark.parametrize("chain", ["judged", "report", "clusters"])
def test_a_kill_at_any_operation_is_survived(chain, started, place, drivers):
    start = started(chain)
    expected = run(chain, Store.at(shutil.copytree(start, place / "whole")))
    last, ends = 0, [-signal.SIGKILL]
    while ends == [-signal.SIGKILL]:
        last += 1
        root = shutil.copytree(start, place / f"{last}")
        ends = drivers({"chain": chain, "root": root, "last": last})
        store = Store.at(root, create=False)
        assert_all_that_is_visible_is_whole(store)
        again = run(chain, store)
        assert (again.ref, again.digests) == (expected.ref, expected.digests)
        assert_collection_leaves_only_what_is_named(store)
        shutil.rmtree(root)
    assert ends == [0]
    assert last > 20
