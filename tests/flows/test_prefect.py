"""The flows under a real Prefect server: what it shows, and when it is not needed."""

import json
import subprocess
import sys

import pytest

from pipeline.store import Store
from tests.flows.prefect_server import ROOT, ask, environment

RECIPE = """
name = "counted"
[pages.source]
kind = "jsonl_files"
paths = ["{folder}/docs.jsonl"]
[verdicts]
rules = ["empty_text"]
[corpus.split]
group = "document"
"""


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


def flow_runs(api):
    """Ours, by their name: the session shares the server."""
    asked = {"flow_runs": {"name": {"like_": "corpus counted"}}}
    return ask(api, "flow_runs/filter", asked)[1]


def penstock(folder, *words, **more):
    store = str(folder / "store")
    command = [sys.executable, "-m", "flows", *words, str(folder / "little.toml"), "--store", store]
    told = environment(folder / "prefect", **more)
    return subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True)


def test_a_run_shows_at_the_server_one_task_a_stage_also_on_ray(folder, prefect_api):
    words = ("run", "--to", "corpus", "--runner", "ray", "--workers", "2")
    done = penstock(folder, *words, PREFECT_API_URL=prefect_api)
    assert done.returncode == 0, done.stderr
    (flow_run,) = flow_runs(prefect_api)
    assert flow_run["state_name"] == "Completed"
    assert flow_run["name"].startswith("corpus counted 20")  # and its version's day
    ours = {"flow_runs": {"id": {"any_": [flow_run["id"]]}}}
    found = ask(prefect_api, "task_runs/filter", ours)[1]
    tasks = {task["name"]: task["state_name"] for task in found}
    assert set(tasks.values()) == {"Completed"}
    assert {"pages", "documents", "signals.words", "verdicts", "clusters", "corpus"} <= set(tasks)
    assert next(Store.at(folder / "store").manifests("corpus")).rows["corpus"] == 8


def test_a_run_with_nothing_to_make_starts_no_prefect(folder, prefect_api):
    done = penstock(folder, "run", "--to", "corpus", PREFECT_API_URL="http://127.0.0.1:9/api")
    assert done.returncode == 0, done.stderr
    assert "Nothing to make" in done.stdout
    assert len(flow_runs(prefect_api)) == 1


def test_a_failed_stage_fails_the_flow_run_and_says_why_once(folder, prefect_api):
    (folder / "docs.jsonl").rename(folder / "gone.jsonl")
    done = penstock(folder, "run", "--to", "corpus", "--refresh", PREFECT_API_URL=prefect_api)
    (folder / "gone.jsonl").rename(folder / "docs.jsonl")
    assert done.returncode == 1
    assert "docs.jsonl" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Failed" in [each["state_name"] for each in flow_runs(prefect_api)]
