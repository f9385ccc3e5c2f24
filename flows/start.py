"""Starting the flows of a session: here, or under Prefect."""

from __future__ import annotations

import importlib
import os
import sys
import threading

from flows.session import Session
from pipeline.run.runner import Listener, Runner

LEAVE_SECONDS = 5.0  # for Prefect to note that a run was ended


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
        for flow in session.flows():
            prefect_flows.FLOWS[flow](recipe, asked.model_dump(mode="json"), runtime)
    except (KeyboardInterrupt, SystemExit) as end:
        _leave_soon(end)
        raise
    finally:
        prefect_flows.watching.pop()
    runner: Runner = prefect_flows.finished[-1]
    return runner


def _leave_soon(end: KeyboardInterrupt | SystemExit) -> None:
    """End this process though Prefect waits at its exit for its own server.

    Ctrl-C in a terminal ends that server too, and Prefect would ask it in vain for minutes.
    """
    code = end.code if isinstance(end, SystemExit) and isinstance(end.code, int) else 130

    def leave() -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

    timer = threading.Timer(LEAVE_SECONDS, leave)
    timer.daemon = True
    timer.start()
