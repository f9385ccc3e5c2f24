"""At which steps of a training run a document was seen."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.story import Training
from pipeline.versions.key import KeyParts
from ray_jobs.stages import Pretrain
from ray_jobs.token_loader import epoch_order, splitmix
from schemas.artifact import Manifest

_MOST = 5


def steps_that_saw(trained: Training, versions: Ancestry) -> str:
    """`, at steps 3, 17, ...`, where the model is one of these versions; else nothing."""
    model = versions.get("model")
    if model is None or model.ref != trained.model:
        return ""
    steps = steps_of(trained, model)
    if not steps:
        return ", at no step: the run was shorter than one epoch"
    shown = ", ".join(str(step) for step in steps[:_MOST])
    return f", at steps {shown}" + (f" and {len(steps) - _MOST} more" if len(steps) > _MOST else "")


def steps_of(trained: Training, model: Manifest) -> list[int]:
    """Every step, from 0, in whose batch one of the rows was (ray_jobs/token_loader.py)."""
    job = Pretrain.model_validate(KeyParts.from_json(model.parts).config)
    rows = np.array(trained.rows)
    seen: set[int] = set()
    epochs = -(-job.steps * job.rows_per_step // trained.of_rows)
    for epoch in range(epochs):
        within = np.flatnonzero(np.isin(epoch_order(epoch, trained.of_rows, job.seed), rows))
        seen.update(((epoch * trained.of_rows + within) // job.rows_per_step).tolist())
    return sorted(step for step in seen if step < job.steps)


class Exposure(NamedTuple):
    """How often a training run saw some rows."""

    first: int | None  # step, from 0; None: never
    times: int  # a row and a step, counted once each
    steps: int  # of the whole run


def exposure(rows: npt.NDArray[np.int64], of_rows: int, model: Manifest) -> Exposure:
    """When a model first saw any of some rows, and how often in all (ray_jobs/token_loader.py).

    The order of an epoch is that of the rows' hashes, so a row's place is the number of smaller
    hashes: nothing is sorted, and ten million rows take half a second.
    """
    job = Pretrain.model_validate(KeyParts.from_json(model.parts).config)
    if not len(rows) or not of_rows:
        return Exposure(None, 0, job.steps)
    whole, rest = divmod(job.steps * job.rows_per_step, of_rows)
    first, times = None, whole * len(rows)
    for epoch in {0, whole}:
        hashes = epoch_hashes(epoch, of_rows, job.seed)
        mine = hashes[rows]
        if epoch == 0:
            place = int(np.count_nonzero(hashes < mine.min()))
            first = place // job.rows_per_step if whole or place < rest else None
        if epoch == whole and rest:
            times += int(np.count_nonzero(mine <= np.partition(hashes, rest - 1)[rest - 1]))
    return Exposure(first, times, job.steps)


def epoch_hashes(epoch: int, rows: int, seed: int) -> npt.NDArray[np.uint64]:
    """The hash of every row: `epoch_order` is their order. Different rows have different ones."""
    key = splitmix(np.uint64(seed) ^ splitmix(np.array([epoch], np.uint64)))
    return splitmix(np.arange(rows, dtype=np.uint64) ^ key)
