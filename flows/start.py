"""Starting the flows of a session: here, or under Prefect."""

from __future__ import annotations

import importlib
import os

from flows.ending.leaving import leaving_in_time
from flows.session import Session
from pipeline.run.runner import Listener, Runner


def run_here(session: Session, listener: Listener) -> Runner:
    """Carry out the whole DAG in this process, without Prefect."""
    runner = session.run_flow(session.flows()[-1], listener)
    session.write_down(runner)
    return runner


def run_under_prefect(session: Session, listener: Listener) -> Runner:
    """Carry out the flows under Prefect: its server where PREFECT_API_URL names one."""
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")  # we tell it
    prefect_flows = importlib.import_module("flows.prefect_flows")
    recipe = session.recipe.model_dump(mode="json", exclude_defaults=True)
    asked = session.asked.model_copy(update={"window": session.wishes.window})
    runtime = session.runtime.model_dump(mode="json")
    prefect_flows.watching.append(listener)
    try:
        with leaving_in_time(prefect_flows.end_own_server):
            for flow in session.flows():
                prefect_flows.FLOWS[flow](recipe, asked.model_dump(mode="json"), runtime)
    finally:
        prefect_flows.watching.pop()
    runner: Runner = prefect_flows.finished[-1]
    return runner
