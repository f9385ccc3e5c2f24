"""What a further node of a Ray cluster is worth: the same recipe on clusters of 1, 2 and 4 nodes.

    python -m tests.benchmarks.ray_nodes [--nodes 1,2,4] [--documents 16000] [--shards 32]
        [--runs 3] [--store folder|s3]

The nodes are raylets of this machine, of one CPU each, beside a head that makes nothing; the driver
is this process. Documents are pieces of books of 1 kB (see growth), from pages to tokens; each size
makes a small corpus first, so that its workers are there and have read our code, then the one that
is timed. Digests equal those of one process, or it fails. A `folder` is no store for several
machines and refused as one; here it is lifted, since these nodes do see one disk. `s3` is moto's
server, which answers one request at a time and takes processor time of its own.

The machine has to have a core for each node and one for the driver, or wall seconds say less than
they would of a real cluster. So processor seconds are told by what they were for: `parallel`, the
nodes in stages of several units; `single`, stages of one unit, which no further node makes faster;
`driver`, handing units out, planning and committing; `head`, Ray's control store; `more/node`, what
all this takes beyond the work of one process; `start/node`, until the small corpus is there;
`idle/node`, of a node that waits, CPU seconds a second. The speed-up that follows where each node
has a core is (single + driver + parallel) / (single + driver + parallel / nodes). JSON is
build/ray_nodes.json.
"""

import argparse
import contextlib
import json
import logging
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import ray
from ray.cluster_utils import Cluster

from flows.model import model
from flows.recipe import read_recipe
from pipeline.run.choose import Wishes
from pipeline.run.executors import InProcess
from pipeline.run.made import Tracer
from pipeline.run.runner import Runner
from pipeline.store import Store
from ray_jobs.map_shards import RayMap
from ray_jobs.ray_token import keep_token_private
from schemas.runtime import Runtime
from tests.benchmarks.data_path import ROOT, output, processor, say
from tests.benchmarks.growth import write_corpus
from tests.benchmarks.node_costs import Stages, cpu_of_node
from tests.object_store import CREDENTIALS, new_bucket, s3_server
from tests.support import Silent

OUT = ROOT / "build/ray_nodes.json"
SMALL = {"num_cpus": 1, "object_store_memory": 80 * 2**20}
WINDOW = "2026-01-01T00:00:00Z"
IDLE_SECONDS = 10
WARM = 20  # documents in a shard of the small corpus
PREDICTED = (2, 4, 8, 16, 64)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", default="1,2,4")
    parser.add_argument("--documents", type=int, default=16_000)
    parser.add_argument("--shards", type=int, default=32)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--store", choices=("folder", "s3"), default="folder")
    given = parser.parse_args()
    sizes = [int(each) for each in given.nodes.split(",")]
    with tempfile.TemporaryDirectory() as folder, places(given.store, Path(folder)) as place:
        corpora = {
            "small": Corpus(Path(folder, "small"), given.shards * WARM, WARM),
            "timed": Corpus(
                Path(folder, "timed"), given.documents, given.documents // given.shards
            ),
        }
        alone(corpora["small"], place)  # numba compiles what it has not yet
        runs = {"alone": [], **{size: [] for size in sizes}}
        for _ in range(given.runs):
            runs["alone"].append(alone(corpora["timed"], place))
            for size in sizes:
                runs[size].append(on_cluster(size, corpora, place))
                assert runs[size][-1].pop("digests") == runs["alone"][-1]["digests"]
            runs["alone"][-1].pop("digests")
    told = {
        "commit": output("git", "rev-parse", "HEAD"),
        "machine": {"processor": processor(), "cores": os.cpu_count(), "load": os.getloadavg()[0]},
        "asked": vars(given),
        "work_cpu_seconds": round(median(runs["alone"], "cpu_seconds"), 2),
        "nodes": {size: row(runs, size) for size in sizes},
        "stages": runs[sizes[0]][-1]["stages"],
        "predicted": predicted(row(runs, sizes[0])),
        "runs": runs,
    }
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(told, indent=1))
    for line in table(told):
        sys.stdout.write(line + "\n")


class Corpus:
    """A recipe, its documents, and how many of them make a shard."""

    def __init__(self, folder, documents, shard):
        self.shard = shard
        self.recipe = read_recipe(write_corpus(folder, documents))

    def make(self, executor, place, runner, nodes=()):
        """All stages to tokens into a new store; gives what each took, and its digests."""
        runtime = Runtime(store=place, runner=runner, shard_documents=self.shard)
        tracer, stages = Tracer(), Stages(nodes)
        model(self.recipe, tracer)
        made = Runner(
            Store.at(place),
            runtime,
            Wishes(recipe=self.recipe.name, window=WINDOW),
            executor,
            Silent(),
            wanted=tracer.needed_for("tokens"),
            around=stages.around,
        )
        with contextlib.closing(made), stages:
            model(self.recipe, made)
        digests = {
            name: dict(made.store.open(stage.ref).digests) for name, stage in made.stages.items()
        }
        return stages, digests


