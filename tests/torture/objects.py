"""An object store under faults, kills and a search for secrets.

faults: the tiny chains run through a proxy that fails a share of all requests, `--kills` seeds from
    `--seed` on, one driver and two; a reader looks all the while. Digests are those on a disk.
crashes: a driver is killed with signal 9 before every operation that changes the object store.
canaries: twenty secrets stand in the environment; a recipe runs to its corpus on an object store
    with a pool, and on Ray under a Prefect server of its own. Then everything that is left is
    searched: objects, Prefect's database and log, Ray's session folder, output, scratch folders.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from pipeline.storage.nearby import VARIABLE
from pipeline.storage.object_client import ANSWER_VARIABLE
from pipeline.store import Store
from ray_jobs.ray_folder import sessions
from tests import canaries
from tests.fault_proxy import FaultProxy, seeded
from tests.flows.prefect_server import prefect_server
from tests.object_store import CREDENTIALS, new_bucket, s3_server
from tests.pipeline.storage.test_crashes import (
    assert_all_that_is_visible_is_whole,
    assert_collection_leaves_only_what_is_named,
    manifests,
)
from tests.pipeline.storage.tiny import run
from tests.tiny_corpus import pages, recipe_file, write_pages

ROOT = Path(__file__).parents[2]
KINDS = ("faults", "crashes", "canaries")
SHARE = 0.1  # of the requests that fail


def main(given):
    """Torture; the exit code."""
    with s3_server() as endpoint:
        os.environ |= {**CREDENTIALS, "AWS_ENDPOINT_URL": endpoint, ANSWER_VARIABLE: "2"}
        os.environ[VARIABLE] = str(given.folder.absolute() / "scratch")
        return {"faults": faults, "crashes": crashes, "canaries": secrets}[given.kind](
            given, endpoint
        )


def faults(given, endpoint):
    wrong = []
    with drivers() as drive:
        for seed in range(given.seed, given.seed + given.kills):
            chain = random.Random(seed).choice(["judged", "report", "clusters"])
            expected = run(chain, Store.at(given.folder / f"disk-{chain}"))
            at = new_bucket(endpoint)
            Store.at(at)
            with FaultProxy(endpoint, seeded(seed, share=SHARE)) as proxy:
                job = {"chain": chain, "root": at, "last": 0}
                told = {"environment": aws() | {"AWS_ENDPOINT_URL": proxy.endpoint}}
                with watched(at) as looks:
                    ends = drive(*[job | told] * (1 + seed % 2))
                done = dict(proxy.done)
            assert ends == [0] * (1 + seed % 2), ends
            store = Store.at(at)
            same = run(chain, store).digest() == expected.digest()
            stages = [manifest.stage for manifest in manifests(store)]
            assert len(stages) == len(set(stages)), stages
            assert_collection_leaves_only_what_is_named(store)
            wrong += [] if same else [seed]
            say({"seed": seed, "chain": chain, "drivers": len(ends), "faults": done} | looks)
    say({"kind": "faults", "seeds": given.kills, "from": given.seed, "differing": wrong})
    return 1 if wrong else 0


def crashes(given, endpoint):
    points = {}
    with drivers() as drive:
        for chain in ("judged", "report", "clusters"):
            expected = run(chain, Store.at(given.folder / f"disk-{chain}")).digest()
            last, ends = 0, [-signal.SIGKILL]
            while ends == [-signal.SIGKILL]:
                last += 1
                at = new_bucket(endpoint)
                job = {"chain": chain, "root": at, "last": last, "environment": aws()}
                ends = drive(job)
                store = Store.at(at)
                assert_all_that_is_visible_is_whole(store)
                assert run(chain, store).digest() == expected, (chain, last)
                assert_collection_leaves_only_what_is_named(store)
            assert ends == [0], ends
            points[chain] = last - 1
            say({"chain": chain, "kills": last - 1})
    say({"kind": "crashes", "kills": sum(points.values()), "differing": []})
    return 0


def secrets(given, endpoint):
    planted, folder = canaries.planted(), given.folder.absolute()
    write_pages(folder / "pages.jsonl", pages())
    recipe = recipe_file(folder)
    place, began = new_bucket(endpoint), time.time()
    before = set(sessions().glob("session_*"))
    home = folder / "prefect"
    home.mkdir()
    os.environ.update(planted)
    auth = {name: planted[name] for name in canaries.AUTH_STRINGS}
    with prefect_server(home, **auth) as api:
        told = os.environ | planted | {"AWS_ENDPOINT_URL": endpoint, "PREFECT_API_URL": api}
        told |= {"PREFECT_HOME": str(home), "DO_NOT_TRACK": "1", "PYTHONPATH": str(ROOT)}
        for words in (
            ["--runner", "pool", "--no-prefect", "--to", "verdicts"],
            ["--runner", "ray", "--to", "corpus"],
        ):
            command = [sys.executable, "-m", "flows", "run", str(recipe), "--store", place, *words]
            with (folder / "output.log").open("ab") as log:
                subprocess.run(command, cwd=ROOT, env=told, stdout=log, stderr=log, check=True)
    searched, found = {}, []
    at, count = canaries.in_bucket(place, planted, endpoint)
    found, searched["objects"] = found + at, count
    there = set(sessions().glob("session_*")) - before
    new = [each for each in there if not each.is_symlink()]
    for name, where in {
        "files": folder,
        **{f"ray {n}": each for n, each in enumerate(new)},
    }.items():
        at, count = canaries.in_folder(where, planted)
        found, searched[name] = found + at, count
    for at in found:
        say({"found": at})
    say({"kind": "canaries", "planted": len(canaries.values(planted)), "searched": searched})
    say({"found": len(found), "seconds": round(time.time() - began)})
    return 1 if found else 0


@contextlib.contextmanager
def drivers():
    """The process that forks drivers: see tests/pipeline/storage/crash_driver.py."""
    command = [sys.executable, "-m", "tests.pipeline.storage.crash_driver"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def drive(*jobs):
            process.stdin.write(json.dumps(jobs) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield drive
        process.stdin.close()


@contextlib.contextmanager
def watched(at):
    """A reader beside the drivers; whatever it sees is whole."""
    ended, looks = threading.Event(), {"looks": 0}
    failures = []

    def look():
        reader = Store.at(at)
        while not ended.is_set():
            try:
                assert_all_that_is_visible_is_whole(Store(reader.files))
            except AssertionError as error:
                failures.append(error)
            looks["looks"] += 1
            time.sleep(0.2)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield looks
    finally:
        ended.set()
        thread.join()
    assert not failures, failures[0]


def aws():
    kept = ("AWS_", "PENSTOCK_")
    return {name: value for name, value in os.environ.items() if name.startswith(kept)}


def say(told):
    print(json.dumps(told), flush=True)
