"""The explorer of a store of ten thousand versions: `python -m tests.benchmarks.explorer`.

A thousand runs of a recipe are written down through the store, ten versions each, with their
names, all as large as the demonstration's manifests. Then the explorer is started several times:
`cold` without its catalogue, which reads every manifest, `warm` with it. Prints JSON; seconds are
medians of what a person waits for. The disk is this machine's, and its cache is warm.
"""

import argparse
import hashlib
import http.client
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import quote

from flows.explore.catalogue import KEPT
from pipeline.run.history import runs
from pipeline.storage.references import References
from pipeline.store import Store
from schemas.artifact import Account, ArtifactRef, Exactness, Manifest, Shard, Tally
from schemas.run import Run, StageRun

STAGES = ("pages", "documents", "signals.words", "signals.language", "verdicts", "signatures")
STAGES += ("clusters", "corpus", "tokenizer", "tokens")
START = """
import sys
from flows.explore.server import Server
from pipeline.store import Store
with Server(Store.at(sys.argv[1], create=False)) as server:
    print(server.server_port, flush=True)
    server.serve_forever()
"""
RECIPE = "web"


def key(stage, number):
    return hashlib.sha256(f"{stage} {number}".encode()).hexdigest()


def manifest(stage, number, inputs):
    """A version as large as real ones are: 120 definitions of code, 8 shards."""
    kept, dropped = (Tally(count=n, digest=key("d", n)) for n in (90_000 + number, 10_000))
    entered = Tally.total((kept, dropped))
    none = Tally(count=0, digest="0" * 64)
    parts = {
        "format": 1,
        "stage": stage,
        "config": {"rules": [{"kind": "word_count", "fewest": 50}] * 12},
        "inputs": {ref.stage: {f"{ref.stage}.doc_id": ref.key} for ref in inputs},
        "assets": {},
        "code": {f"pipeline.made.{stage}.Definition{n}": key("c", n) for n in range(120)},
        "packages": {"numpy": "2.4.6", "pyarrow": "26.0.1"},
        "extra": {},
    }
    return Manifest(
        ref=ArtifactRef(stage=stage, key=key(stage, number)),
        exactness=Exactness.EXACT,
        parts=parts,
        inputs={ref.stage: ref for ref in inputs},
        shards=tuple(
            Shard(name=f"20261122t000000z-{n:03d}", stage=stage, shard_key=key(stage, n))
            for n in range(8)
        ),
        digests={f"{stage}.{n}": key(stage, n) for n in range(5)},
        columns={},
        rows={stage: entered.count},
        drops={"word_count": 6_000, "stop_words": 4_000},
        account=Account(entered=entered, kept=kept, dropped=dropped, quarantined=none),
    )


def made(folder, versions):
    """The store."""
    store = Store.at(folder)
    began = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(versions // len(STAGES)):
        stages, before = {}, []
        when = (began + timedelta(hours=7 * number)).isoformat(timespec="seconds")
        for stage in STAGES:
            ref = store.create_manifest(manifest(stage, number, before[-2:])).ref
            before.append(ref)
            stages[stage] = StageRun(
                ref=ref, units_made=8, shards=8, wall_seconds=1.0, reused=False
            )
        named = Run(
            recipe=RECIPE,
            window=when,
            started=when,
            ended=when,
            requested_by="ann",
            reason="schedule",
            command="",
            stages=stages,
        )
        runs(store, RECIPE).append(lambda _, named=named: named)
        if number % 10 == 0:  # a label asks what labels there are
            References(store).record(RECIPE, before[-3], who="ann", why="schedule")
    return store


def waited(store, kept, questions):
    """Seconds from the start of the process to its first answers, and for further questions."""
    path = Path(store.files.root, KEPT)
    if not kept:
        path.unlink(missing_ok=True)
    began = time.perf_counter()
    command = [sys.executable, "-c", START, store.uri]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        port = int(process.stdout.readline())
        told = {"start": time.perf_counter() - began}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        for name, question in questions.items():
            began = time.perf_counter()
            connection.request("GET", question)
            reply = connection.getresponse()
            assert reply.status == 200, reply.read()
            reply.read()
            told[name] = time.perf_counter() - began
        return told
    finally:
        process.kill()
        process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--versions", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="keep the store here")
    given = parser.parse_args()
    folder = given.folder or Path(mkdtemp(prefix="explorer-"))
    try:
        there = (folder / "store.json").exists()
        store = Store.at(folder) if there else made(folder, given.versions)
        newest = f"run:{RECIPE}/{given.versions // len(STAGES)}"
        questions = {
            "first view: what there is": "/api/overview?",
            "first view: list": "/api/rows?kind=runs&count=100",
            "first view: graph": f"/api/graph?of={quote(newest)}",
            "all versions, middle of the list": "/api/rows?kind=versions&start=5000&count=100",
            "filter by a word": "/api/rows?kind=versions&words=corpus",
            "filter by recipe": f"/api/rows?kind=versions&recipe={RECIPE}",
            "one version": f"/api/version?of=corpus@{key('corpus', 17)}",
        }
        figures = {}
        for name, kept in (("cold", False), ("warm", True)):
            rounds = [waited(store, kept, questions) for _ in range(given.repeat)]
            figures[name] = {
                one: round(statistics.median(each[one] for each in rounds), 3) for one in rounds[0]
            }
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        told = {"versions": given.versions, "machine": machine, **figures}
        sys.stdout.write(json.dumps(told, indent=1) + "\n")
    finally:
        if given.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
