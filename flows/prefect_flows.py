"""Where the DAG meets Prefect: one place, so that caching, names and results are decided once.

Prefect schedules and shows; the store is the truth. Its cache is off, its results are not kept.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "90")
os.environ.setdefault("PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW", "ignore")

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run
from prefect.utilities.annotations import quote

from flows.ending.at_work import at_work
from flows.ending.leaving import leaving_in_time
from flows.recipe import parse_recipe
from flows.results.words import counted
from flows.session import Asked, Session
from flows.shown.run_view import RunView
from pipeline.run.executors import Done
from pipeline.run.numba_cache import use_numba_cache
from pipeline.run.order import UnitOrder
from pipeline.run.runner import Execute, Listener, Runner
from schemas.artifact import Manifest
from schemas.runtime import Runtime

use_numba_cache()  # a work pool's worker starts a flow without `penstock`; numba comes later

GROUP = 256  # units in one task, at most: a task run costs Prefect's database about 20 kB

# A terminal that watches: set by the command line, which runs the flow in its own process.
watching: list[Listener] = []
finished: list[Runner] = []


@flow(name="corpus", flow_run_name="corpus {recipe[name]} {asked[window]}", persist_result=False)
def corpus_flow(recipe: dict[str, Any], asked: dict[str, Any], runtime: dict[str, Any]) -> str:
    """From the web to clean, unique documents (flows/corpus.py)."""
    return _run("corpus", recipe, asked, runtime)


@flow(name="model", flow_run_name="model {recipe[name]} {asked[window]}", persist_result=False)
def model_flow(recipe: dict[str, Any], asked: dict[str, Any], runtime: dict[str, Any]) -> str:
    """From a corpus to a trained model and its scores (flows/model.py)."""
    return _run("model", recipe, asked, runtime)


FLOWS: dict[str, Callable[..., str]] = {"corpus": corpus_flow, "model": model_flow}


@task(name="shards", task_run_name="{title}", cache_policy=NO_CACHE, persist_result=False)
def make_shards(title: str, make: Any) -> None:
    """Make the shards of one stage, or a group of them; safe to repeat."""
    make()


def _run(name: str, recipe: dict[str, Any], asked: dict[str, Any], runtime: dict[str, Any]) -> str:
    session = Session(
        parse_recipe(recipe, "the flow's recipe"),
        Asked.model_validate(asked),
        Runtime.model_validate(runtime),
    )
    runner = carried_out(session, name)
    last = list(runner.stages.values())[-1]
    return str(last.ref)


def carried_out(session: Session, name: str) -> Runner:
    """Make the stages of one DAG under the present flow run, and write down what came of it."""
    view = RunView(session, name, page=not watching)
    leaving = leaving_in_time(end_own_server) if watching else nullcontext()
    with at_work(session.store, str(flow_run.id or "")), view, leaving:
        runner = session.run_flow(name, Several([*watching, RunLog(), view]), as_tasks)
        session.write_down(runner, flow_run=str(flow_run.id or ""))
        view.ended(runner)
    finished.append(runner)
    return runner


def as_tasks(run_units: Execute) -> Execute:
    """Run the units of a stage as Prefect tasks, one for each group."""

    def execute(stage: str, orders: Sequence[UnitOrder], done: Done) -> None:
        groups = [orders[first : first + GROUP] for first in range(0, len(orders), GROUP)]
        for number, group in enumerate(groups, 1):
            title = stage if len(groups) == 1 else f"{stage} {number}/{len(groups)}"

            def make(group: Sequence[UnitOrder] = group) -> None:
                run_units(stage, group, done)

            make_shards(title, quote(make))

    return execute


def end_own_server() -> None:
    """End the ephemeral server that Prefect started for this process, if it did.

    What starts one takes seconds to import, and a run on a server that is there never needs it.
    """
    starters = sys.modules.get("prefect.server.api.server")
    servers = getattr(starters, "SubprocessASGIServer", None)  # None: it is being imported
    for server in list(servers._instances.values()) if servers else []:
        if server.server_process:
            server.server_process.terminate()


class Several:
    """Tells several listeners."""

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self._listeners = listeners

    def started(self, stage: str, units: int, reused: int) -> None:
        """Units of a stage are to be made."""
        for each in self._listeners:
            each.started(stage, units, reused)

    def advanced(self, stage: str, done: float, of: float) -> None:
        """Units of a stage are made."""
        for each in self._listeners:
            each.advanced(stage, done, of)

    def finished(self, stage: str, manifest: Manifest, *, reused: bool) -> None:
        """The version is there."""
        for each in self._listeners:
            each.finished(stage, manifest, reused=reused)


class RunLog:
    """A listener that writes to the flow run's log."""

    def __init__(self) -> None:
        self._log = get_run_logger()

    def started(self, stage: str, units: int, reused: int) -> None:
        """Units of a stage are to be made."""
        self._log.info("%s: %s to make, %d there", stage, counted(units, "unit"), reused)

    def advanced(self, stage: str, done: float, of: float) -> None:
        """Units of a stage are made."""
        self._log.debug("%s: %s of %s", stage, done, of)

    def finished(self, stage: str, manifest: Manifest, *, reused: bool) -> None:
        """The version is there."""
        self._log.info("%s: %s %s", stage, "reused" if reused else "made", manifest.ref)
