"""A driver that has units and a model made on a cluster: `from tests.ray_jobs.far import main`.

Its arguments are a folder to work in, a place for a store, and the address of a Ray, or `local`. It
prints what came out, as JSON.
"""

import hashlib
import json
import sys
import time
from contextlib import closing
from pathlib import Path

from pipeline.store import Store
from ray_jobs import launch
from ray_jobs.map_shards import RayMap
from schemas.jobs import PretrainOrder, Resources
from schemas.runtime import Runtime
from tests.pipeline.toy import Judge, Source
from tests.ray_jobs.tiny import job, write_rows, write_tokenizer
from tests.support import runner

SECONDS = 60


class SaysWhere(Judge):
    """Leaves the name of the network on which each shard of it is made, and waits for others."""

    marks: str
    networks: int  # on which shards of it are to be made

    def make(self, work):
        network = Path("/proc/self/ns/net").readlink()
        Path(self.marks, work.unit.shards[0]).write_text(str(network))
        until = time.monotonic() + SECONDS
        while len(marked(self.marks)) < self.networks and time.monotonic() < until:
            time.sleep(0.1)
        super().make(work)


def marked(folder):
    return sorted({path.read_text() for path in Path(folder).iterdir()})


def digests(folder, place, executor, networks):
    marks = folder / "marks"
    marks.mkdir()
    store = Store.at(place)
    make = runner(store, executor=executor, runtime=Runtime(store=store.uri, workers=2))
    with closing(executor):
        made = make(SaysWhere(marks=str(marks), networks=networks), words=make(Source()))
    return made.manifest.digests, marked(marks)


def order(folder, address):
    rows, _ = write_rows(folder, write_tokenizer(folder / "tokenizer.json"))
    return PretrainOrder(
        job=job(steps=20, peak_lr=3e-4, muon_lr=3e-4),
        resources=Resources(workers=2, threads=1, precision="float32", address=address),
        rows=(rows,),
        tokenizer=str(folder / "tokenizer.json"),
        output=str(folder / "model"),
        run=str(folder / "run"),
    )


def main():
    folder, place, address = Path(sys.argv[1]), *sys.argv[2:]
    folder.mkdir()
    found, networks = digests(folder, place, RayMap(2, address), 1 if address == "local" else 2)
    launch.pretrain(order(folder, address))
    weights = Path(folder, "model/model.safetensors").read_bytes()
    told = {"digests": found, "networks": networks, "model": hashlib.sha256(weights).hexdigest()}
    sys.stdout.write(json.dumps(told) + "\n")
