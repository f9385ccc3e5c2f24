"""What a training run is expected to take: tokens, hours and money, said before anybody pays."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from pydantic import Field

from pipeline.run.history import History
from pipeline.versions.key import KeyParts
from ray_jobs.models.decoder import Decoder
from ray_jobs.models.model import Model
from ray_jobs.stages import METRICS
from schemas.record import Record

if TYPE_CHECKING:
    from flows.recipe import Recipe
    from pipeline.store import Store

# A token costs about 6 operations per weight, forward and backward (Kaplan et al., 2020,
# arXiv:2001.08361). What a worker does of them a second is assumed, until a run has been measured:
# half of what two cores of a laptop, or one accelerator of 2022 in bfloat16, give in a loop.
OPERATIONS_PER_WEIGHT = 6
CPU_OPERATIONS = 5e10
GPU_OPERATIONS = 1e14
BYTES_PER_WEIGHT = 16  # weight, gradient, and two moments, in float32


class Cost(Record):
    """What an hour of training costs, and from where on somebody has to agree."""

    price_per_hour: float = Field(default=0.0, ge=0, description="of one worker, with its GPU")
    currency: str = Field(default="EUR", pattern=r"^[A-Z]{3}$", description="ISO 4217")
    ask_above: float | None = Field(
        default=None, ge=0, description="a dearer run waits for somebody's approval; never unset"
    )
    approve_within_hours: float = Field(
        default=24.0, gt=0, le=720, description="a run that nobody approves in that time ends"
    )


class Estimate(Record):
    """What one training run is expected to take."""

    tokens: int
    weights: int
    tokens_per_second: float  # of all workers
    basis: str  # where that figure comes from
    hours: float
    workers: int
    gpus: int  # of each worker
    cost: float
    currency: str
    ask_above: float | None
    memory_bytes: int  # of weights and their training, on each worker

    @property
    def asks(self) -> bool:
        """Whether somebody has to approve it."""
        return self.ask_above is not None and self.cost > self.ask_above

    def markdown(self) -> str:
        """For people, before they agree."""
        threshold = "never asks" if self.ask_above is None else f"{self.ask_above:,.2f}"
        rows = (
            ("tokens", f"{self.tokens:,}"),
            ("weights", f"{self.weights:,}"),
            ("workers", f"{self.workers}" + (f", {self.gpus} GPU each" if self.gpus else ", CPU")),
            ("tokens a second", f"{self.tokens_per_second:,.0f} ({self.basis})"),
            ("hours", f"{self.hours:,.2f}"),
            ("cost", f"{self.cost:,.2f} {self.currency}"),
            ("asks for approval above", threshold),
        )
        lines = "\n".join(f"| {name} | {value} |" for name, value in rows)
        return f"| expected | |\n|---|---|\n{lines}\n"


def estimate(recipe: Recipe, store: Store, *, workers: int, gpus: int) -> Estimate:
    """What training a recipe's model is expected to take.

    Args:
        recipe: with the model and the steps of this run.
        store: where earlier runs have left their speed.
        workers: of this run.
        gpus: of each worker; a measured speed is taken where the recipe trains on the same kind.
    """
    job, cost = recipe.model, recipe.cost
    tokens = job.steps * job.rows_per_step * recipe.tokens.context
    weights = weights_of(dict(job.model), recipe.tokenizer.vocabulary)
    alike = bool(gpus) == bool(recipe.runtime.train_gpus)
    measured = _measured(recipe, store) if alike else None
    if measured:
        operations, basis = measured
    else:
        operations = GPU_OPERATIONS if gpus else CPU_OPERATIONS
        basis = f"assumed: {operations:.0e} operations a second on each worker"
    speed = operations * workers / (OPERATIONS_PER_WEIGHT * weights)
    hours = tokens / speed / 3600
    return Estimate(
        tokens=tokens,
        weights=weights,
        tokens_per_second=round(speed, 1),
        basis=basis,
        hours=round(hours, 4),
        workers=workers,
        gpus=gpus,
        cost=round(hours * workers * cost.price_per_hour, 2),
        currency=cost.currency,
        ask_above=cost.ask_above,
        memory_bytes=weights * BYTES_PER_WEIGHT,
    )


def weights_of(settings: dict[str, Any], vocabulary: int) -> int:
    """How many numbers a decoder learns; another model is taken for one of its default sizes."""
    model = Model.parse(settings)
    decoder = model if isinstance(model, Decoder) else Decoder()
    head = decoder.width // decoder.heads
    attention = decoder.width * head * (2 * decoder.heads + 2 * decoder.key_heads)
    layer = attention + 3 * decoder.width * decoder.hidden + 2 * decoder.width
    embeddings = vocabulary * decoder.width * (1 if decoder.tied else 2)
    return embeddings + decoder.layers * layer + decoder.width


def steps_for(tokens: int, recipe: Recipe) -> int:
    """The steps that learn from at least so many tokens."""
    return math.ceil(tokens / (recipe.model.rows_per_step * recipe.tokens.context))


def _measured(recipe: Recipe, store: Store) -> tuple[float, str] | None:
    """The operations a second of the newest run with a model, and which that was."""
    manifest = History(store, recipe.name).previous("model")
    if manifest is None or not store.intact(manifest):
        return None
    receipt = store.receipt(manifest.shards[0])
    if receipt is None:
        return None
    with store.open_file(receipt, METRICS) as lines:
        speeds = [json.loads(line).get("tokens_per_second") for line in lines]
    speeds = sorted(speed for speed in speeds if speed)
    if not speeds:
        return None
    config: Any = KeyParts.from_json(manifest.parts).config
    weights = weights_of(config.get("model", {"kind": "decoder"}), recipe.tokenizer.vocabulary)
    median = speeds[len(speeds) // 2]
    return median * OPERATIONS_PER_WEIGHT * weights, f"as measured of {manifest.ref}"
