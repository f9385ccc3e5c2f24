"""What a person fills in to start a run from Prefect's page: flat, bounded, explained.

The server refuses what these types can say, and names the field; what needs a look at the store
or the machine is checked first thing in the flow (flows/door/sessions.py). Unknown fields are
refused. The page shows titles and descriptions as they are, and no bounds: descriptions say them.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from flows.door.presets import Preset
from flows.door.served import served
from schemas.record import Record

REFERENCE = r"^(latest|\d{4}-\d{2}-\d{2}\.\d+|[0-9a-f]{6,64}(~\d+)?)$"
WINDOW = r"^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)?$"
REFERENCE_TOLD = (
    "latest, a label such as 2026-11-22.1, or the first six or more characters of a key"
)

# What is made, of what, how; then who wants it, and why. The page sorts by `position`: a field that
# a subclass adds would come last, and Postgres forgets the order of what is in a schema.
ORDER = (
    "recipe",
    "window",
    "corpus",
    "model",
    "steps",
    "tokens",
    "workers",
    "gpus",
    "seed",
    "requested_by",
    "reason",
    "dry_run",
)


def _in_order(schema: dict[str, Any]) -> None:
    for name, field in schema["properties"].items():
        field["position"] = ORDER.index(name)


def _served_names(schema: dict[str, Any]) -> None:
    names = sorted(served())
    if names:
        schema["enum"] = names


RecipeName = Annotated[
    str,
    Field(title="Recipe", description="whose corpus it is", json_schema_extra=_served_names),
]
WindowText = Annotated[
    str,
    Field(
        title="Window",
        pattern=WINDOW,
        description="the moment that the corpus is of, as 2026-11-22T00:00:00Z; empty: the start "
        "that this run was scheduled for",
    ),
]
ModelPreset = Annotated[
    Preset,
    Field(title="Model", description="a size of decoder, or recipe: the recipe's own"),
]
Steps = Annotated[
    int,
    Field(
        title="Steps",
        ge=0,
        le=10_000_000,
        description="of training, at most 10,000,000; 0: the recipe's, or as Tokens says",
    ),
]
Tokens = Annotated[
    int,
    Field(
        title="Tokens",
        ge=0,
        le=10**13,
        description="to learn from, in place of Steps, at most 10,000,000,000,000; "
        "0: as Steps says",
    ),
]
Workers = Annotated[
    int,
    Field(
        title="Workers",
        ge=1,
        le=1024,
        description="processes that train side by side, 1 to 1,024; each needs a CPU core",
    ),
]
Gpus = Annotated[
    int,
    Field(title="GPUs", ge=0, le=1, description="of each worker: 1, or 0 to work on CPUs"),
]
Seed = Annotated[
    int,
    Field(
        title="Seed",
        ge=-1,
        le=2**31 - 1,
        description="of the first weights, at most 2,147,483,647; -1: the recipe's",
    ),
]


class Form(Record):
    """What every form asks: which recipe, who, and why."""

    model_config = ConfigDict(json_schema_extra=_in_order)

    recipe: RecipeName
    requested_by: str = Field(
        title="Requested by",
        min_length=2,
        max_length=100,
        pattern=r"\S.*\S",
        description="your name, of two letters or more; it is written down with what comes out",
    )
    reason: str = Field(
        title="Reason",
        min_length=8,
        max_length=2000,
        pattern=r"\S.*\S",
        description="why, in eight letters or more; it is written down as well",
    )
    dry_run: bool = Field(
        default=False, title="Dry run", description="check and plan, and make nothing"
    )


class RefreshForm(Form):
    """Look at a recipe's sources again, and make its corpus."""

    window: WindowText = ""


class EvaluateForm(Form):
    """Score a model that is there."""

    model: str = Field(
        default="latest",
        title="Model",
        pattern=REFERENCE,
        description=REFERENCE_TOLD,
    )
    gpus: Gpus = 0


class Training(Form):
    """How a model is trained."""

    model: ModelPreset = "recipe"
    steps: Steps = 0
    tokens: Tokens = 0
    workers: Workers = 1
    gpus: Gpus = 0
    seed: Seed = -1


class TrainForm(Training):
    """Train a model on a version of the corpus that is there, and score it."""

    corpus: str = Field(
        default="latest",
        title="Corpus",
        pattern=REFERENCE,
        description=REFERENCE_TOLD,
    )


class RefreshAndTrainForm(Training):
    """Refresh the corpus, and train on what comes out, if it passes the gates."""

    window: WindowText = ""
