"""Garbage collection takes nothing from a run that is under way, and all that a dead one left."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.run.executors import InProcess
from pipeline.storage.gc import collect, plan_sweep
from pipeline.storage.leases import FOLDER, Lease
from pipeline.storage.presence import COLLECTION, USES, Presence
from pipeline.storage.roots import Keep
from pipeline.storage.verify import verify
from pipeline.store import Store
from tests.pipeline.storage.crashing import on_both
from tests.pipeline.toy import Judge, Report, Source
from tests.support import Silent, runner

NOTHING = Keep(grace_seconds=0, runs=0)
BY = {"who": "ada", "why": "a test"}


@pytest.fixture
def store(where):
    return Store.at(where)


class Collector(Silent):
    """Collects, by a driver of its own, whenever a unit is made and a stage begins or ends."""

    def __init__(self, store):
        self._store, self.taken = store, 0

    def collect(self):
        later = time.time() + 20  # nothing is young by chance: object stores note whole seconds
        self.taken += len(collect(Store.at(self._store.uri), NOTHING, now=later, **BY).paths)

    def started(self, stage, units, reused):
        self.collect()

    def advanced(self, stage, done, of):
        self.collect()

    def finished(self, stage, manifest, *, reused):
        self.collect()


def report(make):
    words = make(Source())
    return make(Report(), words=words, judged=make(Judge(), words=words)).manifest


@on_both
def test_a_collection_between_any_two_shards_takes_nothing_from_the_run(store):
    listener = Collector(store)
    make = runner(store, listener=listener)
    assert store.intact(report(make))
    assert verify(store).damages == ()
    assert verify(store).collected == ()
    assert listener.taken == 0
    make.close()
    listener.collect()
    assert listener.taken > 0, "no name leads to it, and no run any more"


class Two(InProcess):
    """Makes two units, and fails."""

    def run(self, orders, done):
        super().run(orders[:2], done)
        raise KeyboardInterrupt


def test_what_an_interrupted_run_has_left_stays_once_another_goes_on_from_it(store):
    words = runner(store)(Source())
    with pytest.raises(KeyboardInterrupt):
        runner(store, executor=Two())(Judge(), words=words)
    time.sleep(0.05)
    listener = Collector(store)
    make = runner(store, listener=listener)
    judged = make(Judge(), words=words)
    assert make.stages["judged"].units_made == 2
    assert store.intact(judged.manifest)
    assert store.intact(words.manifest), "what it is made of is older than the run"


def test_old_versions_that_a_run_does_not_touch_are_collected_meanwhile(store):
    words = runner(store)(Source())
    old = runner(store)(Judge(fewest=2), words=words).manifest
    time.sleep(0.05)
    make = runner(store, listener=Collector(store))
    new = make(Judge(fewest=3), words=words).manifest
    assert not store.intact(old)
    assert store.intact(new)


@on_both
def test_a_clock_that_is_wrong_by_days_takes_nothing_from_a_run(store, monkeypatch):
    make = runner(store)
    manifest = report(make)
    real = time.time
    for days in (-3, 3):
        monkeypatch.setattr(time, "time", lambda days=days: real() + days * 86_400)
        assert plan_sweep(store, NOTHING).versions == ()
    monkeypatch.undo()
    assert store.intact(manifest)
    make.close()


def test_runs_and_collections_at_once_end_with_whole_versions(store):
    report(runner(store))
    stop = threading.Event()

    def collecting():
        while not stop.is_set():
            collect(Store.at(store.uri), NOTHING, **BY)

    threads = ThreadPoolExecutor(1)
    collected = threads.submit(collecting)
    try:
        for fewest in range(1, 5):
            make = runner(Store.at(store.uri))
            words = make(Source(words=tuple(f"word{fewest}{n}" for n in range(12))))
            judged = make(Judge(fewest=fewest), words=words)
            make(Report(), words=words, judged=judged)
            for stage in make.stages.values():
                assert make.store.intact(make.store.open(stage.ref))
            make.close()
    finally:
        stop.set()
        threads.shutdown()
    collected.result()
    assert verify(Store.at(store.uri)).damages == ()


def test_a_killed_run_protects_nothing_and_leaves_nothing(store, drivers):
    root = store.uri
    drivers({"chain": "report", "root": root, "last": 70})
    assert list(store.files.entries(USES))
    collect(store, NOTHING, now=time.time() + 60, **BY)
    assert not list(store.files.entries(USES))
    assert not [e for e in store.files.entries("shards") if e.path.endswith(".parquet")]


@on_both
def test_a_run_that_makes_nothing_leaves_no_trace(store):
    report(runner(store))
    before = {entry.path for entry in store.files.entries("")}
    report(runner(store))
    assert {entry.path for entry in store.files.entries("")} == before
    assert not [path for path in before if path.startswith((FOLDER, USES))]


@on_both
def test_a_run_waits_for_a_collection_before_it_looks_at_what_is_left(store):
    words = runner(store)(Source())
    order = []
    presence = Presence(store.files)
    with Lease(store.files, COLLECTION):
        waiting = threading.Thread(
            target=lambda: (presence.name([words.ref]), order.append("named"))
        )
        waiting.start()
        time.sleep(0.6)
        order.append("collected")
    waiting.join()
    presence.end()
    assert order == ["collected", "named"]
