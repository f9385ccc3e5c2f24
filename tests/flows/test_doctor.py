"""`penstock doctor` on a store and a machine: what it finds, what it mends, and its exit code."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.states import Pending, Running

from flows.cli import main
from flows.doctor import machine as doctor_machine
from flows.doctor.lively import Life, life_of
from flows.doctor.machine import packages, unsafe_server
from flows.doctor.store import weak_place
from flows.doctor.unended import unended
from flows.ending.kin import DRIVER_MARK, RUN_MARK, kin, sweep
from flows.options import STORE_VARIABLE
from pipeline.storage.leases import Lease
from pipeline.storage.objects import ObjectFiles
from pipeline.store import Store
from tests.flows.prefect_server import ROOT
from tests.tiny_corpus import copied

GONE = 2**22 - 1  # the number of no process


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A healthy store on a healthy machine, where no Prefect answers."""
    for name in ("PREFECT_API_URL", doctor_machine.PICKLES, *doctor_machine.TELLS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(STORE_VARIABLE, "")  # the command sets it
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("flows.commands.doctor.API", "http://127.0.0.1:9/api")
    monkeypatch.setattr(doctor_machine, "schedules_fail", lambda: "")
    return Store.at(copied(tmp_path) / "store")


def doctor(store, capsys, *words):
    code = main(["doctor", "--store", store.uri.removeprefix("file://"), *words])
    return code, capsys.readouterr().out


def test_a_healthy_store_has_exit_code_0(store, capsys):
    assert doctor(store, capsys) == (
        0,
        "No Prefect server answers at http://127.0.0.1:9/api, so its runs are not looked at.\n"
        "All is well.\n",
    )


def test_a_store_may_be_named_by_its_uri(store, capsys):
    assert main(["doctor", "--store", store.uri]) == 0
    assert os.environ[STORE_VARIABLE] == store.uri


class Overwriting(ObjectFiles):
    """An object store that does not heed `If-None-Match`."""

    def _put(self, client, path, content, mark):
        super()._put(client, path, content, None)


def test_an_object_store_where_two_writers_both_win_is_told(s3):
    assert list(weak_place(Store.at(s3()))) == []
    (found, *_) = weak_place(Store(Overwriting(s3())))
    assert found.kind == "weak store"
    assert "two writers can both create one file" in found.says


def test_a_run_that_was_killed_gets_its_last_word(store, capsys):
    whole = [*store.files.entries("lineage")]
    last = max(whole, key=lambda entry: entry.path)
    store.files.delete(last.path)  # a COMPLETE
    assert "COMPLETE" in last.path
    code, said = doctor(store, capsys)
    assert (code, said.count("no end: ")) == (1, 1)
    code, said = doctor(store, capsys, "--mend")
    assert (code, said.count("wrote the ABORT")) == (0, 1)
    (told,) = (e.path for e in store.files.entries("lineage") if "ABORT" in e.path)
    assert json.loads(store.files.read(told))["eventType"] == "ABORT"
    assert not unended(store)
    assert doctor(store, capsys)[0] == 0


def test_a_lease_that_a_killed_process_held_is_given_back(store, capsys):
    lease = Lease(store.files, "pages-web").__enter__()
    assert doctor(store, capsys)[0] == 0  # it is held
    path = "attempts/leases/pages-web/000001"
    lease._stop.set()
    lease._renewer.join()
    holder = json.loads(store.files.read(f"{path}.json")) | {"pid": GONE}
    store.files.replace(f"{path}.json", json.dumps(holder).encode())
    assert "expired lease" in doctor(store, capsys)[1]
    assert doctor(store, capsys, "--mend")[0] == 0
    assert store.files.size(f"{path}.end") is not None


def test_a_token_that_others_can_read_is_made_private(store, capsys, tmp_path):
    token = tmp_path / "home/.ray/auth_token"
    token.parent.mkdir(parents=True)
    token.write_text("secret")
    token.chmod(0o644)
    code, said = doctor(store, capsys)
    assert (code, "can be read by others" in said) == (1, True)
    assert doctor(store, capsys, "--mend")[0] == 0
    assert token.stat().st_mode & 0o777 == 0o600


def test_settings_that_let_code_in_or_tell_others_are_said_and_left(store, capsys, monkeypatch):
    monkeypatch.setenv(doctor_machine.PICKLES, "1")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "1")
    code, said = doctor(store, capsys, "--mend")
    assert code == 1
    assert said.count("unsafe: ") == 2
    assert "2 found, 2 left." in said


def test_too_little_space_and_a_wrong_package_are_said(store, capsys, monkeypatch):
    monkeypatch.setattr(doctor_machine, "LEAST_BYTES", 2**60)
    monkeypatch.setattr(doctor_machine, "_asked", lambda: (["numpy<1", "no-such-package"], "<3"))
    kinds = [line.split(":")[0] for line in doctor(store, capsys)[1].splitlines()]
    assert kinds.count("space") == 1
    assert kinds.count("package") == 3
    assert [each.kind for each in packages()] == ["package"] * 3


def test_a_server_that_asks_others_for_no_password_is_unsafe(monkeypatch):
    monkeypatch.setattr(doctor_machine, "_read", lambda url: b'{"analytics_enabled":false}')
    (found,) = unsafe_server("http://198.51.100.7:4200/api")
    assert "--secure" in found.says
    assert not [*unsafe_server("http://127.0.0.1:4200/api")]


class Silent:
    """A server's client: it knows of no heartbeat."""

    def request(self, *_, **__):
        return self

    def json(self):
        return {"events": []}


@pytest.mark.parametrize(
    ("state", "seconds", "life"),
    [(Pending, 60, Life.UNKNOWN), (Pending, 100, Life.DEAD), (Running, 100, Life.UNKNOWN)],
)
def test_a_run_that_nobody_starts_though_it_is_pending_is_dead_soon(store, state, seconds, life):
    since = datetime.now(UTC) - timedelta(seconds=seconds)
    run = FlowRun(flow_id=uuid4(), state=state(timestamp=since))
    assert life_of(run, Silent(), [store], here=[]) is life


def test_what_a_killed_flow_has_started_is_found_by_its_mark_and_ended():
    marks = {RUN_MARK: "a-run", DRIVER_MARK: str(GONE)}
    words = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    child = subprocess.Popen(
        [sys.executable, "-c", words],
        env=os.environ | marks,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        while len(kin("a-run")) < 2:
            assert child.poll() is None
        assert all(each.orphaned for each in kin("a-run"))
        assert len(sweep("a-run", 0)) == 2
        assert not kin("a-run")
    finally:
        child.kill()
        child.communicate()
