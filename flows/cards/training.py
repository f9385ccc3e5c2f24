"""What a card says of a model: its training as it was logged, and its scores."""

from __future__ import annotations

import json

from flows.cards.counts import parameters
from pipeline.stage import Stage
from pipeline.store import Store
from ray_jobs.stages import METRICS, SCORES
from schemas.artifact import Manifest
from schemas.card import TrainingFacts
from schemas.jobs import Scores

CONFIG, WEIGHTS = "config.json", "model.safetensors"


def scores_of(store: Store, scores: Manifest | None) -> Scores | None:
    """The scores, where the model was scored."""
    return Scores.model_validate_json(_read(store, scores, SCORES)) if scores else None


def training_of(
    store: Store, model: Manifest | None, stage: Stage | None, scores: Scores | None
) -> TrainingFacts | None:
    """How a model was trained, or None where there is none."""
    if model is None:
        return None
    lines = [json.loads(line) for line in _read(store, model, METRICS).splitlines() if line]
    last = lines[-1] if lines else {}
    try:
        config = json.loads(_read(store, model, CONFIG))
    except ValueError:
        config = {}
    return TrainingFacts(
        settings=stage.model_dump(mode="json") if stage else model.parts.get("config", {}),
        parameters=parameters(store, model, WEIGHTS),
        config=config,
        steps=last.get("step"),
        tokens=last.get("tokens"),
        loss=last.get("loss"),
        model=scores.model if scores else None,
        bigram=scores.bigram if scores else None,
    )


def _read(store: Store, manifest: Manifest, name: str) -> bytes:
    return store.files.read(store.stored_file(manifest, name).path)
