"""A run as Prefect's pages show it: a listener that puts up artifacts as the run goes on."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Self
from uuid import UUID

from prefect import get_run_logger
from prefect.runtime import flow_run
from rich.console import Console

from flows.corpus import corpus
from flows.safe_words import safe_words
from flows.session import Session
from flows.shown.board import Board, Shown
from flows.shown.markdown import words
from flows.shown.places import label_of
from flows.shown.plan import plan_markdown, plan_sentence
from flows.shown.progress import Progress
from flows.shown.results import Results, key
from flows.shown.worker_log import worker_log
from pipeline.errors import PipelineError
from pipeline.run.made import Tracer
from pipeline.run.plan import Planned
from pipeline.run.runner import Runner
from pipeline.versions.errors import VersionError
from schemas.artifact import Manifest

# Showing reads the store again; what has gone wrong there is a line in the log, no failed run.
_TOLD = (PipelineError, VersionError, OSError, ValueError, LookupError)


def show_plan(session: Session) -> None:
    """Show only the plan: of a run that makes nothing."""
    rows = session.plan().rows
    shown = Shown(
        key(session.recipe.name, "plan"), "markdown", plan_markdown(rows), plan_sentence(rows)
    )
    with Board(UUID(str(flow_run.id)), get_run_logger()) as board:
        board.put(shown)


class RunView:
    """A listener; use it as a context around the run, and call `ended` when it is written down."""

    def __init__(self, session: Session, flow: str, *, page: bool = False) -> None:
        """Open nothing yet.

        Args:
            session: the run's.
            flow: `corpus` or `model`.
            page: write the page of results, too, where nobody else will.
        """
        self._session, self._flow, self._page = session, flow, page
        self._recipe = session.recipe.name
        self._log = get_run_logger()
        self._board = Board(UUID(str(flow_run.id)), self._log)
        self._progress = Progress(())
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._open.enter_context(self._board)
        self._open.enter_context(worker_log(self._log))
        with self._shown():
            rows = self._plan()
            self._progress = Progress([row.stage for row in rows])
            self._put("plan", plan_markdown(rows), plan_sentence(rows))
            self._tell(last=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, Exception):
            why = words(safe_words(error), 2000)
            self._progress.end(f"stopped at {self._progress.words}. {why}")
            self._tell(last=True)
        self._open.__exit__(kind, error, trace)

    def started(self, stage: str, units: int, reused: int) -> None:
        """Units of a stage are to be made."""
        self._progress.advance(stage, 0, units)
        self._tell()

    def advanced(self, stage: str, done: float, of: float) -> None:
        """Units of a stage are made."""
        self._progress.advance(stage, done, of)
        self._tell()

    def finished(self, stage: str, manifest: Manifest, *, reused: bool) -> None:
        """The version is there."""
        self._progress.finish(stage, reused=reused)
        self._tell()

    def ended(self, runner: Runner) -> None:
        """Show what came of it, and name the run by its version."""
        if not runner.stages or self._session.asked.only:
            self._tell(last=True)
            return
        self._tell(last=True)
        with self._shown():
            self._rename(runner)
            self._write_page(runner)
            results = Results(self._session, runner)
            parts = results.of_corpus if self._flow == "corpus" else results.of_model
            for part in (results.of_both, parts):
                for shown in part():
                    self._board.put(shown)

    def _plan(self) -> list[Planned]:
        """The plan of this flow's stages."""
        rows = self._session.plan().rows
        if self._flow != "corpus":
            return rows
        tracer = Tracer()
        corpus(self._session.recipe, tracer)
        return [row for row in rows if row.stage in tracer.inputs]

    def _put(self, what: str, text: str, told: str) -> None:
        self._board.put(Shown(key(self._recipe, what), "markdown", text, told))

    def _tell(self, *, last: bool = False) -> None:
        if not last and not self._progress.due:
            return
        shown = Shown(
            key(self._recipe, "progress"),
            "progress",
            self._progress.percent,
            self._progress.words,
        )
        (self._board.settle if last else self._board.move)(shown)

    def _rename(self, runner: Runner) -> None:
        """`corpus web 2026-11-22.1`."""
        stage = runner.stages.get(self._flow) or list(runner.stages.values())[-1]
        label = label_of(self._session.store, self._recipe, stage.ref)
        self._board.rename(f"{flow_run.flow_name} {self._recipe} {label}")

    def _write_page(self, runner: Runner) -> None:
        if self._page:
            show_results = importlib.import_module("flows.results.show").show_results
            show_results(self._session, runner, Console(quiet=True))

    @contextmanager
    def _shown(self) -> Iterator[None]:
        try:
            yield
        except _TOLD as error:
            self._log.warning("Not all of this run can be shown: %s", safe_words(error))
