"""Cancelled, killed, cut off: nothing of the run is left, the store is right, and Prefect follows.

One `penstock serve` with a server of its own serves all of it.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from flows.ending.kin import SERVER_MARK, kin
from tests.flows.prefect_server import ROOT, ask, environment, lets_in, wait_until
from tests.flows.served_tiny import served_alone
from tests.flows.slow_site import slow_site
from tests.tiny_corpus import RECIPE, copied, recipe_file

STEPS = 1_000_000  # more than anybody waits for
LEFT_SECONDS = 60
SECTIONS = """
[gates]
most_lost_share = 1.0
fewest_documents = 1
[model]
rows_per_step = 4
model = { kind = "decoder", layers = 1, width = 32, heads = 2, key_heads = 2 }
"""
SOURCE = """kind = "jsonl_files"
paths = ["FOLDER/pages.jsonl"]
columns = { url = "url", title = "title" }
"""


@pytest.fixture(scope="module")
def site():
    with slow_site() as there:
        yield there


@pytest.fixture(scope="module")
def recipe(site, tmp_path_factory):
    folder = copied(tmp_path_factory.mktemp("cancelled"))
    source = f'kind = "web"\nseeds = ["{site.url}"]\nloopback = true\nrequests_per_second = 100.0\n'
    return recipe_file(folder, RECIPE.replace(SOURCE, source) + SECTIONS)


@pytest.fixture(scope="module")
def served(recipe):
    folder = recipe.parent
    with served_alone(recipe, folder, folder / "store") as there:
        yield there


def test_the_pages_of_other_sites_cannot_use_the_server_from_a_browser_here(served):
    page = served.api.removesuffix("/api")
    assert lets_in(served.api, page)
    assert lets_in(served.api, page.replace("127.0.0.1", "localhost"))
    assert not lets_in(served.api, "http://evil.example")


def cancel(served, run):
    """As the page does."""
    wanted = {"state": {"type": "CANCELLING", "name": "Cancelling"}}
    assert ask(served.api, f"flow_runs/{run}/set_state", wanted)[1]["status"] == "ACCEPT"


def steps(served):
    """The steps that are written down of the job, in order."""
    told = [*(served.folder / "store/attempts/jobs").glob("model-*/metrics.jsonl")]
    lines = told[0].read_text().splitlines() if told else []
    return [json.loads(line)["step"] for line in lines if line.endswith("}")]


def slots(served, flow="train"):
    return served.deployment(flow)["global_concurrency_limit"]["active_slots"]


def started(served, flow, **order):
    status, run = served.ask_for(flow, **order)
    assert status == 201, run
    return run["id"]


def aborted(served, run):
    """The events that say that a run, or a stage of it, was aborted."""
    told = served.folder.glob("store/lineage/*/*-ABORT.json")
    return [path.name for path in told if run in path.read_text()]


def trained_to(served, step):
    """A run that has come to a step."""
    run = started(served, "train", steps=STEPS)
    come = wait_until(lambda: (steps(served) or [0])[-1] >= step, 300)
    assert come, (served.run(run)["state"], served.log(run)[-5:])
    return run


def test_a_cancelled_training_leaves_a_checkpoint_and_nothing_else(served):
    run = trained_to(served, 10)
    assert slots(served) == 1
    asked = time.monotonic()
    cancel(served, run)
    served.state(run, "CANCELLED", seconds=LEFT_SECONDS)
    assert wait_until(lambda: not kin(run), LEFT_SECONDS)
    assert time.monotonic() - asked < LEFT_SECONDS
    assert slots(served) == 0
    reached = steps(served)[-1]
    checkpoints = [*served.folder.glob("store/attempts/jobs/model-*/checkpoints/step-*")]
    assert max(int(path.name[5:]) for path in checkpoints) >= reached
    assert len(aborted(served, run)) == 2  # the stage and the run


def waiting_for_a_page(served, site, window):
    """A refresh that is in the middle of its crawl."""
    site.gate.clear()
    before = site.asked
    run = started(served, "refresh", window=window)
    assert wait_until(lambda: site.asked > before, 90), served.log(run)
    return run


def server_of(served):
    """The process of the server that `penstock serve` has started."""
    for child in psutil.Process(served.process.pid).children():
        with contextlib.suppress(psutil.Error):  # it has just been killed
            if SERVER_MARK in child.environ():
                return child
    return None


def test_a_run_goes_on_while_the_server_is_killed_and_started_again(served, site):
    run = waiting_for_a_page(served, site, "2026-11-23T00:00:00Z")
    killed = server_of(served)
    killed.kill()
    site.gate.set()
    assert wait_until(lambda: server_of(served) not in (None, killed), 30)
    written = served.folder / "store/runs/tiny"
    assert wait_until(lambda: any(run in path.read_text() for path in written.glob("*.json")), 60)
    assert wait_until(lambda: answers(served), 60)
    served.state(run, "COMPLETED", seconds=90)
    assert slots(served, "refresh") == 0
    assert "was started again" in served.said.read_text()


def answers(served):
    try:
        return ask(served.api, "health")[0] == 200
    except OSError:
        return False


def doctor(served, *words):
    told = environment(served.folder / "home")
    if answers(served):
        told["PREFECT_API_URL"] = served.api
    told["HOME"] = str(served.folder)  # with its own Ray token
    command = [sys.executable, "-m", "flows", "doctor", str(served.folder / "tiny.toml"), *words]
    done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


def test_what_a_kill_of_runner_and_flow_has_left_is_found_and_mended(served, site):
    run = waiting_for_a_page(served, site, "2026-11-24T00:00:00Z")
    (driver,) = (each for each in kin(run) if each.drives)
    served.process.send_signal(signal.SIGSTOP)  # it must not see what we do
    os.kill(driver.pid, signal.SIGKILL)
    served.process.kill()
    served.process.wait()
    site.gate.set()
    code, said = doctor(served)
    assert code == 1
    assert f"({run}) is Running in Prefect, and its process is gone" in said
    assert "and no end" in said
    assert "its `penstock serve` is gone" in said
    assert served.run(run)["state"]["type"] == "RUNNING"  # it only looked
    assert slots(served, "refresh") == 1
    _, said = doctor(served, "--mend")
    assert "set to Crashed" in said
    assert not kin(run)
    assert aborted(served, run)
    assert not answers(served)


def test_a_run_ends_with_who_serves_it_though_the_server_hangs(recipe, site, tmp_path):
    with served_alone(recipe, tmp_path, tmp_path / "store") as served:
        run = waiting_for_a_page(served, site, "2026-11-25T00:00:00Z")
        server = server_of(served)
        try:
            server.suspend()
            served.process.send_signal(signal.SIGTERM)
            assert served.process.wait(LEFT_SECONDS) == 0
            assert wait_until(lambda: not kin(run), LEFT_SECONDS)
            assert not server.is_running()
        finally:
            site.gate.set()
            with contextlib.suppress(psutil.NoSuchProcess):
                server.kill()
