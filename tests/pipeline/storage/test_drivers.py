"""Several drivers on one store at once end with one version; none waits for a dead one."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from pipeline.storage import leases
from pipeline.storage.leases import Lease
from pipeline.storage.local import LocalFiles
from pipeline.storage.log import Log
from pipeline.storage.presence import oldest_run
from pipeline.store import Store
from schemas.artifact import ArtifactRef
from schemas.run import Reference
from tests.pipeline.storage.test_crashes import (
    assert_all_that_is_visible_is_whole,
    assert_collection_leaves_only_what_is_named,
    manifests,
)
from tests.pipeline.storage.tiny import run


@pytest.mark.parametrize(("count", "rounds"), [(2, 4), (4, 3)])
@pytest.mark.parametrize("chain", ["report", "clusters"])
def test_drivers_at_once_end_with_one_version(chain, count, rounds, place, drivers):
    refs = set()
    for number in range(rounds):
        root = place / f"{number}"
        assert drivers(*[{"chain": chain, "root": root, "last": 0}] * count) == [0] * count
        store = Store.at(root, create=False)
        stages = [manifest.stage for manifest in manifests(store)]
        assert len(stages) == len(set(stages)) == 3
        assert_collection_leaves_only_what_is_named(store)
        refs.add(run(chain, store).digest())
    assert len(refs) == 1


@pytest.mark.parametrize("count", [2, 4])
def test_drivers_that_watch_the_world_take_what_the_first_one_saw(count, place, drivers):
    jobs = [{"chain": "sky", "root": place / "store", "last": 0}] * count
    assert drivers(*jobs) == [0] * count
    assert len(list(manifests(Store.at(place / "store")))) == 1


def test_drivers_of_one_window_look_at_the_world_once(place, drivers):
    root = place / "store"
    job = {"chain": "sky", "root": root, "last": 0}
    assert drivers(job) == [0]
    again = job | {"refresh": True, "window": "2026-02-01T00:00:00Z"}
    assert drivers(again, again, again) == [0, 0, 0]
    assert len(list(manifests(Store.at(root)))) == 2


def test_one_of_two_drivers_is_killed_and_the_other_ends_with_the_version(place, drivers):
    for last in (5, 25, 45, 65, 85):
        root = place / f"{last}"
        job = {"chain": "report", "root": root, "last": 0}
        assert drivers(job | {"last": last}, job) in ([-signal.SIGKILL, 0], [0, 0])
        store = Store.at(root, create=False)
        assert_all_that_is_visible_is_whole(store)
        assert_collection_leaves_only_what_is_named(store)


def test_a_killed_holder_of_a_lease_blocks_nobody(place, drivers):
    held = 0
    for last in range(14, 62, 6):
        root = place / f"{last}"
        job = {"chain": "sky", "root": root, "last": 0}
        assert drivers(job | {"last": last}) == [-signal.SIGKILL]
        kinds = [e.path.rpartition(".")[2] for e in LocalFiles(root).entries(leases.FOLDER)]
        held += "json" in kinds and "end" not in kinds
        began = time.monotonic()
        assert drivers(job) == [0]
        assert time.monotonic() - began < 5
        store = Store.at(root)
        assert_all_that_is_visible_is_whole(store)
        assert len(list(manifests(store))) == 1
    assert held > 2


def test_a_holder_that_was_killed_and_not_yet_waited_for_holds_no_lease(place):
    files = LocalFiles(place / "store")
    holder = subprocess.Popen(
        [sys.executable, "-m", "tests.pipeline.storage.lease_holder", str(place / "store")],
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout.readline() == b"held\n"
        assert oldest_run(files, time.time()) is not None
        holder.kill()
        os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays a zombie
        assert oldest_run(files, time.time()) is None
    finally:
        holder.kill()
        holder.communicate()


def test_a_lease_whose_process_number_now_belongs_to_another_is_lost(place, monkeypatch):
    monkeypatch.setattr(leases, "LOST_AFTER", 1.0)
    files = LocalFiles(place / "store")
    held = Lease(files, "sky")
    assert held._take(1)  # taken by this process, which lives, and never renewed
    began = time.monotonic()
    with Lease(files, "sky") as lease:
        assert lease.preceded
    assert 0.9 < time.monotonic() - began < 10


def test_a_lease_that_is_renewed_is_waited_for(place, monkeypatch):
    monkeypatch.setattr(leases, "LOST_AFTER", 3.0)
    monkeypatch.setattr(leases, "RENEWED_EVERY", 0.2)
    files = LocalFiles(place / "store")
    order = []

    def second():
        with Lease(files, "sky"):
            order.append("second")

    with Lease(files, "sky"):
        assert oldest_run(files, time.time()) is not None
        waiting = threading.Thread(target=second)
        waiting.start()
        time.sleep(5)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]
    assert oldest_run(files, time.time()) is None


def test_writers_of_one_log_take_numbers_of_their_own(place):
    log = Log(LocalFiles(place / "store"), "refs/tags/words/web/prod", Reference)
    ref = ArtifactRef(stage="words", key="0" * 64)

    def write(who):
        for _ in range(10):
            log.append(lambda n: Reference(label=f"{n}", ref=ref, who=who, why="", when=""))

    threads = [threading.Thread(target=write, args=(who,)) for who in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log.numbers() == list(range(1, 41))
    assert [log.get(number).label for number in log.numbers()] == [str(n) for n in range(1, 41)]
    assert sorted(log.get(n).who for n in log.numbers()) == sorted("abcd" * 10)
