"""`penstock serve`: what it puts on a server, on whose address, and what is left when it ends."""

import base64
import contextlib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
import sqlalchemy

from flows.door.server import ORIGINS_VARIABLE, origins
from tests.flows.prefect_server import (
    ROOT,
    ask,
    end,
    environment,
    free_port,
    lets_in,
    wait_until,
)
from tests.flows.served_tiny import ENDED, SECTIONS
from tests.support import heed_ctrl_c
from tests.tiny_corpus import RECIPE, recipe_file, write_pages

FLOWS = ("refresh", "train", "evaluate", "refresh_and_train")
SQLALCHEMY = tuple(int(part) for part in sqlalchemy.__version__.split(".")[:2])
LEAVE_SECONDS = 60  # a server that hangs is left after 15
POSTGRES = Path("/usr/lib/postgresql/15/bin")


def essence(deployment):
    """What decides which runs a deployment lets in, and with which parameters."""
    schedules = [(each["schedule"], each["parameters"]) for each in deployment["schedules"]]
    kept = ("parameters", "parameter_openapi_schema", "enforce_parameter_schema", "tags", "paused")
    limit = deployment["global_concurrency_limit"]["limit"]
    strategy = deployment["concurrency_options"]["collision_strategy"]
    return {name: deployment[name] for name in kept} | {
        "limit": (limit, strategy),
        "schedules": schedules,
        "entrypoint": deployment["entrypoint"],
    }


def test_a_work_pool_gets_the_same_deployments_as_serve_makes(served, tmp_path):
    text = RECIPE.replace('"tiny"', '"pooled"') + SECTIONS
    recipe = recipe_file(tmp_path, text, "pooled.toml")
    told = environment(
        tmp_path / "home",
        PREFECT_API_URL=served.api,
        PENSTOCK_RECIPES=str(recipe),
        PENSTOCK_RECIPE="pooled",
        PENSTOCK_STORE=str(tmp_path / "store"),
        PENSTOCK_POOL="pool",
        PENSTOCK_CRON="30 2 * * *",
        PENSTOCK_TIMEZONE="Europe/Berlin",
    )
    ask(served.api, "work_pools/", {"name": "pool", "type": "process"})
    words = ["--no-prompt", "deploy", "--all", "--prefect-file", "infra/prefect.yaml"]
    done = subprocess.run(
        [sys.executable, "-m", "prefect", *words],
        cwd=ROOT,
        env=told,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for flow in FLOWS:
        ours, pooled = (served.deployment(flow, name) for name in ("tiny", "pooled"))
        assert pooled["work_pool_name"] == "pool"
        renamed = re.sub("pooled", "tiny", repr(essence(pooled)))
        assert renamed == repr(essence(ours))
    assert essence(ours)["limit"] == (1, "CANCEL_NEW")


def test_runs_that_live_no_more_are_ended_by_an_automation(served):
    found = {each["name"]: each for each in ask(served.api, "automations/filter", {})[1]}
    zombies = found["penstock: a run without heartbeats has crashed"]
    assert zombies["enabled"]
    assert zombies["trigger"]["after"] == ["prefect.flow-run.heartbeat"]
    assert zombies["actions"][0]["state"] == "CRASHED"


@pytest.mark.xfail(
    SQLALCHEMY >= (2, 1), reason="SQLAlchemy 2.1 breaks the scheduler of Prefect 3.8", strict=True
)
def test_the_server_schedules_one_run_a_night_though_the_clocks_change(served):
    deployment = served.deployment("refresh")["id"]
    first = datetime(2027, 3, 27, tzinfo=UTC)
    span = {"start_time": first.isoformat(), "end_time": (first + timedelta(days=3)).isoformat()}
    ask(served.api, f"deployments/{deployment}/schedule", span | {"min_runs": 3})
    asked = {"flow_runs": {"deployment_id": {"any_": [deployment]}}, "limit": 200}
    runs = ask(served.api, "flow_runs/filter", asked)[1]
    starts = sorted(run["expected_start_time"] for run in runs)
    assert [start[:16] for start in starts if start.startswith("2027-03-2")][:3] == [
        "2027-03-27T01:30",
        "2027-03-28T00:30",
        "2027-03-29T00:30",
    ]


def test_two_late_runs_of_one_scheduled_time_make_one_version(served):
    path = f"deployments/{served.deployment('refresh')['id']}/create_flow_run"
    order = {"recipe": "tiny", "requested_by": "schedule", "reason": "the schedule"}
    window = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"  # later than those of other tests
    due = {"type": "SCHEDULED", "state_details": {"scheduled_time": window}}
    runs = []
    for _ in range(2):
        filled = {"parameters": {"order": order}, "state": due}
        run = ask(served.api, path, filled)[1]["id"]
        assert served.state(run, *ENDED)["type"] == "COMPLETED"
        runs.append(run)
    assert served.says(runs[0], f"a new window, {window}")
    first, second = (served.run(run)["state"]["message"] for run in runs)
    assert first == second
    assert served.says(runs[1], "corpus: reused")
    assert not any("to make, " in line for line in served.log(runs[1]))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "box.example"])
def test_a_browser_on_this_machine_may_know_the_server_by_any_of_its_names(host):
    allowed = origins(f"http://{host}:4200/api").split(",")
    names = {host, "127.0.0.1", "localhost"}
    assert sorted(allowed) == sorted(f"http://{name}:4200" for name in names)


