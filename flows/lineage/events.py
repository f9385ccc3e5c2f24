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
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from flows.lineage.post import Post, Target
from flows.lineage.source_code import source_code
from flows.safe_words import safe_words
from pipeline.errors import Interrupted, PipelineError
from pipeline.lineage.openlineage import Outer, Telling
from pipeline.lineage.openlineage_datasets import Datasets
from pipeline.storage.references import References
from schemas.openlineage import EventType, InputDataset, OutputDataset, RunEvent

if TYPE_CHECKING:
    from flows.session import Session
    from pipeline.run.made import Made, Make
    from pipeline.run.runner import Listener
    from pipeline.stage import Stage
    from pipeline.store import Store
    from schemas.artifact import Manifest

FLUSH_SECONDS = 10.0  # at the end of a run, for what is not yet posted
ABORT_SECONDS = 2.0  # the same where somebody stopped it
_open: list[Recorder] = []  # of this process; two flows never run at once in it


@contextmanager
def recorded(session: Session, flow: str, listener: Listener) -> Iterator[Recorder]:
    """Record what a flow of a session does; the events' last word is how it ended."""
    outlet = Outlet(session.store)
    recorder = Recorder(_telling(session, flow), outlet, listener)
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


class Outlet:
    """Where events go."""

    def __init__(self, store: Store) -> None:
        self._store = store
        target = Target.of_environment()
        self._post = Post(target) if target else None
        self._number, self._said = 0, False

    def tell(self, event: RunEvent, run_id: str) -> None:
        """Write an event of a run down, and post it."""
        self._number += 1
        content = event.to_json()
        name = f"{run_id}-{self._number:04d}-{event.event_type}"
        with self.complaining():
            self._store.files.create(f"lineage/{event.event_time[:10]}/{name}.json", content)
        if self._post:
            self._post.send(content)

    @contextmanager
    def complaining(self) -> Iterator[None]:
        """What cannot be told of the store is said once; the run goes on."""
        try:
            yield
        except PipelineError as error:
            if not self._said:
                self._said = True
                print(f"Not all lineage events could be written: {error}", file=sys.stderr)

    def close(self, seconds: float) -> None:
        """Wait for what is not yet posted."""
        if self._post:
            self._post.close(seconds)


class Recorder:
    """A listener that tells another one all it hears, and the world what stages do."""

    def __init__(self, telling: Telling, outlet: Outlet, listener: Listener) -> None:
        self._telling, self._outlet, self._listener = telling, outlet, listener
        self._datasets = telling.datasets
        self._stages: dict[str, Stage] = {}
        self._reads: dict[str, Manifest] = {}  # role -> what the present stage reads
        self._running: Stage | None = None
        self._begun = self._over = False
        self._told: set[str] = set()  # stages that have ended, or were there
        self._taken: dict[str, InputDataset] = {}
        self._made: list[OutputDataset] = []

    def making(self, make: Make) -> Make:
        """The same `make`; what fails in it is told."""

        def watched(stage: Stage, **inputs: Made) -> Made:
            self._stages[stage.name()] = stage
            self._reads = {role: made.manifest for role, made in inputs.items() if made.manifest}
            try:
                return make(stage, **inputs)
            except BaseException as error:
                if stage.name() not in self._told:
                    self._begin(stage)  # where it failed before it began
                    self._end_stage(stage, end_of(error), error=safe_words(error))
                raise

        return watched

    def started(self, stage: str, units: int, reused: int) -> None:
        """Units of a stage are to be made."""
        self._begin(self._stages[stage])
        self._listener.started(stage, units, reused)

    def advanced(self, stage: str, done: float, of: float) -> None:
        """Units of a stage are made."""
        self._listener.advanced(stage, done, of)

    def finished(self, stage: str, manifest: Manifest, *, reused: bool) -> None:
        """The version is there."""
        with self._outlet.complaining():
            if self._running:
                self._end_stage(self._running, "COMPLETE", made=manifest)
            else:
                self._taken[stage] = self._datasets.input(manifest, None)
        self._told.add(stage)
        self._listener.finished(stage, manifest, reused=reused)

    def ended(self, error: BaseException | None) -> None:
        """The run is over; one that made nothing has told nothing, and goes on so."""
        self._end(end_of(error) if error else "COMPLETE", safe_words(error) if error else "")

    def abandoned(self) -> None:
        """The process ends now: what runs is aborted."""
        if self._running:
            self._end_stage(self._running, "ABORT")
        self._end("ABORT")
        self._outlet.close(ABORT_SECONDS)

    def _end(self, kind: EventType, error: str = "") -> None:
        if self._begun and not self._over:
            self._over = True
            taken = [*self._taken.values()]
            event = self._telling.of_run(kind, inputs=taken, outputs=self._made, error=error)
            self._tell(event)

    def _begin(self, stage: Stage) -> None:
        if self._running:
            return
        if not self._begun:
            self._begun = True
            self._tell(self._telling.of_run("START"))
        self._running = stage
        with self._outlet.complaining():
            self._tell(self._telling.of_stage("START", stage, inputs=self._inputs()))

    def _end_stage(
        self, stage: Stage, kind: EventType, *, made: Manifest | None = None, error: str = ""
    ) -> None:
        self._running = None
        self._told.add(stage.name())
        with self._outlet.complaining():
            outputs = [self._output(stage, made)] if made else []
            self._made += [self._datasets.named(made)] if made else []
            event = self._telling.of_stage(
                kind, stage, inputs=self._inputs(), outputs=outputs, made=made, error=error
            )
            self._tell(event)

    def _output(self, stage: Stage, made: Manifest) -> OutputDataset:
        store = self._datasets.store
        for role, ref in made.inputs.items():  # an earlier snapshot, which nobody hands in
            found = None if role in self._reads else store.find(ref)
            self._reads |= {role: found} if found else {}
        before = References(store).versions(made.stage, self._datasets.recipe)
        replaces = bool(before.numbers())
        return self._datasets.output(made, stage, self._reads, replaces=replaces)

    def _inputs(self) -> list[InputDataset]:
        return [
            self._datasets.input(manifest, self._stages.get(manifest.stage))
            for manifest in self._reads.values()
        ]

    def _tell(self, event: RunEvent) -> None:
        self._outlet.tell(event, self._telling.run_id)


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
