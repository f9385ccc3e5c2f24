"""At which steps of a training run a document was seen."""

from __future__ import annotations

import numpy as np

from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.story import Training
from pipeline.versions.key import KeyParts
from ray_jobs.stages import Pretrain
from ray_jobs.token_loader import epoch_order
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