def test_a_host_that_others_reach_needs_a_password(tmp_path, capsys, monkeypatch):
    from flows.cli import main

    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    recipe = recipe_file(tmp_path)
    assert main(["serve", str(recipe), "--host", "0.0.0.0"]) == 1
    assert "Add --secure" in capsys.readouterr().err


def test_a_server_that_is_named_and_does_not_answer_has_its_sentence(tmp_path, capsys, monkeypatch):
    from flows.cli import main
    from flows.door import server as serve

    monkeypatch.setattr(serve, "ANSWER_SECONDS", 0.5)
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{free_port()}/api")
    assert main(["serve", str(recipe_file(tmp_path))]) == 1
    assert "No Prefect server answers" in capsys.readouterr().err


class Own:
    """`penstock serve` with a server of its own."""

    def __init__(self, folder, *words, **more):
        self.home, self.said = folder / "home", folder / "serve.log"
        self.port = free_port()
        self.api = f"http://127.0.0.1:{self.port}/api"
        recipe = recipe_file(folder, RECIPE + SECTIONS)
        write_pages(folder / "pages.jsonl", {})
        (folder / "store").mkdir(exist_ok=True)
        told = environment(self.home, PYTHONUNBUFFERED="1", **more)
        at = ("--port", str(self.port))
        with self.said.open("wb") as lines:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flows", "serve", str(recipe), *words, *at],
                cwd=ROOT,
                env=told,
                stdout=lines,
                stderr=lines,
                preexec_fn=heed_ctrl_c,
            )
        up = wait_until(self.is_up, 120)
        assert up and self.process.poll() is None, self.said.read_text()

    def children(self):
        """The server, and what it has started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def is_up(self):
        return "Ctrl-C ends" in self.said.read_text() or self.process.poll() is not None


def test_a_secured_server_asks_for_its_password_and_leaves_nothing_when_it_ends(tmp_path):
    own = Own(tmp_path, "--secure", **{ORIGINS_VARIABLE: "http://mine.example"})
    try:
        assert ask(own.api, "deployments/name/train/tiny")[0] == 401
        password = (own.home / "penstock-password").read_text().strip()
        assert password not in own.said.read_text()
        header = {"Authorization": "Basic " + base64.b64encode(password.encode()).decode()}
        assert ask(own.api, "deployments/name/train/tiny", **header)[0] == 200
        status, answer = ask(own.api, "deployments/filter", {}, **header)
        assert (status, "CSRF" in str(answer)) == (403, True)
        with urllib.request.urlopen(own.api.removesuffix("/api") + "/ui-settings") as page:
            assert own.api in page.read().decode()
        modes = {path.name: path.stat().st_mode & 0o077 for path in own.home.iterdir()}
        assert "prefect.db" in modes
        assert set(modes.values()) == {0}
        assert own.home.stat().st_mode & 0o077 == 0
        assert lets_in(own.api, "http://mine.example")  # as its owner has said
        assert not lets_in(own.api, "http://evil.example")
        children = own.children()
        own.process.send_signal(signal.SIGTERM)
        assert own.process.wait(LEAVE_SECONDS) == 0, own.said.read_text()
        assert [child for child in children if child.is_running()] == []
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", own.port)).close()
    finally:
        end(own.process)


def test_a_server_that_hangs_does_not_hold_up_the_end(tmp_path):
    own = Own(tmp_path)
    children = own.children()
    try:
        for child in children:
            child.suspend()
        own.process.send_signal(signal.SIGINT)
        time.sleep(3)  # sooner it may be the same one, sent by two
        own.process.send_signal(signal.SIGINT)  # who presses Ctrl-C again waits no longer
        assert own.process.wait(LEAVE_SECONDS) == 0, own.said.read_text()
        assert "Told again: Prefect is not waited for." in own.said.read_text()
        assert [child for child in children if child.is_running()] == []
    finally:
        end(own.process)
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()


@pytest.mark.skipif(not POSTGRES.exists(), reason="Postgres is not installed here")
def test_a_database_of_postgres_is_used_by_its_url(tmp_path_factory):
    folder = tmp_path_factory.mktemp("postgres")
    other = pwd.getpwnam("postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name)
    data, port = Path("/tmp") / folder.name / "data", free_port()
    data.parent.mkdir(mode=0o755)
    shutil.chown(data.parent, other.pw_uid, other.pw_gid)
    as_user = {"user": other.pw_uid, "group": other.pw_gid, "cwd": "/"} if os.getuid() == 0 else {}
    made = [POSTGRES / "initdb", "-D", data, "-U", "prefect", "-A", "trust", "-N"]
    subprocess.run(made, check=True, capture_output=True, **as_user)
    words = [POSTGRES / "postgres", "-D", data, "-p", str(port), "-k", data, "-c", "fsync=off"]
    database = subprocess.Popen(
        [*words, "-h", "127.0.0.1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **as_user
    )
    try:
        ready = [POSTGRES / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        assert wait_until(lambda: subprocess.run(ready).returncode == 0, 30)
        url = f"postgresql+asyncpg://prefect@127.0.0.1:{port}/postgres"
        own = Own(folder, "--database-url", url)
        try:
            found = ask(own.api, "deployments/filter", {})[1]
            assert len(found) == len(FLOWS)
            assert not (own.home / "prefect.db").exists()
        finally:
            end(own.process)
    finally:
        end(database)
        shutil.rmtree(data.parent)
