"""The deployments of a recipe: four flows that Prefect's page can start, and the schedule of one.

`penstock serve` runs them in processes of its own; infra/prefect.yaml gives the same to a work
pool. One run of each at a time: another is cancelled, since the store would have what it makes. A
backlog after an outage runs once (flows/door/backlog.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flows.door import deployed  # first: it sets what Prefect reads at its import

# isort: split
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.flows import Flow
from prefect.schedules import Cron, Schedule
from prefect.types.entrypoint import EntrypointType

from flows.door.served import serving
from flows.recipe import Recipe, read_recipe

FLOWS: dict[str, Flow[Any, Any]] = {
    each.name: each
    for each in (
        deployed.refresh,
        deployed.train,
        deployed.evaluate,
        deployed.refresh_and_train,
    )
}
TAG = "penstock"
SCHEDULE = "schedule"  # who asks for a run that nobody asks for
LIMIT = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)


def deployments_of(paths: Sequence[Path]) -> list[RunnerDeployment]:
    """`refresh/NAME`, `train/NAME`, ... for each recipe, NAME being the recipe's.

    Raises:
        BadRecipe: a recipe cannot be used.
    """
    return [
        _deployment(flow, recipe, path)
        for path in paths
        for recipe in (read_recipe(path),)
        for flow in FLOWS.values()
    ]


def _deployment(flow: Flow[Any, Any], recipe: Recipe, path: Path) -> RunnerDeployment:
    with serving([path]):  # the form's choice of recipes is what is served when it is built
        built = flow.with_options()
    return RunnerDeployment.from_flow(
        built,
        recipe.name,
        parameters={"order": {"recipe": recipe.name}},
        schedules=_schedules(recipe) if flow is deployed.refresh else None,
        concurrency_limit=LIMIT,
        paused=False,
        tags=[TAG],
        description=flow.description,
        enforce_parameter_schema=True,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def _schedules(recipe: Recipe) -> list[Schedule]:
    when = recipe.schedule
    if when is None:
        return []
    order = {
        "recipe": recipe.name,
        "requested_by": SCHEDULE,
        "reason": f"the schedule {when.cron} {when.timezone}",
    }
    return [Cron(when.cron, timezone=when.timezone, parameters={"order": order}, slug="refresh")]
