"""The flows under a real Prefect server: what it shows, and when it is not needed."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from pipeline.store import Store

ROOT = Path(__file__).parents[2]
RECIPE = """
name = "little"
[pages.source]
kind = "jsonl_files"
paths = ["{folder}/docs.jsonl"]
[verdicts]
rules = ["empty_text"]
[corpus.split]
group = "document"
"""


def environment(folder, **more):
    quiet = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    home = {"PREFECT_HOME": str(folder / "prefect"), "PYTHONPATH": str(ROOT)}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return kept | quiet | home | more


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prefect")
    lines = [
        json.dumps({"text": f"Text number {n} is about matter {n * n} and about nothing else."})
        for n in range(8)
    ]
    (folder / "docs.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "little.toml").write_text(RECIPE.format(folder=folder), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def server(folder):
    """The API address of a server of our own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1"]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*words, "--port", str(port)], env=environment(folder), stdout=log, stderr=log
        )
    api = f"http://127.0.0.1:{port}/api"
    try:
        wait_for(f"{api}/health", process, folder / "server.log")
        yield api
    finally:
        process.terminate()
        process.wait(30)


def wait_for(url, process, log):
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail(log.read_text()[-2000:])


def ask(api, what):
    request = urllib.request.Request(
        f"{api}/{what}/filter", b"{}", {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def penstock(folder, *words, **more):
    store = str(folder / "store")
    command = [sys.executable, "-m", "flows", *words, str(folder / "little.toml"), "--store", store]
    return subprocess.run(
        command, cwd=ROOT, env=environment(folder, **more), capture_output=True, text=True
    )


def test_a_run_shows_at_the_server_one_task_a_stage_also_on_ray(folder, server):
    words = ("run", "--to", "corpus", "--runner", "ray", "--workers", "2")
    done = penstock(folder, *words, PREFECT_API_URL=server)
    assert done.returncode == 0, done.stderr
    (flow_run,) = ask(server, "flow_runs")
    assert flow_run["state_name"] == "Completed"
    assert flow_run["name"].startswith("corpus little 20")  # and its version's day
    tasks = {task["name"]: task["state_name"] for task in ask(server, "task_runs")}
    assert set(tasks.values()) == {"Completed"}
    assert {"pages", "documents", "signals.words", "verdicts", "clusters", "corpus"} <= set(tasks)
    assert next(Store.at(folder / "store").manifests("corpus")).rows["corpus"] == 8


def test_a_run_with_nothing_to_make_starts_no_prefect(folder, server):
    done = penstock(folder, "run", "--to", "corpus", PREFECT_API_URL="http://127.0.0.1:9/api")
    assert done.returncode == 0, done.stderr
    assert "Nothing to make" in done.stdout
    assert len(ask(server, "flow_runs")) == 1


def test_a_failed_stage_fails_the_flow_run_and_says_why_once(folder, server):
    (folder / "docs.jsonl").rename(folder / "gone.jsonl")
    done = penstock(folder, "run", "--to", "corpus", "--refresh", PREFECT_API_URL=server)
    (folder / "gone.jsonl").rename(folder / "docs.jsonl")
    assert done.returncode == 1
    assert "docs.jsonl" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Failed" in [each["state_name"] for each in ask(server, "flow_runs")]
