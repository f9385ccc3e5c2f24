"""A run that is ended in the middle: what it leaves, and what it says."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pipeline.run.resolve import resolve, shards_of
from pipeline.store import Store
from tests.flows.prefect_home import migrated
from tests.pipeline.killing_toys import Endless
from tests.pipeline.toy import Source
from tests.support import heed_ctrl_c, made

ROOT = Path(__file__).parents[2]

RECIPE = """
name = "little"
[pages.source]
kind = "jsonl_files"
paths = ["{folder}/docs.jsonl"]
[verdicts]
rules = ["empty_text"]
"""


def wait_until(there, seconds=60.0):
    until = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.1)


def members(session):
    """The processes of a session that have not ended."""
    found = subprocess.run(
        ["ps", "-o", "pid=,stat=", "-s", str(session)], capture_output=True, text=True
    )
    return [line for line in found.stdout.splitlines() if "Z" not in line.split()[1]]


def started_in(folder):
    """The processes that a driver has started, and it, by what is in their environment."""
    found = []
    for each in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if each.environ().get("TEST_FOLDER") == str(folder) and each.status() != "zombie":
                found.append(each)
    return found


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_pool_that_is_ended_leaves_no_process_and_keeps_what_is_finished(tmp_path, number, code):
    driver = subprocess.Popen(
        [sys.executable, "-m", "tests.flows.ended_driver", str(tmp_path / "store"), "pool"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,
    )
    finished = tmp_path / "store/shards/judged"
    wait_until(lambda: len([*finished.glob("*/*/receipt.json")]) == 3)
    os.killpg(driver.pid, number)  # as a terminal does: workers get it too
    _, said = driver.communicate(timeout=60)
    assert driver.returncode == code
    assert "Traceback" not in said
    assert "Process " not in said
    assert said.count("What is finished is kept; the same command goes on.") == 1
    wait_until(lambda: not members(driver.pid))
    store = Store.at(tmp_path / "store")
    assert not [*store.files.entries("versions/judged")]
    words = made(Source(), store)
    assert sum(bool(store.receipt(shard)) for shard in expected(store, words)) == 3


def starting_workers(folder):
    """The workers of a pool, from when Python is started for them."""
    found = []
    for each in started_in(folder):
        with contextlib.suppress(psutil.Error):
            if any("spawn_main" in word for word in each.cmdline()):
                found.append(each)
    return found


def test_a_worker_that_still_starts_leaves_ctrl_c_to_its_driver(tmp_path):
    driver = subprocess.Popen(
        [sys.executable, "-m", "tests.flows.ended_driver", str(tmp_path / "store"), "pool"],
        cwd=ROOT,
        env=os.environ | {"TEST_FOLDER": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,
    )
    wait_until(lambda: starting_workers(tmp_path))
    receipts = tmp_path / "store/shards/judged"
    met = set()

    def all_is_made():
        for worker in starting_workers(tmp_path):
            met.add(worker.pid)
            worker.send_signal(signal.SIGINT)
        return len([*receipts.glob("*/*/receipt.json")]) == 3

    wait_until(all_is_made)
    driver.send_signal(signal.SIGINT)
    _, said = driver.communicate(timeout=60)
    assert len(met) == 2
    assert said.strip() == "Interrupted. What is finished is kept; the same command goes on."


@pytest.mark.parametrize(
    ("runner", "number"),
    [("pool", signal.SIGKILL), ("ray", signal.SIGKILL), ("ray", signal.SIGTERM)],
)
def test_workers_of_a_driver_that_is_ended_alone_end_with_it(tmp_path, runner, number):
    driver = subprocess.Popen(
        [sys.executable, "-m", "tests.flows.ended_driver", str(tmp_path / "store"), runner],
        cwd=ROOT,
        env=os.environ | {"TEST_FOLDER": str(tmp_path)},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    receipts = tmp_path / "store/shards/judged"
    wait_until(lambda: len([*receipts.glob("*/*/receipt.json")]) == 3, seconds=240)
    assert len(started_in(tmp_path)) > 2
    driver.send_signal(number)
    assert driver.wait(60) in (-signal.SIGKILL, 128 + signal.SIGTERM)
    wait_until(lambda: not started_in(tmp_path))
    assert len([*receipts.glob("*/*/receipt.json")]) == 3


@pytest.mark.parametrize(
    ("number", "words"), [(signal.SIGINT, "Interrupted."), (signal.SIGTERM, "Stopped by SIGTERM.")]
)
def test_a_run_that_hangs_leaves_with_one_sentence_and_no_semaphore(number, words):
    command = [sys.executable, "-m", "tests.flows.hanging_driver", str(int(number))]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 128 + number
    sentence = f"{words} What is finished is kept; the same command goes on."
    assert ended.stderr.strip() == sentence


LAST_FAILS = """
import sys, time
from flows.ending.leaving import leave_after

leave_after(0.1, lambda: sys.exit("nobody reads any more"))
time.sleep(60)
"""


def test_what_fails_at_the_very_end_keeps_nobody_from_leaving():
    ended = subprocess.run([sys.executable, "-c", LAST_FAILS], cwd=ROOT, timeout=30)
    assert ended.returncode == 0


IN_A_CALLBACK = """
import argparse, os, sys, time, weakref
from flows.cli import _guarded

class Thing:
    pass

def run(_):
    thing = Thing()
    watch = weakref.ref(thing, lambda _: os.kill(os.getpid(), int(sys.argv[1])))
    del thing
    time.sleep(30)
    return 0

sys.exit(_guarded(argparse.Namespace(run=run)))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_comes_where_python_drops_what_it_raises_ends_a_run_all_the_same(number):
    ended = subprocess.run(
        [sys.executable, "-c", IN_A_CALLBACK, str(int(number))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=heed_ctrl_c,
    )
    assert ended.returncode == 128 + number
    assert ended.stderr.count("What is finished is kept; the same command goes on.") == 1
    assert "Traceback" not in ended.stderr


def expected(store, words):
    """The shards that the ended stage was to have."""
    pieces = resolve(Endless(), {"words": words}, store).pieces
    return shards_of("judged", pieces)


def test_a_run_under_prefect_that_is_ended_is_gone_in_seconds(tmp_path):
    number, code = signal.SIGINT, 130  # SIGTERM is what a cancelled run gets: test_cancel.py
    text = "".join(f'{{"text": "Text number {n} is about matter {n * n}."}}\n' for n in range(8))
    (tmp_path / "docs.jsonl").write_text(text)
    (tmp_path / "little.toml").write_text(RECIPE.format(folder=tmp_path))
    home = {"PREFECT_HOME": str(migrated(tmp_path / "prefect")), "DO_NOT_TRACK": "1"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    store = tmp_path / "store"
    driver = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "flows",
            "run",
            str(tmp_path / "little.toml"),
            "--store",
            str(store),
        ],
        cwd=ROOT,
        env=kept | home,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,
    )
    wait_until(lambda: [*store.glob("versions/pages/*.json")], seconds=120)
    began = time.monotonic()
    os.killpg(driver.pid, number)
    try:
        _, said = driver.communicate(timeout=60)
    finally:
        driver.kill()
    assert time.monotonic() - began < 30
    assert driver.returncode == code
    assert said.count("What is finished is kept; the same command goes on.") == 1
    assert "Traceback" not in said
    wait_until(lambda: not members(driver.pid))
