"""`penstock doctor` on a store and a machine: what it finds, what it mends, and its exit code."""

import base64
import importlib.util
import json
import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.states import Pending, Running

from flows.cli import main
from flows.doctor import access
from flows.doctor import machine as doctor_machine
from flows.doctor import ports as doctor_ports
from flows.doctor.access import open_code, readable_secrets
from flows.doctor.asking import told
from flows.doctor.finding import Finding
from flows.doctor.lively import Life, life_of
from flows.doctor.machine import packages, space_for_ray, unsafe_server
from flows.doctor.store import weak_place
from flows.doctor.unended import unended
from flows.doctor.variables import DANGERS, unsafe_settings
from flows.ending.kin import DRIVER_MARK, RUN_MARK, kin, sweep
from flows.options import STORE_VARIABLE
from pipeline.storage.leases import Lease
from pipeline.storage.objects import ObjectFiles
from pipeline.store import Store
from tests.flows.prefect_server import ROOT, end, wait_until
from tests.pipeline.crawl.site import Site
from tests.tiny_corpus import copied

GONE = 2**22 - 1  # the number of no process


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A healthy store on a healthy machine, where no Prefect answers."""
    for name in ("PREFECT_API_URL", "AWS_ALLOW_HTTP", *(each.name for each in DANGERS)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(doctor_ports, "ports", list)  # others' tests have servers on this machine
    monkeypatch.setenv(STORE_VARIABLE, "")  # the command sets it, and the next one
    monkeypatch.setenv("NUMBA_CACHE_DIR", os.environ["NUMBA_CACHE_DIR"])
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


@pytest.mark.parametrize("danger", DANGERS, ids=lambda danger: danger.name)
def test_a_variable_that_weakens_us_is_said_with_its_reason(store, monkeypatch, danger):
    assert not [*unsafe_settings()]
    value = {"RAY_AUTH_MODE": "disabled", "DO_NOT_TRACK": "false"}.get(danger.name, "true")
    monkeypatch.setenv(danger.name, value)
    (found,) = unsafe_settings()
    assert found.says == f"{danger.name}={value}: {danger.why}. {danger.instead}."
    good = {"RAY_AUTH_MODE": "token", "DO_NOT_TRACK": "1"}.get(danger.name, "0")
    monkeypatch.setenv(danger.name, good)
    assert not [*unsafe_settings()]


def test_a_password_or_a_store_without_tls_is_said_where_it_leaves_the_machine(store, monkeypatch):
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "operator:opensesame")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    for scheme, host, count in (("http", "127.0.0.1", 0), ("https", "a", 0), ("http", "a", 2)):
        monkeypatch.setenv("PREFECT_API_URL", f"{scheme}://{host}:4200/api")
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"{scheme}://{host}:9000")
        said = [found.says for found in unsafe_settings()]
        assert len(said) == count
        assert "opensesame" not in str(said)


def test_settings_are_said_and_left(store, capsys, monkeypatch):
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    code, said = doctor(store, capsys, "--mend")
    assert code == 1
    assert "RAY_AUTH_MODE=disabled: " in said
    assert "1 found, 1 left." in said


def test_a_store_that_others_may_write_into_is_closed_to_them(store, capsys):
    folder = Path(store.uri.removeprefix("file://"), "shards")
    folder.chmod(0o777)
    code, said = doctor(store, capsys)
    assert (code, said.count(f"others may write into {folder}")) == (1, 1)
    assert doctor(store, capsys, "--mend")[0] == 0
    assert folder.stat().st_mode & 0o777 == 0o775


@pytest.fixture
def group(monkeypatch):
    """Who is in every group, beside the owner, who is called ana."""
    members = ["ana", "root", "ben"]
    monkeypatch.setattr(access.pwd, "getpwuid", lambda _: SimpleNamespace(pw_name="ana"))
    monkeypatch.setattr(access.pwd, "getpwall", list)
    monkeypatch.setattr(
        access.grp, "getgrgid", lambda _: SimpleNamespace(gr_mem=members, gr_name="team")
    )
    return members


def test_a_store_that_is_shared_with_a_group_on_purpose_is_well_and_stays_so(store, capsys, group):
    folder = Path(store.uri.removeprefix("file://"), "shards")
    folder.chmod(0o2775)
    assert doctor(store, capsys, "--mend")[0] == 0
    assert folder.stat().st_mode & 0o7777 == 0o2775
    folder.chmod(0o2777)
    assert doctor(store, capsys, "--mend")[0] == 0
    assert folder.stat().st_mode & 0o7777 == 0o2775


def test_a_folder_that_a_group_can_write_into_by_chance_is_said_and_left(store, capsys, group):
    folder = Path(store.uri.removeprefix("file://"), "shards")
    folder.chmod(0o775)
    code, said = doctor(store, capsys, "--mend")
    assert (code, f"others of the group team may write into {folder}, and" in said) == (1, True)
    assert folder.stat().st_mode & 0o777 == 0o775
    group.remove("ben")
    assert doctor(store, capsys)[0] == 0


def test_what_cannot_be_mended_is_left_with_its_reason_and_the_rest_is_mended(
    store, capsys, monkeypatch
):
    def refuse():
        raise PermissionError(1, "Operation not permitted", "/srv/store")

    found = [Finding("unsafe", "first", refuse), Finding("unsafe", "second", lambda: "done")]
    monkeypatch.setattr(access, "open_store", lambda _: found)
    code, said = doctor(store, capsys, "--mend")
    assert code == 1
    assert "unsafe: first: not mended, Operation not permitted (/srv/store)\n" in said
    assert "unsafe: second: done\n2 found, 1 left." in said


def test_a_folder_of_code_that_others_may_write_into_is_said(store, tmp_path, monkeypatch):
    open_folder = tmp_path / "mine"
    open_folder.mkdir()
    monkeypatch.syspath_prepend(open_folder)
    assert not [*open_code()]
    open_folder.chmod(0o1777)
    (found,) = open_code()
    assert f"others may write into {open_folder}: Python runs what they put there" in found.says


def test_passwords_that_others_can_read_are_said(store, tmp_path, monkeypatch):
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    (tmp_path / "prefect").mkdir()
    password, profiles = (
        tmp_path / "prefect" / each for each in ("penstock-password", "profiles.toml")
    )
    password.write_text("penstock:opensesame")
    profiles.write_text("PREFECT_API_URL = 'http://127.0.0.1:4200/api'")
    for each in (password, profiles):
        each.chmod(0o644)
    assert [found.says.split()[0] for found in readable_secrets()] == [str(password)]
    profiles.write_text("PREFECT_API_AUTH_STRING = 'penstock:opensesame'")
    assert [found.says.split()[0] for found in readable_secrets()] == [str(password), str(profiles)]
    assert {found.mend() for found in readable_secrets()} == {"made private"}
    assert not [*readable_secrets()]


def test_too_little_space_and_a_wrong_package_are_said(store, capsys, monkeypatch):
    monkeypatch.setattr(doctor_machine, "LEAST_BYTES", 2**60)
    monkeypatch.setattr(doctor_machine, "_asked", lambda: (["numpy<1", "no-such-package"], "<3"))
    kinds = [line.split(":")[0] for line in doctor(store, capsys)[1].splitlines()]
    assert kinds.count("space") == 1
    assert kinds.count("package") == 3
    monkeypatch.setattr(doctor_machine, "LEAST_RAY_BYTES", 2**60)
    (found,) = space_for_ray()
    assert "GiB left; 1073741824 GiB are needed for Ray's logs" in found.says
    assert [each.kind for each in packages()] == ["package"] * 3


def test_an_old_package_is_said_with_what_is_wrong_with_it(monkeypatch):
    monkeypatch.setattr(doctor_machine, "version", lambda name: "2.53.0")
    monkeypatch.setattr(doctor_machine, "schedules_fail", lambda: "")
    monkeypatch.setattr(doctor_machine, "_asked", lambda: (["ray==2.60.0"], ">=3.11"))
    (found,) = packages()
    assert found.says.startswith("ray is 2.53.0, not ==2.60.0; ")
    assert "CVE-2026-41486" in found.says and "CVE-2026-27482" in found.says
    assert "CVE-2025-62593" not in found.says


def test_a_server_that_asks_others_for_no_password_is_unsafe(monkeypatch):
    monkeypatch.setattr(doctor_machine, "told", lambda url: b'{"analytics_enabled":false}')
    (found,) = unsafe_server("http://198.51.100.7:4200/api")
    assert "--secure" in found.says
    for here in ("127.0.0.1", "[::1]", "localhost"):
        assert not [*unsafe_server(f"http://{here}:4200/api")]


def test_a_server_that_others_reach_and_that_asks_for_no_password_is_told(prefect_api, monkeypatch):
    (own,) = (p for p in doctor_ports.ports() if p.number == urlsplit(prefect_api).port)
    assert wait_until(lambda: own.tells("/api/admin/version"), 60)  # it has just been started
    for host, count in (("127.0.0.1", 0), ("0.0.0.0", 1)):
        monkeypatch.setattr(doctor_ports, "ports", lambda host=host: [replace(own, host=host)])
        found = [*doctor_ports.open_ports()]
        assert len(found) == count
        assert all(f"{own.pid} at 0.0.0.0:{own.number}) asks for no" in each.says for each in found)


@contextmanager
def control_store(folder, mode):
    """Ray's, alone; gives its port."""
    program = Path(importlib.util.find_spec("ray").origin).parent / "core/src/ray/gcs/gcs_server"
    settings = {"node-ip-address": "127.0.0.1", "gcs_server_port": 0, "metrics-agent-port": -1}
    settings |= {"log_dir": folder, "session-dir": folder, "session-name": "alone"}
    settings |= {"node_id": "0" * 56, "config_list": base64.b64encode(b"{}").decode()}
    told = os.environ | {"RAY_AUTH_MODE": mode, "RAY_AUTH_TOKEN": "0" * 32}
    words = [program, *(f"--{name}={value}" for name, value in settings.items())]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(words, env=told, stdout=quiet, stderr=quiet)
    try:
        assert wait_until(lambda: [p for p in doctor_ports.ports() if p.pid == process.pid], 60)
        (port,) = (p for p in doctor_ports.ports() if p.pid == process.pid)
        yield port
    finally:
        end(process)


