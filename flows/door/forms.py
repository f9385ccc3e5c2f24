"""What a person fills in to start a run from Prefect's page: flat, bounded, explained.

The server refuses what these types can say, and names the field; what needs a look at the store
or the machine is checked first thing in the flow (flows/door/sessions.py). Unknown fields are
refused.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from flows.door.presets import Preset
from flows.door.served import served
from schemas.record import Record

REFERENCE = r"^(latest|\d{4}-\d{2}-\d{2}\.\d+|[0-9a-f]{6,64}(~\d+)?)$"
WINDOW = r"^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)?$"


def _served_names(schema: dict[str, Any]) -> None:
    names = sorted(served())
    if names:
        schema["enum"] = names


RecipeName = Annotated[
    str,
    Field(title="Recipe", description="one that is served", json_schema_extra=_served_names),
]
WindowText = Annotated[
    str,
    Field(
        title="Window",
        pattern=WINDOW,
        description="2026-11-22T00:00:00Z; empty: the start that this run was scheduled for",
    ),
]
ModelPreset = Annotated[
    Preset,
    Field(title="Model", description="a size of the decoder; `recipe`: the recipe's own model"),
]
Steps = Annotated[
    int,
    Field(title="Steps", ge=0, le=10_000_000, description="0: the recipe's, or as tokens say"),
]
Tokens = Annotated[
    int,
    Field(
        title="Tokens",
        ge=0,
        le=10**13,
        description="to learn from, instead of steps; 0: as steps say",
    ),
]
Workers = Annotated[int, Field(title="Workers", ge=1, le=1024, description="ranks of the job")]
Gpus = Annotated[
    int,
    Field(title="GPUs", ge=0, le=1, description="of each worker: 1, or 0 to train on CPUs"),
]
Seed = Annotated[
    int, Field(title="Seed", ge=-1, le=2**31 - 1, description="of the weights; -1: the recipe's")
]


class Form(Record):
    """What every form asks: which recipe, who, and why."""

    recipe: RecipeName
    requested_by: str = Field(
        title="Requested by",
        min_length=2,
        max_length=100,
        pattern=r"\S.*\S",
        description="your name: it is written down with what comes out",
    )
    reason: str = Field(
        title="Reason",
        min_length=8,
        max_length=2000,
        pattern=r"\S.*\S",
        description="why: it is written down as well",
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
        description="`latest`, a label such as 2026-11-22.1, or the start of a key",
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
        description="`latest`, a label such as 2026-11-22.1, or the start of a key",
    )


class RefreshAndTrainForm(Training):
    """Refresh the corpus, and train on what comes out, if it passes the gates."""

    window: WindowText = ""
