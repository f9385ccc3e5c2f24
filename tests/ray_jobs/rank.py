"""One of two workers that train on this machine without Ray: `rank.py FOLDER RANK`.

It trains until it is stopped, goes on from there, and trains the same without a stop; and writes
down, for each, how it ended and a hash of the weights.
"""

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

from torch import distributed as dist
from torch import nn

from flows.ending.leaving import leave
from ray_jobs.environment import Environment
from ray_jobs.run_folder import STOP
from ray_jobs.train_loop import train
from schemas.jobs import Resources
from tests.ray_jobs.tiny import job, random_rows

STEPS, ASKED_IN = 30, 7


class Interrupted:
    """Rows; while a step learns from them, somebody writes the stop file."""

    def __init__(self, rows, stop):
        self._rows, self._stop, self._step = rows, stop, 0

    def __getattr__(self, name):
        return getattr(self._rows, name)

    def __len__(self):
        return len(self._rows)

    def batch(self, rows):
        self._step += 1
        if self._step == ASKED_IN:
            self._stop.touch()
        return self._rows.batch(rows)


def trained(rows, environment):
    network, result = train(job(steps=STEPS), rows, environment)
    weights = nn.utils.parameters_to_vector(network.parameters()).detach().numpy()
    told = {"outcome": result.outcome, "step": result.step}
    return told | {"weights": hashlib.sha256(weights.tobytes()).hexdigest()}


def main(folder, rank):
    meet = f"file://{folder}/meet"
    dist.init_process_group("gloo", init_method=meet, rank=rank, world_size=2)
    resources = Resources(precision="float32", threads=1, log_every=100, checkpoint_every=100)
    place = Environment(folder / "stopped", resources, rank=rank, world_size=2)
    rows, stop = random_rows(), place.run / STOP
    told = [trained(Interrupted(rows, stop) if rank else rows, place)]
    dist.barrier()
    stop.unlink(missing_ok=True)
    dist.barrier()
    told += [trained(rows, place), trained(rows, replace(place, run=folder / "straight"))]
    (folder / f"rank-{rank}.json").write_text(json.dumps(told))
    dist.barrier()
    # A thread of gloo's that wakes while Python takes itself apart would abort the process.
    leave(dist.destroy_process_group)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
