"""The same units on Ray give the same version."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from pipeline.run.errors import CodeEdited
from pipeline.run.executors import InProcess
from pipeline.store import Store
from ray_jobs.errors import RayLost
from ray_jobs.map_shards import RayMap
from schemas.runtime import Runtime
from tests.pipeline.killing_toys import KillsItsWorkerOnce
from tests.pipeline.storage.encryption import keys
from tests.pipeline.toy import Judge, Source
from tests.processes import is_there
from tests.support import runner

RAY = Path("/tmp/ray")


def versions(store, executor):
    runtime = Runtime(store=store.uri, runner="ray", workers=2)
    make = runner(store, executor=executor, runtime=runtime)
    return make(Judge(), words=make(Source())).manifest


class Edited(RayMap):
    """Hands on orders for other code than there is."""

    def run(self, orders, done):
        super().run([replace(order, code="0" * 64) for order in orders], done)


@pytest.fixture(scope="module")
def edited():
    with closing(Edited(1)) as executor:
        yield executor


def test_code_that_was_edited_since_the_run_began_is_told_on_ray_as_well(edited, tmp_path):
    with pytest.raises(CodeEdited, match=r"words.* while the run was under way"):
        versions(Store.at(tmp_path / "ray"), edited)


def test_a_ray_that_dies_under_a_run_ends_it_with_a_sentence_and_leaves_no_process(
    edited, tmp_path
):
    family = psutil.Process().children(recursive=True)
    raylets = [each for each in family if each.name() == "raylet"]
    for each in raylets:
        each.kill()
    with pytest.raises(RayLost, match=r"its raylet was killed(?s:.*)run the same command again"):
        versions(Store.at(tmp_path / "ray"), edited)
    edited.close()
    assert raylets
    assert [each for each in family if is_there(each) and "ray" in each.name()] == []


def test_ray_gives_the_version_that_one_process_gives_also_when_a_worker_is_killed(
    tmp_path, monkeypatch
):
    """And also in an encrypted store, whose key is told to nobody by Ray."""
    alone = versions(Store.at(tmp_path / "alone"), InProcess())
    key_file, sessions = keys.use(monkeypatch, tmp_path / "keys"), set(RAY.glob("session_*"))
    store = Store.at(tmp_path / "ray")
    executor = RayMap(2)
    runtime = Runtime(store=store.uri, runner="ray", workers=2)
    make = runner(store, executor=executor, runtime=runtime)
    try:
        spread = make(Judge(), words=make(Source())).manifest
        killed = make(KillsItsWorkerOnce(mark=str(tmp_path / "mark")), words=make(Source()))
    finally:
        executor.close()
    assert spread.ref == alone.ref
    assert spread.digests == alone.digests
    assert killed.manifest.digests == alone.digests
    secrets = keys.forms(key_file)
    for path in (each for new in {*RAY.glob("session_*")} - sessions for each in new.rglob("*")):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            assert not [each for each in secrets if each in content], path
