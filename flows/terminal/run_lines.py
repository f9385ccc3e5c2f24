"""What a run looks like in a terminal: a line for each stage, a bar while it is made."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed
from rich.table import Table

from flows.results.stage_words import stage_words
from flows.results.words import counted
from flows.terminal.console import console as wide_enough
from pipeline.lineage.living import Living, Outdated, outdated
from pipeline.run.plan import Planned
from pipeline.store import Store
from schemas.artifact import Manifest

STYLES = {"reused": "green", "to make": "yellow", "asks": "red", "unknown": "dim"}


class Terminal:
    """A listener that shows each stage as it goes on. Use it as a context."""

    def __init__(self, store: Store | None = None, console: Console | None = None) -> None:
        self.console = console or wide_enough()
        self._store = store
        self._versions: dict[str, Manifest] = {}
        self._past: Outdated | None = None
        self._shards: dict[str, str] = {}
        self._bars: dict[str, TaskID] = {}
        self._began: dict[str, float] = {}
        self._seen: set[str] = set()
        self._progress = Progress(
            TextColumn("  [bold]{task.description:<22}"),
            BarColumn(bar_width=32),
            MofNCompleteColumn(),
            Elapsed(),
            console=self.console,
            transient=True,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def started(self, stage: str, units: int, reused: int) -> None:
        """Units of a stage are to be made."""
        self._began[stage] = time.monotonic()
        self._bars[stage] = self._progress.add_task(stage, total=max(units, 1))
        self._shards[stage] = f", {units:,} of {units + reused:,} shards" if reused else ""

    def advanced(self, stage: str, done: float, of: float) -> None:
        """Units of a stage, or documents or steps of its only one, are made."""
        if stage in self._bars:
            self._progress.update(self._bars[stage], completed=done, total=of or None)

    def finished(self, stage: str, manifest: Manifest, *, reused: bool) -> None:
        """The version is there."""
        bar = self._bars.pop(stage, None)
        if bar is not None:
            self._progress.remove_task(bar)
        self._versions[stage] = manifest
        if reused and stage in self._seen:
            return  # the second flow of a run walks over what the first one made
        self._seen.add(stage)
        seconds = time.monotonic() - self._began.get(stage, time.monotonic())
        word = "[green]reused[/]" if reused else "[bold]made[/]  "
        took = "" if reused else f"{seconds:7.1f} s"
        told = self._told(manifest) + ("" if reused else self._shards.get(stage, ""))
        line = f"  {stage:<24}{word}  {manifest.ref.key[:12]}  {told:<44}{took}"
        self.console.print(line, soft_wrap=True)

    def _told(self, manifest: Manifest) -> str:
        """What came of it, in a few words; without a store to look into, how many shards."""
        if self._store is None:
            return counted(len(manifest.shards), "shard")
        if manifest.stage == "pages":
            self._past = outdated(self._store, manifest)
        return stage_words(self._store, manifest, Living(self._store, self._versions, self._past))


def plan_table(rows: list[Planned]) -> Table:
    """The plan of a run, a line for each stage."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("stage", "", "version", "shards", "rows", "why"):
        table.add_column(
            heading,
            justify="right" if heading in ("shards", "rows") else "left",
            overflow="fold",
            no_wrap=heading != "why",
        )
    for row in rows:
        table.add_row(
            row.stage,
            f"[{STYLES[row.state]}]{row.state}[/]",
            row.ref.key[:12] if row.ref else "?",
            _shards(row),
            "?" if row.rows is None else f"{row.rows:,}",
            "\n".join(row.why),
        )
    return table


def _shards(row: Planned) -> str:
    if row.state == "unknown" or not row.shards:
        return "?"
    if row.state == "reused" or not row.shards_there:
        return str(row.shards)
    return f"{row.shards_to_make} of {row.shards}"
