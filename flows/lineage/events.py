"""A run tells the world what it does: OpenLineage events in the store, and over HTTP if asked.

Every event is a file, `lineage/<date>/<run>-<number>-<event>.json`, created once. With
OPENLINEAGE_URL they are posted there as well (flows/lineage/post.py). Neither ever fails a run.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from flows.corpus import corpus
from flows.lineage.dag_run import DagRun
from flows.lineage.outlet import Outlet
from flows.lineage.source_code import source_code
from flows.safe_words import safe_words
from pipeline.errors import Interrupted
from pipeline.lineage.openlineage import Outer, Telling
from pipeline.lineage.openlineage_datasets import Datasets
from pipeline.run.made import Tracer
from schemas.openlineage import EventType

if TYPE_CHECKING:
    from flows.session import Session
    from pipeline.run.made import Made, Make
    from pipeline.run.runner import Listener
    from pipeline.stage import Stage
    from schemas.artifact import Manifest

FLUSH_SECONDS = 10.0  # at the end of a run, for what is not yet posted
ABORT_SECONDS = 2.0  # the same where somebody stopped it
_open: list[Recorder] = []  # of this process; two flows never run at once in it


@contextmanager
def recorded(session: Session, flow: str, listener: Listener) -> Iterator[Recorder]:
    """Record what a flow of a session does; the events' last word is how it ended."""
    outlet = Outlet(session.store)
    recorder = Recorder(Dags(session, flow), outlet, listener)
    _open.append(recorder)
    try:
        yield recorder
    except BaseException as error:
        recorder.ended(error)
        outlet.close(FLUSH_SECONDS if end_of(error) == "FAIL" else ABORT_SECONDS)
        raise
    finally:
        _open.remove(recorder)
    recorder.ended(None)
    outlet.close(FLUSH_SECONDS)


def abandon() -> None:
    """Abort all that runs, for whoever ends this process at once."""
    for recorder in list(_open):
        recorder.abandoned()


def end_of(error: BaseException) -> EventType:
    """How a run ends that an error ends: Ctrl-C, a signal and a stop file abort it."""
    stopped = isinstance(error, Interrupted) or not isinstance(error, Exception)
    return "ABORT" if stopped else "FAIL"


class Recorder:
    """A listener that tells another one all it hears, and the world what stages do.

    A stage is of one DAG, whichever flow comes to it, so its job has one name: what the flow
    `model` walks over before its own stages is `corpus`.
    """

    def __init__(self, dags: Dags, outlet: Outlet, listener: Listener) -> None:
        self._dags, self._outlet, self._listener = dags, outlet, listener
        self._run: DagRun | None = None
        self._dag = ""

    def making(self, make: Make) -> Make:
        """The same `make`; what fails in it is told."""

        def watched(stage: Stage, **inputs: Made) -> Made:
            run = self._run_of(stage)
            run.comes_to(stage, {r: made.manifest for r, made in inputs.items() if made.manifest})
            try:
                return make(stage, **inputs)
            except BaseException as error:
                if not run.ended_stage(stage.name()):
                    run.begin(stage.name())  # where it failed before it began
                    run.end_stage(stage, end_of(error), error=safe_words(error))
                raise

        return watched

    def started(self, stage: str, units: int, reused: int) -> None:
        """Units of a stage are to be made."""
        if self._run:
            self._run.begin(stage)
        self._listener.started(stage, units, reused)

    def advanced(self, stage: str, done: float, of: float) -> None:
        """Units of a stage are made."""
        self._listener.advanced(stage, done, of)

    def finished(self, stage: str, manifest: Manifest, *, reused: bool) -> None:
        """The version is there."""
        if self._run:
            self._run.finished(stage, manifest)
        self._listener.finished(stage, manifest, reused=reused)

    def ended(self, error: BaseException | None) -> None:
        """The flow is over."""
        if self._run:
            self._run.end(
                end_of(error) if error else "COMPLETE", safe_words(error) if error else ""
            )

    def abandoned(self) -> None:
        """The process ends now: what runs is aborted."""
        if self._run:
            if self._run.running:
                self._run.end_stage(self._run.running, "ABORT")
            self._run.end("ABORT")
        self._outlet.close(ABORT_SECONDS)

    def _run_of(self, stage: Stage) -> DagRun:
        """The run of the DAG that a stage is of; the one before it has ended."""
        dag = self._dags.of(stage.name())
        if self._run is None or dag != self._dag:
            if self._run:
                self._run.end("COMPLETE")
            self._dag = dag
            self._run = DagRun(partial(_telling, self._dags.session, dag), self._outlet)
        return self._run


@dataclass(frozen=True)
class Dags:
    """Which DAG a stage of a session's flow is of."""

    session: Session
    flow: str

    def of(self, stage: str) -> str:
        """`corpus` for what that DAG makes; else the flow that comes to it."""
        return "corpus" if stage in self._corpus else self.flow

    @cached_property
    def _corpus(self) -> frozenset[str]:
        tracer = Tracer()
        corpus(self.session.recipe, tracer)
        return frozenset(tracer.inputs)


def _telling(session: Session, flow: str) -> Telling:
    attempt = secrets.token_hex(6)
    asked, wishes = session.asked, session.wishes
    tags = {
        "window": wishes.window,
        "requested_by": wishes.who,
        "reason": asked.reason,
        "attempt": attempt,
    }
    return Telling(
        datasets=Datasets(session.store, session.recipe.name),
        namespace=os.environ.get("OPENLINEAGE_NAMESPACE") or "penstock",
        flow=flow,
        attempt=attempt,
        description=session.recipe.description,
        engine=f"penstock ({session.runtime.runner})",
        version=_version(),
        window=wishes.window if asked.refresh else "",
        tags={key: value for key, value in tags.items() if value},
        source=source_code(),
        outer=_outer(),
    )


def _version() -> str:
    try:
        return version("penstock")
    except PackageNotFoundError:
        return "unknown"


def _outer() -> Outer | None:
    """Prefect's flow run, where one runs this; without Prefect it is not even imported."""
    runtime: Any = sys.modules.get("prefect.runtime.flow_run")
    if runtime is None or not runtime.id:
        return None
    return Outer("prefect", str(runtime.flow_name), str(runtime.id))
