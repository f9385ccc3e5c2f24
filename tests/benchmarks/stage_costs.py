"""What each stage of a recipe costs: CPU seconds, wall seconds, memory, bytes written.

    python -m tests.benchmarks.stage_costs RECIPE STORE [--to tokens]

Runs the recipe in this process, one unit after the other, and prints a line of JSON. Parsing
processes count where they have ended, as they do with their stage.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from flows.recipe import read_recipe
from flows.session import Asked, Session
from schemas.runtime import Runtime
from tests.benchmarks.held_memory import Memory
from tests.support import Silent

ROOT = Path(__file__).parents[2]


def costs_of(recipe, store, *, to="tokens", shard_documents=20_000):
    """Stage -> its costs, of a run in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.stage_costs", recipe, store, "--to", to]
    command += ["--shard-documents", shard_documents]
    done = subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipe", type=Path)
    parser.add_argument("store")
    parser.add_argument("--to", default="tokens")
    parser.add_argument("--shard-documents", type=int, default=20_000)
    given = parser.parse_args()
    runtime = Runtime(
        store=given.store, runner="process", workers=1, shard_documents=given.shard_documents
    )
    with Memory() as memory:
        costs = Costs(memory)
        session = Session(read_recipe(given.recipe), Asked(to=given.to), runtime)
        made = session.run_flow(session.flows()[-1], costs)
        written = {name: stored(made, name) for name in costs.found}
        made.close()
    told = {name: {**each, **written[name]} for name, each in costs.found.items()}
    sys.stdout.write(json.dumps(told) + "\n")


class Costs(Silent):
    """Listens to a run, and notes what each stage takes."""

    def __init__(self, memory):
        self.found, self._memory = {}, memory

    def started(self, stage, units, reused):
        self._memory.begin()
        self._cpu, self._began = self._spent(), time.monotonic()

    def finished(self, stage, manifest, *, reused):
        self.found[stage] = {
            "cpu_seconds": round(self._spent() - self._cpu, 3),
            "wall_seconds": round(time.monotonic() - self._began, 3),
            "peak_bytes": self._memory.peak(),
            "together_bytes": self._memory.most,
        }

    def _spent(self):
        return cpu() - self._memory.looking_seconds


def cpu():
    """Of this process, and of all that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def stored(made, stage):
    """The rows of a stage's first table, and the bytes of all its files."""
    manifest = made.store.open(made.ref(stage))
    receipts = [made.store.receipt(shard) for shard in manifest.shards]
    return {
        "shards": len(receipts),
        "bytes": sum(file.size for receipt in receipts for file in receipt.every_file()),
        "left": sum(manifest.drops.values()),
    }


if __name__ == "__main__":
    main()
