"""What it costs a step that all workers stop together: `python -m tests.benchmarks.stop_flag`.

Two workers train the demonstration's model on this machine, one thread each, in turns of some
steps: nobody listens for a stop; the first one looks, and tells the others with the gradients (as
we do, ray_jobs/stop_flag.py); or tells them by a message of its own after each step.
"""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import torch
from torch import distributed as dist
from torch import multiprocessing, nn

from ray_jobs.environment import Environment
from ray_jobs.models.model import Model
from ray_jobs.train_loop import TrainingRun
from schemas.jobs import PretrainJob, Resources
from tests.ray_jobs.tiny import VOCABULARY, random_rows

WORKERS, TURNS, STEPS = 2, 15, 2
CONTEXT = 256
MODEL = {"kind": "decoder", "layers": 4, "width": 128, "hidden": 384, "heads": 4, "key_heads": 4}


class Deaf(nn.Module):
    """A network, where nobody can say stop."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, *inputs):
        return self.network(*inputs)

    def lower(self):
        pass

    def beside(self, loss, *, stop):
        return loss


def training(way, folder, rank):
    """A run under way, and what makes one step of it."""
    resources = Resources(precision="float32", threads=1)
    place = Environment(folder / way, resources, rank=rank, world_size=WORKERS)
    place.prepare()
    job = PretrainJob(model=MODEL, rows_per_step=16, steps=10_000)
    network = Model.parse(MODEL).build(vocabulary=VOCABULARY, context=CONTEXT)
    run = TrainingRun(job, random_rows(count=64, length=CONTEXT + 1), place, network)
    if way != "flag":
        run.flagged = Deaf(network)
        run.wrapped = place.wrap(run.flagged)

    def step():
        run.learn()
        run.step += 1
        if way == "flag":
            run.all_stop(told=False)
        elif way == "message":
            place.all_sum(torch.tensor(float(place.stop_asked()))).item()

    return step


def worker(rank, folder):
    meet = f"file://{folder}/meet"
    dist.init_process_group("gloo", init_method=meet, rank=rank, world_size=WORKERS)
    ways = {way: training(way, Path(folder), rank) for way in ("none", "flag", "message")}
    took = {way: [] for way in ways}
    for turn in range(TURNS + 1):
        for way, step in ways.items():
            dist.barrier()
            began = time.perf_counter()
            for _ in range(STEPS):
                step()
            if turn:  # the first one warms up
                took[way].append((time.perf_counter() - began) / STEPS * 1000)
    dist.destroy_process_group()
    if rank:
        return
    told = {"workers": WORKERS, "turns": TURNS, "steps_a_turn": STEPS}
    for way, times in took.items():
        ratios = [mine / bare for mine, bare in zip(times, took["none"], strict=True)]
        told[way] = {
            "milliseconds": round(statistics.median(times), 2),
            "beside_none": round(statistics.median(ratios), 4),
        }
    sys.stdout.write(json.dumps(told) + "\n")


def main():
    with tempfile.TemporaryDirectory() as folder:
        multiprocessing.spawn(worker, (folder,), nprocs=WORKERS)


if __name__ == "__main__":
    main()
