"""One run of a recipe: what is planned, who makes it, and what is written down about it."""

from __future__ import annotations

import difflib
import getpass
import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from flows.corpus import corpus
from flows.door.given import Given
from flows.model import model
from flows.recipe import Recipe
from pipeline.errors import BadRecipe
from pipeline.run.choose import Drift, Wishes, now_window
from pipeline.run.executors import Executor, InProcess, Pool
from pipeline.run.gates import move_latest
from pipeline.run.history import runs
from pipeline.run.made import Make, Tracer
from pipeline.run.plan import Planner
from pipeline.run.runner import Execute, Listener, Runner
from pipeline.storage.references import References
from pipeline.store import Store
from schemas.artifact import ArtifactRef
from schemas.record import Record
from schemas.run import Run
from schemas.runtime import Runtime

FLOWS: dict[str, Callable[..., Any]] = {"corpus": corpus, "model": model}


class Asked(Record):
    """What a run is asked for, beside its recipe."""

    refresh: bool = False
    window: str = ""
    backfill: bool = False  # make this window, though a later one is there
    given: ArtifactRef | None = None  # build on this version, not on what the recipe would make
    to: str = ""  # the last stage to make, or several with commas; all by default
    only: str = ""  # the one stage to make
    drift: Drift | None = None  # overrides the recipe's
    requested_by: str = ""
    reason: str = ""
    approved_by: str = ""
    approval_note: str = ""
    command: str = ""
    limited: bool = False  # to a few pages, for a first try, by the command line


Access = Literal["make", "look", "find"]  # a store may be made; may be missing; must be there


@dataclass
class Session:
    """A recipe, a store and a wish; `plan` looks, `run` makes."""

    recipe: Recipe
    asked: Asked = field(default_factory=Asked)
    runtime: Runtime = field(default_factory=Runtime)
    access: Access = "make"

    def __post_init__(self) -> None:
        if self.access == "look":
            self.store = Store.seen_at(self.runtime.store)
        else:
            self.store = Store.at(
                self.runtime.store,
                create=self.access == "make",
                accept_weak=self.runtime.accept_weak_store,
            )
        name, limit = self.recipe.name, self.recipe.pages.limit
        self.wishes = Wishes(
            recipe=name,
            pins=f"{name}.limit-{limit}" if limit else name,  # a first try pins nothing for good
            refresh=self.asked.refresh,
            window=self.asked.window or now_window(),
            window_named=bool(self.asked.window),
            backfill=self.asked.backfill,
            drift=self.asked.drift or self.recipe.drift,
            who=self.asked.requested_by or getpass.getuser(),
        )
        self.started = datetime.now(UTC).isoformat(timespec="seconds")

    def plan(self) -> Planner:
        """What a run would do with each stage."""
        planner = Planner(self.store, self.wishes, wanted=self.wanted())
        model(self.recipe, self._on_given(planner))
        return planner

    def wanted(self) -> frozenset[str] | None:
        """The stages that this run is for, or None for all.

        Raises:
            BadRecipe: `to` or `only` names no stage of this recipe.
        """
        targets = [each for each in (self.asked.only or self.asked.to).split(",") if each]
        if not targets:
            return None
        tracer = Tracer()
        model(self.recipe, tracer)
        for target in targets:
            if target not in tracer.inputs:
                near = difflib.get_close_matches(target, tracer.inputs, 1)
                guess = f" Did you mean {near[0]!r}?" if near else ""
                msg = f"No stage is called {target!r}.{guess} There are {', '.join(tracer.inputs)}."
                raise BadRecipe(msg)
        return tracer.needed_for(*targets)

    def flows(self) -> list[str]:
        """The flows that this run takes, in order."""
        wanted = self.wanted()
        tracer = Tracer()
        corpus(self.recipe, tracer)
        beyond = wanted is None or bool(wanted - set(tracer.inputs))
        return ["corpus", "model"] if beyond else ["corpus"]

    def run_flow(
        self,
        flow: str,
        listener: Listener,
        around: Callable[[Execute], Execute] | None = None,
    ) -> Runner:
        """Carry out one flow here; returns the runner, with what each stage did.

        Args:
            flow: `corpus` or `model`.
            listener: who hears how it goes on.
            around: wraps the making of a stage's units, in Prefect's tasks for instance.
        """
        from flows.lineage.events import recorded  # a plan tells nobody

        with executor(self.runtime) as units, recorded(self, flow, listener) as events:
            runner = Runner(
                self.store,
                self.runtime,
                self.wishes,
                units,
                events,
                wanted=self.wanted(),
                only=self.asked.only or None,
                around=around,
            )
            FLOWS[flow](self.recipe, self._on_given(events.making(runner)))
        return runner

    def _on_given(self, make: Make) -> Make:
        """The same, on the version that was named to build on."""
        ref = self.asked.given
        return Given(make, self.recipe, self.store, ref) if ref else make

    def write_down(self, runner: Runner, *, flow_run: str = "") -> None:
        """Note the run, name the versions, and move `@latest` where the gates allow it."""
        who, why = self.wishes.who, self.asked.reason or self.asked.command or "run"
        references = References(self.store)
        for stage in runner.stages.values():
            references.record(self.recipe.name, stage.ref, who=who, why=why)
        if any(not stage.reused for stage in runner.stages.values()):
            from flows.lineage.source_code import code_commit  # asks git: only where it must

            run = Run(
                recipe=self.recipe.name,
                window=self.wishes.window,
                started=self.started,
                ended=datetime.now(UTC).isoformat(timespec="seconds"),
                requested_by=who,
                reason=self.asked.reason,
                command=self.asked.command,
                flow_run=flow_run,
                code=code_commit(),
                given=str(self.asked.given or ""),
                approved_by=self.asked.approved_by,
                approval_note=self.asked.approval_note,
                stages=runner.stages,
            )
            runs(self.store, self.recipe.name).append(lambda _: run)
        runner.close()

    def gate(self, runner: Runner) -> list[str]:
        """Move `@latest` of every stage of the run past the gates; why it stayed, where it did.

        A run that the command line limits is a first try: it never becomes the latest.
        """
        if self.asked.limited:
            return ["a run with --limit is a try"]
        if self.asked.backfill:
            return ["it was a backfill, and later windows may be there"]
        gates = self.recipe.gates
        return move_latest(
            self.store,
            self.recipe.name,
            {name: stage.ref for name, stage in runner.stages.items()},
            who=self.wishes.who,
            most_lost_share=gates.most_lost_share,
            fewest_documents=gates.fewest_documents,
        )


@contextmanager
def executor(runtime: Runtime) -> Iterator[Executor]:
    """Who makes the units, as the runtime says; let go at the end."""
    made: Executor
    if runtime.runner == "ray":
        ray_map = importlib.import_module("ray_jobs.map_shards").RayMap
        made = ray_map(runtime.workers, runtime.ray_address)
    elif runtime.runner == "pool" and runtime.workers > 1:
        made = Pool(runtime.workers)
    else:
        made = InProcess()
    try:
        yield made
    finally:
        made.close()