def test_a_port_is_asked_itself_and_no_proxy(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        proxy = f"http://127.0.0.1:{silent.getsockname()[1]}"
    site = Site()
    site.pages["/metrics"] = "many"
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, proxy)
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setattr("urllib.request._opener", None)  # which has read them before
    try:
        assert told(f"{site.url}/metrics") == b"many"
    finally:
        site.close()


def test_a_ray_that_asks_for_no_token_is_told_wherever_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # of which nothing is asked
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("no_grpc_proxy", "")
    with control_store(tmp_path, "disabled") as port:
        at = f"127.0.0.1:{port.number}"
        assert [each for each in doctor_ports.open_ports() if f"gcs_server {port.pid}" in each.says]
        (found,) = doctor_ports.open_cluster(at, "web.toml")
        assert f"the Ray at {at}, which web.toml names, lets everybody in" in found.says
        elsewhere = [replace(port, host="0.0.0.0")]
        monkeypatch.setattr(doctor_ports, "ports", lambda: elsewhere)
        (found,) = doctor_ports.open_ports()
        assert "whoever reaches this machine can run code in it" in found.says


def test_a_ray_that_asks_for_its_token_is_well(tmp_path):
    with control_store(tmp_path, "token") as port:
        found = [each.says for each in doctor_ports.open_ports()]
        assert not [says for says in found if f"gcs_server {port.pid}" in says]
        assert not [*doctor_ports.open_cluster(f"127.0.0.1:{port.number}", "web.toml")]
    assert not [*doctor_ports.open_cluster("auto", "web.toml")]


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
