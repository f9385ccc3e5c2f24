"""A plan says of every stage what a run then does, in every situation in which it can know."""

import shutil
from functools import cache
from typing import ClassVar

import pytest

from pipeline.errors import DriftError
from pipeline.run.choose import Wishes
from pipeline.run.plan import Planner
from pipeline.storage.gc import collect
from pipeline.storage.references import References
from pipeline.storage.roots import Keep
from pipeline.store import Store
from schemas.artifact import Exactness
from tests.pipeline.storage.tiny import Sky
from tests.pipeline.toy import Judge, Report, Source
from tests.support import runner

FIRST, SECOND = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"


class Dear(Report):
    """A report that is dear to make."""

    expensive: ClassVar = True
    heading: str = ""
    also: ClassVar[tuple[str, ...]] = ()

    def name(self):
        return "dear"

    def code(self):
        return self.also


class Costly(Dear):
    """A model, say: another outcome each time."""

    exactness: ClassVar = Exactness.TOLERANCE

    def name(self):
        return "costly"

    def units(self, inputs):
        return [
            unit.model_copy(update={"open": True, "shards": ()}) for unit in super().units(inputs)
        ]

    def make(self, work):
        work.add_file("report.txt", b"a model", shard="all")


def chain(make, fewest=6, heading=""):
    """A small DAG of every exactness; the last stage."""
    make(Sky())
    words = make(Source())
    judged = make(Judge(fewest=fewest), words=words)
    make(Report(), words=words, judged=judged)
    make(Dear(heading=heading), words=words, judged=judged)
    make(Costly(heading=heading), words=words, judged=judged)


def edited(monkeypatch):
    monkeypatch.setattr(Dear, "also", ("tests.pipeline.toy:identity",))


def fresh(store, monkeypatch):
    pass


def there(store, monkeypatch):
    chain(runner(store, window=FIRST))


def code_changed(store, monkeypatch):
    there(store, monkeypatch)
    edited(monkeypatch)


def reused_before(store, monkeypatch):
    code_changed(store, monkeypatch)
    chain(runner(store, window=FIRST, drift="reuse"))


def collected(store, monkeypatch):
    there(store, monkeypatch)
    collect(Store.at(store.files.root), Keep(grace_seconds=0, runs=0), who="ada", why="test")


def collected_after_reuse(store, monkeypatch):
    reused_before(store, monkeypatch)
    collect(Store.at(store.files.root), Keep(grace_seconds=0, runs=0), who="ada", why="test")


def report_lost(store, monkeypatch):
    there(store, monkeypatch)
    for stage in ("report", "judged"):
        shard = next(store.manifests(stage)).shards[0]
        store.set_aside(shard.stage, shard.shard_key)


def not_sealed(store, monkeypatch):
    there(store, monkeypatch)
    for stage in ("judged", "report", "dear"):
        store.set_manifest_aside(next(store.manifests(stage)).ref)


SITUATIONS = (
    fresh,
    there,
    code_changed,
    reused_before,
    collected,
    collected_after_reuse,
    report_lost,
    not_sealed,
)
EDITED = (code_changed, reused_before, collected_after_reuse)
WISHES = (
    {},
    {"drift": "rerun"},
    {"drift": "reuse"},
    {"refresh": True, "window": SECOND},
)


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """`stores(situation)`: a store in that situation, made once, to be copied."""

    @cache
    def made(situation):
        store = Store.at(tmp_path_factory.mktemp("situation") / "store")
        with pytest.MonkeyPatch.context() as patched:
            situation(store, patched)
        return store.files.root

    return made


