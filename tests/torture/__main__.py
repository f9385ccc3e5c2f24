"""Kills the demonstration with signal 9 at random points, and looks at what is left.

    python -m tests.torture --kills 10 --seed 0 --folder /somewhere
    python -m tests.torture --kind worker --kills 10 --seed 0     also server, cancel: see served.py
    python -m tests.torture --kind crawl --kills 100 --seed 0     see crawls.py
    python -m tests.torture --kind ray --kills 10 --seed 0        see rays.py
    python -m tests.torture --kind site                           see whole_site.py
    python -m tests.torture --kind faults --kills 40     also crashes, canaries: see objects.py

An undisturbed run gives the reference. Then the same recipe runs on a second store and is killed,
with no warning, after a random time; after each kill every version that can be seen is whole, and
no process of the run is left after a few seconds. The same command goes on until it has been
killed often enough; the last one runs through. Then all digests are those of the reference.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from infra.demo_site.serve import DemoSite
from tests.processes import assert_gone
from tests.torture import crawls, objects, rays, served, whole_site
from tests.torture.watched import differing, digests, whole_versions

ROOT = Path(__file__).parents[2]
ORPHAN_SECONDS = 90  # a job whose driver is gone has a minute to leave its checkpoint


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=Path("build/torture"))
    parser.add_argument("--prefect", action="store_true", help="under Prefect's server too")
    kinds = ("demo", "crawl", "ray", "site", "worker", "server", "cancel", *objects.KINDS)
    parser.add_argument("--kind", choices=kinds, default="demo", help="what is ended")
    given = parser.parse_args()
    shutil.rmtree(given.folder, ignore_errors=True)
    given.folder.mkdir(parents=True)
    alone = {"crawl": crawls, "ray": rays, "site": whole_site} | dict.fromkeys(
        objects.KINDS, objects
    )
    if given.kind in alone:
        sys.exit(alone[given.kind].main(given))
    if given.kind != "demo":
        sys.exit(served.main(given))
    with DemoSite(given.folder / "site", port=0) as site:
        recipe = given.folder / "demo.toml"
        text = (ROOT / "flows/recipes/demo.toml").read_text()
        recipe.write_text(text.replace("http://127.0.0.1:8471/", site.url))
        began = time.monotonic()
        run(recipe, given.folder / "reference", given).wait()
        whole = time.monotonic() - began
        reference = digests(given.folder / "reference")
        print(f"undisturbed: {whole:.0f} s, {len(reference)} versions", flush=True)
        store = given.folder / "killed"
        torture(recipe, store, given, whole)
        last = run(recipe, store, given)
        assert last.wait() == 0, "the last run failed"
        found = digests(store)
        wrong = differing(reference, found)
        print(json.dumps({"kills": given.kills, "seed": given.seed, "differing": wrong}))
        sys.exit(1 if wrong else 0)


def torture(recipe, store, given, whole):
    """Start, kill after a random time, look; until it was killed often enough."""
    chance = random.Random(given.seed)
    kills = 0
    while kills < given.kills:
        delay = chance.uniform(0.5, whole * 0.25)
        job = run(recipe, store, given)
        time.sleep(delay)
        if job.poll() is not None:
            print(f"ran through before {delay:.1f} s; begun anew", flush=True)
            shutil.rmtree(store)
            continue
        family = [psutil.Process(job.pid), *psutil.Process(job.pid).children(recursive=True)]
        os.kill(job.pid, signal.SIGKILL)
        job.wait()
        kills += 1
        seen = whole_versions(store)
        assert_gone(family, ORPHAN_SECONDS)
        told = f"{seen} versions, all whole; no process left"
        print(f"kill {kills} after {delay:.1f} s: {told}", flush=True)


def run(recipe, store, given):
    words = [sys.executable, "-m", "flows", "run", str(recipe), "--store", str(store)]
    words += [] if given.prefect else ["--no-prefect"]
    log = (given.folder / "run.log").open("ab")
    return subprocess.Popen(words, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)


if __name__ == "__main__":
    main()
