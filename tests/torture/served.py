"""Ends runs of `penstock serve` at random points: killed, cut off from the server, or cancelled.

A small site is refreshed and trained on by Prefect's form, on a real server. An undisturbed run
gives the reference; then the same form is sent on a second store again and again.

worker: the flow's process is killed with signal 9; every second time whoever started it, too.
server: Prefect's server is killed with signal 9 while the run goes on.
cancel: the run is cancelled as the page does it.

After each, no process of the run is left, Prefect's state is final and its slot is free; the run
that follows finds what is finished. At the end all digests are those of the reference.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import time

import psutil

from flows.ending.kin import SERVER_MARK, kin
from infra.demo_site.serve import DemoSite
from pipeline.storage.verify import verify
from pipeline.store import Store
from tests.flows.prefect_server import ask, wait_until
from tests.flows.served_tiny import ENDED, served_alone
from tests.flows.small import small_site

WINDOW = "2026-11-22T00:00:00Z"
FLOW = "refresh_and_train"
LEFT_SECONDS = 120  # a promise of 60, on a machine that others use
RUN_SECONDS = 600
STAGES = ("documents", "verdicts", "clusters", "corpus", "tokenizer", "tokens", "model", "scores")
RECIPE = """
name = "tiny"
[pages.source]
kind = "web"
seeds = ["URLmanual/index.html"]
loopback = true
requests_per_second = 20.0
[documents]
extractor = "resiliparse"
[verdicts]
rules = ["empty_text", { kind = "word_count", fewest = 50 }]
[corpus.split]
group = "site_path"
validation_share = 0.3
[tokenizer]
vocabulary = 512
[tokens]
context = 128
[model]
steps = 200
rows_per_step = 4
model = { kind = "decoder", layers = 1, width = 32, heads = 2, key_heads = 2 }
[runtime]
runner = "pool"
workers = 2
shard_documents = 20
"""


def main(given):
    """Torture; the exit code."""
    folder = given.folder.absolute()
    small_site(folder / "site")
    with DemoSite(folder / "site") as site:
        recipe = folder / "tiny.toml"
        recipe.write_text(RECIPE.replace("URL", site.url))
        with Serving(recipe, folder / "reference") as serving:
            began = time.monotonic()
            serving.finished(serving.begun())
            whole = time.monotonic() - began
        reference = digests(folder / "reference" / "store")
        say({"kind": given.kind, "undisturbed_seconds": round(whole), "versions": len(reference)})
        chance = random.Random(given.seed)
        with Serving(recipe, folder / "disturbed") as serving:
            for number in range(1, given.kills + 1):
                once(serving, given.kind, number, chance, whole)
            serving.finished(serving.begun())
            found = digests(serving.store)
        wrong = [stage for stage in reference if reference[stage] != found.get(stage)]
    say({"kind": given.kind, "kills": given.kills, "seed": given.seed, "differing": wrong})
    return 1 if wrong else 0


def once(serving, kind, number, chance, whole):
    """Begin a run, end it or its server after a random time, and look at what is left."""
    delay = chance.uniform(0.05, 0.9) * whole
    run, before = under_way(serving, delay)
    while serving.state(run) in ENDED:
        say({"number": number, "ran_through_before": round(delay, 1)})
        shutil.rmtree(serving.store)
        run, before = under_way(serving, delay)
    steps = trained(serving.store)
    at = time.monotonic()
    what = {"worker": serving.kill_worker, "server": serving.kill_server, "cancel": serving.cancel}
    done = what[kind](run, number)
    if kind == "server":
        serving.finished(run)
    left = wait_until(lambda: not kin(run), LEFT_SECONDS)
    assert left, f"left behind: {[str(each) for each in kin(run)]}"
    nothing_left = time.monotonic() - at
    state = wait_until(lambda: serving.state(run) in ENDED and serving.state(run), LEFT_SECONDS)
    assert state, f"stuck in {serving.state(run)}"
    assert wait_until(lambda: serving.slots() == 0, 10), "the slot is held"
    assert before <= made(serving.store), "what was finished is gone"
    assert trained(serving.store) >= steps, "steps were lost"
    whole_versions(serving.store)
    told = {"number": number, "what": done, "after_seconds": round(delay, 1)}
    told |= {"nothing_left_seconds": round(nothing_left, 1), "state": state}
    say(told | {"versions": len(made(serving.store)), "steps": trained(serving.store)})
    if state == "COMPLETED":
        shutil.rmtree(serving.store)


def under_way(serving, seconds):
    """A run after so many seconds, and the versions that were there before it."""
    before, run = made(serving.store), serving.begun()
    wait_until(lambda: serving.state(run) in ENDED, seconds)
    return run, before


class Serving:
    """`penstock serve`, that can be killed and started again on the same database."""

    def __init__(self, recipe, folder):
        self.recipe, self.folder, self.store = recipe, folder, folder / "store"

    def __enter__(self):
        self._open = contextlib.ExitStack()
        self._start()
        return self

    def __exit__(self, *_):
        self._open.close()

    def _start(self):
        serving = served_alone(self.recipe, self.folder, self.store)
        self.served, self.process = self._open.enter_context(serving)

    def begun(self):
        order = {"window": WINDOW, "reason": "to see what is left"}
        status, run = self.served.ask_for(FLOW, **order)
        assert status == 201, run
        assert wait_until(lambda: self.state(run["id"]) != "SCHEDULED", 60)
        return run["id"]

    def state(self, run):
        with contextlib.suppress(OSError):  # the server may be away
            status, found = ask(self.served.api, f"flow_runs/{run}")
            return found["state"]["type"] if status == 200 else ""
        return ""

    def slots(self):
        return self.served.deployment(FLOW)["global_concurrency_limit"]["active_slots"]

    def finished(self, run):
        wait_until(lambda: self.state(run) in ENDED, RUN_SECONDS)
        assert self.state(run) == "COMPLETED", self.served.said.read_text()[-5000:]

    def kill_worker(self, run, number):
        drivers = [each for each in kin(run) if each.drives]
        if number % 2:
            for each in drivers:
                os.kill(each.pid, signal.SIGKILL)
            return "flow killed"
        self.process.kill()  # first, so that it cannot say that the flow was
        self.process.wait()
        for each in drivers:
            os.kill(each.pid, signal.SIGKILL)
        for server in self._servers():
            server.kill()
        self._start()  # its reconciler sets right what is wrong
        return "flow, runner and server killed"

    def kill_server(self, run, number):
        (server,) = self._servers()
        server.kill()
        assert wait_until(lambda: self.slots_known(), 120), "the server does not come back"
        return "server killed"

    def slots_known(self):
        with contextlib.suppress(OSError):
            return self.slots() is not None
        return False

    def cancel(self, run, number):
        wanted = {"state": {"type": "CANCELLING", "name": "Cancelling"}}
        ask(self.served.api, f"flow_runs/{run}/set_state", wanted)
        return "cancelled"

    def _servers(self):
        found = []
        for each in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if each.environ().get(SERVER_MARK) == str(self.process.pid):
                    found.append(each)
        return [each for each in found if "server" in each.cmdline()]


def made(store):
    """The versions that are finished."""
    return {path.relative_to(store) for path in store.glob("versions/*/*.json")}


def trained(store):
    """The last step that the training job has written down."""
    steps = [0]
    for path in store.glob("attempts/jobs/model-*/metrics.jsonl"):
        lines = [line for line in path.read_text().splitlines() if line.endswith("}")]
        steps += [json.loads(line)["step"] for line in lines]
    return max(steps)


def whole_versions(place):
    """Every version that can be seen is read to its last byte."""
    if (place / "store.json").exists():
        report = verify(Store.at(place, create=False))
        assert not report.damages, [str(each) for each in report.damages]


def digests(place):
    """Stage -> the digests of its only version."""
    store = Store.at(place, create=False)
    found = {}
    for stage in STAGES:
        (manifest,) = store.manifests(stage)
        digests = manifest.digests
        found[stage] = {name: digests[name] for name in digests if name != "file metrics.jsonl"}
    return found


def say(told):
    print(json.dumps(told), flush=True)