@pytest.mark.parametrize("wishes", WISHES, ids=str)
@pytest.mark.parametrize("asked", [{}, {"fewest": 2}, {"fewest": 1}, {"heading": "News"}], ids=str)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_plan_is_what_a_run_does(stores, tmp_path, monkeypatch, situation, asked, wishes):
    store = Store.at(shutil.copytree(stores(situation), tmp_path / "store"))
    if situation in EDITED:
        edited(monkeypatch)
    planner = Planner(store, Wishes(recipe="test", **{"window": FIRST} | wishes))
    before = {entry.path for entry in store.files.entries("")}
    chain(planner, **asked)
    assert {entry.path for entry in store.files.entries("")} == before, "a plan writes nothing"
    make = runner(Store.at(store.files.root), **{"window": FIRST} | wishes)
    done = outcomes(make, asked)
    for row in planner.rows:
        if row.state != "unknown" and row.stage in done:
            assert done[row.stage] == (row.state, row.ref if row.state == "reused" else None)
    states = {row.state for row in planner.rows}
    assert ("asks" in states) <= ("asks" in {state for state, _ in done.values()})
    if planner.makes_nothing:
        assert {state for state, _ in done.values()} == {"reused"}
    if "unknown" not in states and "asks" not in states:
        assert done.keys() == {row.stage for row in planner.rows}


def outcomes(make, asked):
    """What a run did with each stage, in a plan's words; up to the one that asks."""
    asking = {}
    try:
        chain(make, **asked)
    except DriftError as error:
        asking = {str(error).split()[0]: ("asks", None)}
    found = {
        name: ("reused", stage.ref) if stage.reused else ("to make", None)
        for name, stage in make.stages.items()
    }
    return found | asking


def test_reuse_is_written_down_once_and_said(tmp_path, monkeypatch):
    store = Store.at(tmp_path / "store")
    code_changed(store, monkeypatch)
    planner = Planner(store, Wishes(recipe="test", window=FIRST, drift="reuse"))
    chain(planner)
    assert planner.makes_nothing
    [row] = [row for row in planner.rows if row.stage == "costly"]
    assert "tests.pipeline.toy:identity" in row.why[0]
    for _ in range(2):
        make = runner(store, window=FIRST, drift="reuse", who="ada")
        chain(make)
        assert make.stages["costly"].ref == row.ref
    assert len(list(store.files.entries("equivalences"))) == 2  # of `dear` and `costly`
    planner = Planner(store, Wishes(recipe="test", window=FIRST))  # asks no more
    chain(planner)
    assert planner.makes_nothing
    assert "by ada" in planner.rows[-1].why[0]


def test_what_was_declared_equivalent_and_is_collected_is_made_and_said(tmp_path, monkeypatch):
    store = Store.at(tmp_path / "store")
    collected_after_reuse(store, monkeypatch)
    make = runner(store, window=FIRST)
    words = make(Source())
    inputs = {"words": words, "judged": make(Judge(), words=words)}
    planner = Planner(store, Wishes(recipe="test", window=FIRST))
    planner(Costly(), **inputs)
    assert planner.rows[0].state == "to make"
    assert "whose data is gone" in planner.rows[0].why[0]
    made = make(Costly(), **inputs)
    assert store.intact(made.manifest)
    assert not make.stages["costly"].reused


def test_of_two_versions_that_may_stand_in_the_one_that_is_whole_does(tmp_path, monkeypatch):
    store = Store.at(tmp_path / "store")
    there(store, monkeypatch)
    whole = next(store.manifests("costly"))
    edited(monkeypatch)
    chain(runner(store, window=FIRST, drift="rerun"))
    newer = next(store.manifests("costly"))
    assert newer != whole
    for shard in newer.shards:
        store.set_aside(shard.stage, shard.shard_key)
    monkeypatch.setattr(Dear, "also", ("tests.pipeline.toy:WORDS",))
    make = runner(store, window=FIRST, drift="reuse")
    chain(make)
    assert make.stages["costly"].ref == whole.ref


def test_a_kept_version_is_named_by_references_as_any_other(tmp_path, monkeypatch):
    store = Store.at(tmp_path / "store")
    code_changed(store, monkeypatch)
    make = runner(store, window=FIRST, drift="reuse")
    chain(make)
    for stage in make.stages.values():
        References(store).record("web", stage.ref, who="ada", why="test")
    make.close()
    collect(store, Keep(grace_seconds=0), who="ada", why="test")
    assert all(store.intact(store.open(stage.ref)) for stage in make.stages.values())
