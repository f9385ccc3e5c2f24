"""What it costs two workers to agree on a stop at each step: `-m tests.benchmarks.stop_flag`.

Three runs of the same job take turns, some steps at a time, so that a busy machine is busy for all
of them: without any agreement, with the flag that goes with the gradients (ray_jobs.stop_flag), and
with a message of its own. Prints the medians in microseconds a step.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from torch import distributed as dist

from ray_jobs.environment import Environment
from ray_jobs.models.model import Model
from ray_jobs.train_loop import TrainingRun
from schemas.jobs import Resources
from tests.ray_jobs.tiny import job, random_rows

ROOT = Path(__file__).parents[2]
TURNS, STEPS = 60, 5
WIDE = {"kind": "decoder", "width": 128, "layers": 4, "heads": 4, "key_heads": 2, "hidden": 256}


class Silent(TrainingRun):
    """Its workers do not agree on anything but the gradients."""

    def __init__(self, *given):
        super().__init__(*given)
        self.wrapped = self.environment.wrap(self.network)
        self.flagged.beside = lambda loss, stop: loss

    def all_stop(self, *, told):
        return False


class Asking(Silent):
    """Its workers ask each other after each step."""

    def all_stop(self, *, told):
        return bool(self.environment.all_sum(torch.zeros(())).item())


def main(folder, rank):
    meet = f"file://{folder}/meet"
    dist.init_process_group("gloo", init_method=meet, rank=rank, world_size=2)
    plan, rows = job(steps=10**6, model=WIDE), random_rows()
    runs = {}
    for kind in (Silent, TrainingRun, Asking):
        resources = Resources(precision="float32", threads=1)
        place = Environment(folder / kind.__name__, resources, rank=rank, world_size=2)
        network = Model.parse(plan.model).build(vocabulary=rows.vocabulary, context=rows.context)
        runs[kind] = kind(plan, rows, place, network)
    spent = {kind: [] for kind in runs}
    for _ in range(TURNS):
        for kind, run in runs.items():
            dist.barrier()
            began = time.perf_counter()
            for _ in range(STEPS):
                run.learn()
                run.step += 1
                run.all_stop(told=False)
            spent[kind].append((time.perf_counter() - began) / STEPS * 1e6)
    if rank == 0:
        told = {"step_microseconds": round(statistics.median(spent[Silent]), 1)}
        for kind, name in ((TrainingRun, "with_the_gradients"), (Asking, "its_own_message")):
            pairs = zip(spent[kind], spent[Silent], strict=True)
            told[f"{name}_more"] = round(statistics.median(a - b for a, b in pairs), 1)
        sys.stdout.write(json.dumps(told) + "\n")
    dist.destroy_process_group()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "tests.benchmarks.stop_flag", folder]
            workers = [subprocess.Popen([*command, rank], cwd=ROOT) for rank in "01"]
            sys.exit(max(worker.wait() for worker in workers))
