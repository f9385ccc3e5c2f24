"""Planning a DAG: a `Make` that makes nothing, and says of each stage what a run would do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from pipeline.run.assemble import manifest_of
from pipeline.run.choose import Wishes, choose, question
from pipeline.run.history import History
from pipeline.run.made import Made
from pipeline.run.resolve import Resolution, shards_of
from pipeline.stage import Stage
from pipeline.store import Store
from pipeline.versions.key import KeyParts
from pipeline.versions.why import differences, sentence
from schemas.artifact import ArtifactRef, Manifest

State = Literal["reused", "to make", "asks", "unknown"]


@dataclass(frozen=True)
class Planned:
    """What a run would do with one stage."""

    stage: str
    state: State
    why: tuple[str, ...] = ()
    ref: ArtifactRef | None = None
    shards: int = 0  # of the version; 0 where that shows only while it is made
    shards_there: int = 0
    rows: int | None = None  # of a version that is there

    @property
    def shards_to_make(self) -> int:
        """How many shards a run would make."""
        return self.shards - self.shards_there


class Planner:
    """A `Make` that fills in `rows`, one `Planned` for each stage, in the order of the DAG."""

    def __init__(
        self, store: Store, wishes: Wishes, *, wanted: frozenset[str] | None = None
    ) -> None:
        self.rows: list[Planned] = []
        self._store, self._wishes, self._wanted = store, wishes, wanted
        self._history = History(store, wishes.recipe)

    def __call__(self, stage: Stage, **inputs: Made) -> Made:
        """Plan one stage."""
        name = stage.name()
        if self._wanted is not None and name not in self._wanted:
            return Made(name, waits_for=(name,))
        known = {role: made.manifest for role, made in inputs.items() if made.manifest}
        waits = tuple(dict.fromkeys(each for made in inputs.values() for each in made.waits_for))
        if waits:
            row = Planned(name, "unknown", (f"known after {', '.join(waits)}",))
            self.rows.append(row)
            return Made(name, waits_for=waits)
        resolution = self._whole(choose(stage, known, self._store, self._wishes))
        self.rows.append(self._planned(resolution))
        if resolution.manifest:
            return Made(name, resolution.manifest)
        return Made(name, waits_for=(name,))

    @property
    def makes_nothing(self) -> bool:
        """Whether a run would only find what is there."""
        return all(row.state == "reused" for row in self.rows)

    def _whole(self, resolution: Resolution) -> Resolution:
        """With the manifest that a run would write, where all shards are there."""
        if resolution.manifest or question(resolution, self._store, self._wishes):
            return resolution
        if resolution.missing(self._store):
            return resolution
        shards = shards_of(resolution.stage.name(), resolution.pieces)
        return replace(resolution, manifest=manifest_of(resolution, shards, self._store))

    def _planned(self, resolution: Resolution) -> Planned:
        name = resolution.stage.name()
        if resolution.manifest:
            return Planned(
                name,
                "reused",
                (resolution.note,) if resolution.note else (),
                resolution.manifest.ref,
                len(resolution.manifest.shards),
                len(resolution.manifest.shards),
                main_rows(resolution.stage, resolution.manifest),
            )
        missing = resolution.missing(self._store)
        every = sum(len(piece.unit.shards) for piece in resolution.pieces)
        to_make = sum(len(piece.unit.shards) for piece in missing)
        asks = question(resolution, self._store, self._wishes)
        why = ((resolution.note,) if resolution.note else ()) + self._why(resolution)
        ref = resolution.ref
        state: State = "asks" if asks else "to make"
        return Planned(name, state, why, ref, every, every - to_make)

    def _why(self, resolution: Resolution) -> tuple[str, ...]:
        before = self._history.previous(resolution.stage.name())
        if before is None:
            return ("not made yet",)
        found = differences(KeyParts.from_json(before.parts), resolution.parts)
        if found:
            return tuple(sentence(each) for each in found)
        return () if resolution.note else ("files of the version are missing",)


def main_rows(stage: Stage, manifest: Manifest) -> int | None:
    """How many rows the version's main table has."""
    table = stage.main or next(iter(stage.tables()), None)
    return manifest.rows.get(table) if table else None