class OneMachine(RayMap):
    """Units on nodes that all see the folders of one machine: those of a store, and our code.

    Ray would unpack our code once for each node into the one folder that they share here, and take
    it away from under the workers that the others have already.
    """

    def _connect(self, store):
        ray.init(
            address=self._address,
            logging_level=logging.ERROR,
            runtime_env={"env_vars": {"PYTHONPATH": str(ROOT)}},
        )


def alone(corpus, place):
    """The work in one process, without Ray."""
    stages, digests = corpus.make(InProcess(), place(), "process")
    return {"cpu_seconds": stages.here, "wall_seconds": stages.wall, "digests": digests}


def on_cluster(size, corpora, place):
    """One run on a new cluster."""
    keep_token_private()
    cluster = Cluster(initialize_head=True, head_node_args={**SMALL, "num_cpus": 0})
    try:
        nodes = [cluster.add_node(**SMALL) for _ in range(size)]
        with contextlib.closing(OneMachine(size, cluster.address)) as units:
            corpora["small"].make(units, place(), "ray")
            start = sum(map(cpu_of_node, nodes)) / size
            time.sleep(IDLE_SECONDS)
            idle = (sum(map(cpu_of_node, nodes)) / size - start) / IDLE_SECONDS
            head = cpu_of_node(cluster.head_node)
            stages, digests = corpora["timed"].make(units, place(), "ray", nodes)
            head = cpu_of_node(cluster.head_node) - head
    finally:
        cluster.shutdown()
    told = {
        **stages.told(),
        "head": head,
        "cpu_seconds": stages.here + stages.there + head,
        "start": start,
        "idle": idle,
    }
    say({"nodes": size, **{name: each for name, each in told.items() if name != "stages"}})
    return {**told, "digests": digests}


@contextlib.contextmanager
def places(kind, folder):
    """Gives a function that gives a new place for a store."""
    if kind == "folder":
        yield lambda: Path(tempfile.mkdtemp(dir=folder), "store").as_uri()
        return
    with s3_server() as endpoint:
        os.environ |= {**CREDENTIALS, "AWS_ENDPOINT_URL": endpoint, "AWS_ALLOW_HTTP": "true"}
        yield lambda: new_bucket(endpoint)


def row(runs, size):
    """Medians of a size, beside those of the first size and of one process without Ray."""
    names = ("wall_seconds", "cpu_seconds", "parallel", "single", "driver", "head", "start", "idle")
    found = {name: round(median(runs[size], name), 2) for name in names}
    first = median(runs[next(each for each in runs if each != "alone")], "wall_seconds")
    work, units = median(runs["alone"], "cpu_seconds"), runs[size][0]["units"]
    return {
        **found,
        "speed_up": round(first / found["wall_seconds"], 2),
        "units": units,
        "units_per_second": round(units / found["wall_seconds"], 1),
        "more_cpu_seconds_per_node": round((found["cpu_seconds"] - work) / size, 2),
        "driver_milliseconds_per_unit": round(1e3 * found["driver"] / units, 2),
    }


def predicted(figures):
    """Nodes -> how many times as fast as one, if each has a core; from the parts on one node."""
    serial, parallel = figures["single"] + figures["driver"], figures["parallel"]
    return {n: round((serial + parallel) / (serial + parallel / n), 2) for n in PREDICTED}


def median(runs, name):
    return statistics.median(run[name] for run in runs)


def table(told):
    """Lines for people."""
    columns = {
        "wall_seconds": "wall s",
        "speed_up": "speed-up",
        "units_per_second": "units/s",
        "cpu_seconds": "CPU s",
        "parallel": "parallel",
        "single": "single",
        "driver": "driver",
        "head": "head",
        "more_cpu_seconds_per_node": "more/node",
        "start": "start/node",
        "idle": "idle/node",
    }
    yield "nodes " + " ".join(f"{name:>10}" for name in columns.values())
    for size, figures in told["nodes"].items():
        yield f"{size:5} " + " ".join(f"{figures[name]:10.2f}" for name in columns)
    one, machine = next(iter(told["nodes"].values())), told["machine"]
    yield (
        f"{one['units']} units; in one process, without Ray, {told['work_cpu_seconds']} CPU s; "
        f"{machine['cores']} cores, load {machine['load']:.1f}; "
        f"the driver takes {one['driver_milliseconds_per_unit']} ms of CPU a unit"
    )
    foretold = ", ".join(f"{nodes}: {times}" for nodes, times in told["predicted"].items())
    yield f"with a core for each node, from the parts on the first: {foretold}"
    yield f"{'stage':20} {'units':>5} {'wall s':>8} {'nodes CPU':>10} {'driver CPU':>10}"
    for stage, each in told["stages"].items():
        yield (
            f"{stage:20} {each['units']:5} {each['wall_seconds']:8.2f} "
            f"{each['node_cpu_seconds']:10.2f} {each['driver_cpu_seconds']:10.2f}"
        )


if __name__ == "__main__":
    main()
