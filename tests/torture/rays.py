"""Kills parts of Ray under the data stages, and has its calls fail.

    python -m tests.torture --kind ray --kills 10 --seed 0

A recipe of 200 made pages runs on a Ray of its own. Workers are killed with signal 9 (`--kills` of
them, some in each run), raylets and control stores (half as many of each): that ends the Ray, and
so the run, with a sentence, and the next run goes on. At last one in ten of Ray's calls between its
processes is lost, either way. After each: all that is seen is whole, no process is left, and the
digests are those of an undisturbed run.
"""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests import tiny_corpus
from tests.processes import assert_gone, words
from tests.tiny_corpus import RECIPE, recipe_file, write_pages
from tests.torture.watched import differing, digests, made, say, whole_versions

ROOT = Path(__file__).parents[2]
PAGES, SHARD = 200, 10
LAST = "tokens"
BUSY = r"ray::(?!IDLE|Dashboard|RuntimeEnv)"  # a worker with a unit to make
PARTS = {"worker": BUSY, "raylet": r"raylet/raylet ", "control store": r"gcs_server "}
LOST = {"*": {"num_failures": -1, "req_failure_prob": 10, "resp_failure_prob": 10}}
FAILING = {"RAY_testing_rpc_failure": json.dumps(LOST)}
COMING_UP = "Failed to get the system config from raylet"  # Ray's compiled code ends the process
TOLD = ("Ray has ended under the run", "Ray did not start", COMING_UP)
RUN_SECONDS = 600
TRIES = 10  # for each that is killed
GONE_SECONDS = 60


class Ground:
    """A recipe, and what an undisturbed run makes of it."""

    def __init__(self, folder):
        self.folder = folder
        write_pages(folder / "pages.jsonl", {n: tiny_corpus.page(n) for n in range(PAGES)})
        text = RECIPE.replace("shard_documents = 12", f"shard_documents = {SHARD}")
        self.recipe = recipe_file(folder, text)
        whole = folder / "whole"
        began = time.monotonic()
        assert self.start(whole).wait(RUN_SECONDS) == 0
        self.seconds = time.monotonic() - began
        made_stages = {path.parts[1] for path in made(whole)}
        self.stages = sorted(made_stages - {"pages"})  # which say when they were read
        self.reference = digests(whole, self.stages)

    def start(self, store, **variables):
        """A run on a store, in processes of its own."""
        asked = ("--no-prefect", "--runner", "ray", "--workers", "2", "--to", LAST)
        command = [sys.executable, "-m", "flows", "run", self.recipe, "--store", store, *asked]
        log = (self.folder / "run.log").open("ab")
        told = os.environ | variables
        return subprocess.Popen(command, cwd=ROOT, env=told, stdout=log, stderr=log)

    def goes_on(self, store):
        """Runs to the end, as an undisturbed run does."""
        assert self.start(store).wait(RUN_SECONDS) == 0
        self.is_as_undisturbed(store)

    def is_as_undisturbed(self, store):
        found = digests(store, self.stages)
        assert found == self.reference, differing(self.reference, found)
        shutil.rmtree(store)


def main(given):
    """Torture; the exit code."""
    chance, ground = random.Random(given.seed), Ground(given.folder)
    say({"undisturbed_seconds": round(ground.seconds, 1), "stages": ground.stages})
    done = dict.fromkeys(PARTS, 0)
    for part, kill, wanted in (
        ("worker", workers_killed, given.kills),
        ("raylet", ended_with, (given.kills + 1) // 2),
        ("control store", ended_with, (given.kills + 1) // 2),
    ):
        for _ in range(TRIES * wanted):
            if done[part] < wanted:
                done[part] += kill(ground, part, chance)
        assert done[part] >= wanted, f"no {part} was found in time to kill it"
    longer = calls_lost(ground)
    say({"kills": done, "seed": given.seed, "lost_calls_times": longer, "differing": []})
    return 0


def workers_killed(ground, part, chance):
    """Workers die under a run, and it comes to its end; how many."""
    store, kills = ground.folder / "killed", 0
    run = ground.start(store)
    family = {psutil.Process(run.pid)}
    while run.poll() is None:
        time.sleep(chance.uniform(0.5, 2))
        family |= (here := below(run))
        busy = [each for each in here if re.search(PARTS[part], words(each))]
        if busy and kills < 2:  # as often as a unit is tried again
            kills += killed(chance.choice(busy))
    assert run.wait() == 0
    seen = whole_versions(store)
    assert_gone(family, GONE_SECONDS)
    ground.is_as_undisturbed(store)
    say({"part": "worker", "kills": kills, "versions": seen, "ended": 0})
    return kills


def ended_with(ground, part, chance):
    """A part of Ray dies, without which there is none; whether it was killed in time."""
    store = ground.folder / "killed"
    before = len((ground.folder / "run.log").read_text())
    run = ground.start(store)
    family, kills = {psutil.Process(run.pid)}, 0
    wait = chance.uniform(1, 0.8 * ground.seconds)
    until = None
    while run.poll() is None and not kills:
        time.sleep(0.1)
        family |= (here := below(run))
        there = [each for each in here if re.search(PARTS[part], words(each))]
        until = until or (time.monotonic() + wait if there else None)
        if there and time.monotonic() > until:
            kills += killed(there[0])
    began = time.monotonic()
    ended = run.wait(RUN_SECONDS)
    took = time.monotonic() - began
    assert ended == (1 if kills else 0)
    if kills:
        said = (ground.folder / "run.log").read_text()[before:]
        assert any(each in said for each in TOLD), said[-2000:]
        assert took < GONE_SECONDS, took
    seen = whole_versions(store)
    assert_gone(family, GONE_SECONDS)
    ground.goes_on(store)
    say({"part": part, "kills": kills, "versions": seen, "ended": ended, "after": round(took, 1)})
    return kills


def calls_lost(ground):
    """One of ten calls is lost; how many times as long the run takes."""
    store, began = ground.folder / "failing", time.monotonic()
    run = ground.start(store, **FAILING)
    family = set()
    while run.poll() is None:
        time.sleep(0.2)
        family |= below(run)
    took = time.monotonic() - began
    assert run.wait() == 0
    whole_versions(store)
    assert_gone(family, GONE_SECONDS)
    ground.is_as_undisturbed(store)
    return round(took / ground.seconds, 2)


def below(run):
    """The processes that a run has started, as far as they are there."""
    try:
        return set(psutil.Process(run.pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return set()


def killed(process):
    try:
        process.send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        return 0
    return 1
