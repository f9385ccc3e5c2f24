"""Code that is edited during a run makes nothing that bears the name of the code as it was."""

import importlib
import sys
from dataclasses import replace

import pytest

from pipeline.run.errors import CodeEdited
from pipeline.run.executors import InProcess, Pool
from pipeline.run.unit import make_unit
from pipeline.store import Store
from schemas.runtime import Runtime
from tests.pipeline.toy import Judge, Source
from tests.support import Silent, runner

STAGE = '''"""A stage of a user's own."""

import time

from tests.pipeline.toy import Judge


def fewest(words):
    return 6


class Mine(Judge):
    """Judges by a function."""

    def make(self, work):
        time.sleep(0.3)
        Judge(fewest=fewest(work)).make(work)
'''
EDITED = STAGE.replace("return 6", "return 3")


@pytest.fixture
def module(tmp_path, monkeypatch, request):
    """A user's module, and its file."""
    name = f"mine_{abs(hash(request.node.name)):x}"
    (tmp_path / name).mkdir()
    file = tmp_path / name / "stage.py"
    file.write_text(STAGE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module(f"{name}.stage"), file
    for each in [each for each in sys.modules if each.partition(".")[0] == name]:
        del sys.modules[each]


@pytest.fixture
def store(tmp_path):
    return Store.at(tmp_path / "store")


class Editor(Silent):
    """Edits a file once a stage has begun, or once `after` of its units are made."""

    def __init__(self, file, content, *, after):
        self._file, self._content, self._after = file, content, after

    def started(self, stage, units, reused):
        self._edit(stage, 0)

    def advanced(self, stage, done, of):
        self._edit(stage, done)

    def _edit(self, stage, done):
        if (stage, done) == ("judged", self._after):
            self._file.write_text(self._content, encoding="utf-8")


def run(store, module, content, *, after, workers=0):
    listener = Editor(module[1], content, after=after)
    executor = Pool(workers) if workers else InProcess()
    runtime = Runtime(store=store.uri, workers=max(1, workers))
    make = runner(store, listener=listener, executor=executor, runtime=runtime)
    try:
        return make(module[0].Mine(), words=make(Source())).manifest
    finally:
        executor.close()


def committed(store):
    folder = store.files.entries("shards/judged")
    return [entry for entry in folder if entry.path.endswith("receipt.json")]


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("content", [EDITED, STAGE.replace("return 6", "return (")])
def test_an_edit_before_the_first_worker_has_begun_is_told_and_nothing_is_made(
    store, module, workers, content
):
    with pytest.raises(CodeEdited, match=r"judged.* while the run was under way.*\nRun the same"):
        run(store, module, content, after=0, workers=workers)
    assert committed(store) == []


@pytest.mark.parametrize("workers", [0, 1])
def test_an_edit_between_two_shards_keeps_those_that_are_finished(store, module, workers):
    with pytest.raises(CodeEdited):
        run(store, module, EDITED, after=1, workers=workers)
    assert 1 <= len(committed(store)) < 4


@pytest.mark.parametrize("workers", [0, 2])
def test_a_comment_that_is_edited_meanwhile_stops_nothing(store, module, workers):
    commented = STAGE.replace("return 6", "return 6  # letters")
    assert run(store, module, commented, after=0, workers=workers).account.kept.count == 10


def test_a_stage_that_is_edited_before_its_turn_is_not_made_by_the_code_that_was_loaded(
    store, module
):
    make = runner(store)
    first = make(Judge(), words=make(Source()))  # reads what is imported by now
    module[1].write_text(EDITED, encoding="utf-8")
    with pytest.raises(CodeEdited):
        make(module[0].Mine(), words=make(Source()))
    assert make(Judge(), words=make(Source())).manifest == first.manifest


class Keeps(InProcess):
    """Remembers the orders."""

    def run(self, orders, done):
        self.orders = orders
        super().run(orders, done)


def test_an_order_for_other_code_is_refused_wherever_it_is_made(store):
    executor = Keeps()
    runner(store, executor=executor)(Source())
    order = replace(executor.orders[0], code="0" * 64)
    assert make_unit(order), "what is there is taken"
    store.set_aside("words", order.shard_keys[order.unit.shards[0]])
    with pytest.raises(CodeEdited):
        make_unit(order)
