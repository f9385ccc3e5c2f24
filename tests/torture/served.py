"""Ends runs of `penstock serve` at random points: killed, cut off from the server, or cancelled.

A small site is refreshed and trained on by Prefect's form, on a real server. An undisturbed run of
the command line gives the reference; then the same form is sent on a second store again and again.
Each time something is ended when the run has come to a point of its way: so many versions are
there, or so many steps are trained, and some seconds more. The points are drawn, and taken in
order, so that the whole way is gone once.

worker: the flow's process is killed with signal 9; every second time whoever started it, too.
server: Prefect's server is killed with signal 9, again and again while the run goes on to its end.
cancel: the run is cancelled as the page does it.

After each, no process of the run is left, Prefect's state is final and right, its slot is free;
nothing that was finished or trained is gone; once mended, `penstock doctor` finds nothing more.
The run that follows goes on from there. At the end all digests are those of the reference.
"""

import random
import shutil
import subprocess
import sys
import time

from infra.demo_site.serve import DemoSite
from tests.flows.prefect_server import ROOT, environment, wait_until
from tests.flows.served_tiny import ENDED
from tests.flows.small import small_site
from tests.torture.points import at, points
from tests.torture.serving import Serving, Watch
from tests.torture.watched import checkpoint, differing, digests, made, say, trained, whole_versions

LEFT_SECONDS = 120  # a promise of 60, on a machine that others use
STATE_SECONDS = 240  # of a run that nobody had begun to start, nobody can say sooner
RUN_SECONDS = 900
DOCTORED = 2  # kills after which doctor is asked, of each kind: it takes ten seconds and more
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
train_threads = 1
"""


def main(given):
    """Torture; the exit code."""
    folder = given.folder.absolute()
    small_site(folder / "site")
    with DemoSite(folder / "site") as site:
        recipe = folder / "tiny.toml"
        recipe.write_text(RECIPE.replace("URL", site.url))
        began = time.monotonic()
        undisturbed(recipe, folder / "reference")
        reference = digests(folder / "reference")
        seconds = round(time.monotonic() - began)
        say({"kind": given.kind, "undisturbed_seconds": seconds, "stages": len(reference)})
        with Serving(recipe, folder / "disturbed") as serving:
            longest = tortured(serving, given)
            serving.finished(serving.begun())
            found = digests(serving.store)
        wrong = differing(reference, found)
    told = {"kind": given.kind, "kills": given.kills, "seed": given.seed}
    say(told | {"longest_to_nothing_left": longest, "differing": wrong})
    return 1 if wrong else 0


def undisturbed(recipe, store):
    """The command line's run, without Prefect."""
    words = ["run", str(recipe), "--store", str(store), "--no-prefect", "--to", "scores"]
    with (store.parent / "reference.log").open("wb") as log:
        told = environment(store.parent / "home")
        command = [sys.executable, "-m", "flows", *words]
        subprocess.run(command, cwd=ROOT, env=told, stdout=log, stderr=log, check=True)


def tortured(serving, given):
    """End runs at the points; the most seconds until nothing of one was left."""
    chance = random.Random(given.seed)
    longest, steps, run, before = 0.0, 0, "", set()
    for number, point in enumerate(points(given.kills, chance), 1):
        while not (run and under_way(serving, run, point)):
            if run and serving.state(run) in ENDED:  # it came to its end before the point
                serving.finished(run)
                longest = max(longest, settled(serving, run, before, steps, Watch(run)))
                shutil.rmtree(serving.store)
                steps = 0
            before, run = made(serving.store), serving.begun()
        steps = max(steps, trained(serving.store))
        watch = Watch(run)
        done = serving.end(given.kind, run, number)
        told = {"number": number, "what": done, "at": str(point), "steps": steps}
        if given.kind == "server":  # the same run goes on
            say(told | {"state": serving.state(run)})
            continue
        seconds = settled(serving, run, before, steps, watch)
        longest = max(longest, seconds)
        told |= {"nothing_left_seconds": seconds, "state": serving.state(run)}
        say(told | {"versions": len(made(serving.store))})
        if number <= DOCTORED:
            serving.doctored(run)
        if serving.state(run) == "COMPLETED":
            shutil.rmtree(serving.store)
            steps = 0
        run = ""
    if run:
        serving.finished(run)
        longest = max(longest, settled(serving, run, before, steps, Watch(run)))
        serving.doctored(run)
    return longest


def under_way(serving, run, point):
    """Wait until a run is at a point; whether it is still under way then."""
    begun = (*ENDED, "RUNNING")
    wait_until(lambda: serving.state(run) in begun, RUN_SECONDS, 0.1)
    wait_until(lambda: serving.state(run) in ENDED or at(point, serving.store), RUN_SECONDS, 0.1)
    wait_until(lambda: serving.state(run) in ENDED, point.seconds, 0.1)
    return serving.state(run) not in ENDED


def settled(serving, run, before, steps, watch):
    """Look at what is left once a run was ended, or came to its end; seconds until nothing was."""
    seconds = watch.seconds(LEFT_SECONDS)
    state = wait_until(lambda: serving.state(run) in ENDED and serving.state(run), STATE_SECONDS)
    assert state, f"stuck in {serving.state(run)}"
    assert wait_until(lambda: serving.slots() == 0, 10), "the slot is held"
    there = made(serving.store)
    assert before <= there, "what was finished is gone"
    assert any(path.parent.name == "model" for path in there) or (
        checkpoint(serving.store) >= steps
    ), f"at step {steps} it was ended, and step {checkpoint(serving.store)} is kept"
    whole_versions(serving.store)
    return seconds
