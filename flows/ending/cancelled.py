"""What is done after a flow run's process has ended before its time: nothing of it is left behind.

Prefect gives a cancelled run thirty seconds. These hooks run in the process that had started it,
wait for a job that is still leaving its checkpoint, end what is left, and write down that it ended.
"""

from __future__ import annotations

from typing import Any

from flows.doctor.unended import abort_run
from flows.ending.kin import sweep
from flows.errors import Refused
from pipeline.errors import PipelineError
from pipeline.store import Store
from schemas.runtime import Runtime


def sweep_up(flow: Any, flow_run: Any, state: Any) -> None:  # Prefect names them
    """End what is left of a flow run that was cancelled or has crashed."""
    runtime = runtime_of(flow_run.parameters)
    killed = sweep(str(flow_run.id), runtime.stop_seconds)
    for each in killed:
        print(f"Ended, since the run {flow_run.name} is over: {each}", flush=True)
    abort_run(Store.seen_at(runtime.store), str(flow_run.id))


def runtime_of(parameters: dict[str, Any]) -> Runtime:
    """Where and how the recipe of a form runs; the defaults where it cannot be read any more."""
    from flows.door.served import recipe_named

    order = parameters.get("order", {})
    name = order.get("recipe", "") if isinstance(order, dict) else order.recipe
    try:
        return recipe_named(str(name)).runtime
    except (PipelineError, Refused):
        return Runtime()
