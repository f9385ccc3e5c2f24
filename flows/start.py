"""Starting the flows of a session: here, or under Prefect."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from flows.last_words import say_stopped
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
        with _leaving_in_time(prefect_flows.end_own_server):
            for flow in session.flows():
                prefect_flows.FLOWS[flow](recipe, asked.model_dump(mode="json"), runtime)
    finally:
        prefect_flows.watching.pop()
    runner: Runner = prefect_flows.finished[-1]
    return runner


@contextmanager
def _leaving_in_time(last: Callable[[], None]) -> Iterator[None]:
    """At Ctrl-C and SIGTERM, end this process in seconds, though Prefect would go on.

    Ctrl-C in a terminal ends Prefect's own server too, and Prefect would tell it of the end, and
    wait for it at its exit, in vain for minutes. Workers and jobs end when this process does.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def end(number: int, frame: FrameType | None) -> None:
        timer = threading.Timer(LEAVE_SECONDS, _leave, (number, last))
        timer.daemon = True
        timer.start()
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number, handler in before.items():
        if callable(handler):  # one that is ignored stays so
            signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(number: int, last: Callable[[], None]) -> None:
    last()
    say_stopped(number)
    sys.stdout.flush()
    os._exit(128 + number)
