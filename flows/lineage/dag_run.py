"""One run of a DAG as the world is told of it, and one of each of its stages that is made.

A stage whose version is there runs nothing, so it has no events of its own: a lineage server would
take one with outputs for a new version of them, and one without for a job that makes nothing. The
run's last event names it instead, in `penstock_stages` and among the inputs. A run that makes
nothing is silent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from flows.lineage.outlet import Outlet
from pipeline.lineage.openlineage import StageState, Telling
from pipeline.stage import Stage
from pipeline.storage.references import References
from schemas.artifact import Manifest
from schemas.openlineage import EventType, InputDataset, OutputDataset

_ENDS: dict[EventType, str] = {"COMPLETE": "made", "FAIL": "failed", "ABORT": "aborted"}


class DagRun:
    """Tells what becomes of the stages of one DAG."""

    def __init__(self, telling: Callable[[], Telling], outlet: Outlet) -> None:
        self._open, self._outlet = telling, outlet
        self.running: Stage | None = None
        self._stages: dict[str, Stage] = {}
        self._reads: dict[str, Manifest] = {}  # role -> what the present stage reads
        self._begun = False
        self._states: dict[str, StageState] = {}  # of stages that have ended, or were there
        self._taken: dict[str, Manifest] = {}  # stage -> a version that was there
        self._made: set[str] = set()

    @cached_property
    def telling(self) -> Telling:
        """What its events share; asked for where there is something to tell."""
        return self._open()

    def comes_to(self, stage: Stage, inputs: Mapping[str, Manifest]) -> None:
        """A stage is next; it is made, or is there."""
        self._stages[stage.name()] = stage
        self._reads = dict(inputs)

    def ended_stage(self, name: str) -> bool:
        """Whether it was said what became of a stage."""
        return name in self._states

    def begin(self, name: str) -> None:
        """A stage is made, and so the run has something to tell."""
        if self.running:
            return
        if not self._begun:
            self._begun = True
            self._tell_run("START")
        self.running = self._stages[name]
        with self._outlet.complaining():
            event = self.telling.of_stage("START", self.running, inputs=self._inputs())
            self._outlet.tell(event, self.telling.run_id)

    def finished(self, name: str, manifest: Manifest) -> None:
        """The version of a stage is there."""
        if self.running:
            self.end_stage(self.running, "COMPLETE", made=manifest)
        else:
            self._states[name] = StageState(name, "reused", manifest)
            self._note_taken([manifest])

    def end_stage(
        self, stage: Stage, kind: EventType, *, made: Manifest | None = None, error: str = ""
    ) -> None:
        """A stage that was begun has ended."""
        self.running = None
        name = stage.name()
        self._states[name] = StageState(name, _ENDS[kind], made)
        self._note_taken(self._reads.values())
        if made:
            self._made.add(name)
        with self._outlet.complaining():
            outputs = [self._output(stage, made)] if made else []
            event = self.telling.of_stage(
                kind, stage, inputs=self._inputs(), outputs=outputs, made=made, error=error
            )
            self._outlet.tell(event, self.telling.run_id)

    def end(self, kind: EventType, error: str = "") -> None:
        """The run is over; one that made nothing has told nothing, and goes on so."""
        if self._begun:
            self._begun = False
            self._tell_run(kind, error)

    def _tell_run(self, kind: EventType, error: str = "") -> None:
        with self._outlet.complaining():
            taken = [] if kind == "START" else [*self._taken.values()]
            inputs = [self.telling.datasets.input(each, None) for each in taken]
            states = [*self._states.values()]
            event = self.telling.of_run(kind, inputs=inputs, stages=states, error=error)
            self._outlet.tell(event, self.telling.run_id)

    def _note_taken(self, manifests: Iterable[Manifest]) -> None:
        for each in manifests:
            if each.stage not in self._made:
                self._taken.setdefault(each.stage, each)

    def _output(self, stage: Stage, made: Manifest) -> OutputDataset:
        store = self.telling.datasets.store
        for role, ref in made.inputs.items():  # an earlier snapshot, which nobody hands in
            found = None if role in self._reads else store.find(ref)
            self._reads |= {role: found} if found else {}
        before = References(store).versions(made.stage, self.telling.datasets.recipe)
        replaces = bool(before.numbers())
        return self.telling.datasets.output(made, stage, self._reads, replaces=replaces)

    def _inputs(self) -> list[InputDataset]:
        return [
            self.telling.datasets.input(manifest, self._stages.get(manifest.stage))
            for manifest in self._reads.values()
        ]
