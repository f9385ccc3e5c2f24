"""Running a DAG: each stage is resolved, what is missing is made, and its version committed."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import time
import weakref
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Protocol

from pipeline.errors import MissingArtifact
from pipeline.run.assemble import assemble
from pipeline.run.choose import Wishes, check_drift, choose, note_reuse
from pipeline.run.executors import Done, Executor
from pipeline.run.made import Made
from pipeline.run.order import UnitOrder
from pipeline.run.predecessors import Predecessors
from pipeline.run.resolve import Piece, Resolution, shards_of
from pipeline.run.same_code import alike, code_digest
from pipeline.run.unit import durable_folder, make_unit, open_journal
from pipeline.stage import Stage
from pipeline.storage.leases import Lease
from pipeline.storage.presence import Presence
from pipeline.storage.references import PINNED, References
from pipeline.store import Store
from pipeline.versions.canonical import canonical_json
from schemas.artifact import ArtifactRef, Exactness, Manifest, Shard
from schemas.run import StageRun
from schemas.runtime import Runtime

__all__ = ["Listener", "Runner"]

Execute = Callable[[str, Sequence[UnitOrder], Done], None]


class Listener(Protocol):
    """Whoever wants to know how a run goes on: a terminal, a log, a flow's artifacts."""

    def started(self, stage: str, units: int, reused: int) -> None:
        """`units` of a stage are to be made; `reused` are there."""

    def advanced(self, stage: str, done: float, of: float) -> None:
        """`done` of `of` units are made; within a single unit, documents, pages or steps."""

    def finished(self, stage: str, manifest: Manifest, *, reused: bool) -> None:
        """The version is there."""


class Runner:
    """A `Make` that makes. One for each run; `close` it once its versions are written down."""

    def __init__(
        self,
        store: Store,
        runtime: Runtime,
        wishes: Wishes,
        executor: Executor,
        listener: Listener,
        *,
        wanted: frozenset[str] | None = None,
        only: str | None = None,
        around: Callable[[Execute], Execute] | None = None,
    ) -> None:
        self.stages: dict[str, StageRun] = {}
        self.store = store
        self._runtime, self._wishes, self._executor = runtime, wishes, executor
        self._listener, self._wanted, self._only = listener, wanted, only
        self._around = around
        self._attempt = secrets.token_hex(6)
        self._presence = Presence(store.files)
        weakref.finalize(self, self._presence.end)  # where nobody closes it

    def __call__(self, stage: Stage, **inputs: Made) -> Made:
        """Make a stage of its inputs, or take what is there."""
        try:
            return self._taken_or_made(stage, inputs)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Garbage collection may from now on take what no name leads to."""
        self._presence.end()

    def _taken_or_made(self, stage: Stage, inputs: dict[str, Made]) -> Made:
        name = stage.name()
        if self._wanted is not None and name not in self._wanted:
            return Made(name, waits_for=(name,))
        manifests = {}
        for role, made in inputs.items():
            if made.manifest is None:
                raise MissingArtifact(f"{made.stage}, which {name} reads,", where=self.store.uri)
            manifests[role] = made.manifest
        began = time.monotonic()
        resolution = choose(stage, manifests, self.store, self._wishes)
        units = 0
        if resolution.manifest is None:
            if self._only not in (None, name):
                raise MissingArtifact(f"{name}, which {self._only} needs,", where=self.store.uri)
            resolution, units = self._make(stage, manifests, resolution)
        manifest = resolution.manifest
        if manifest is None:
            raise MissingArtifact(resolution.ref, where=self.store.uri)
        note_reuse(resolution, self.store, self._wishes.who)
        self._pin(stage, manifest)
        if self._presence.begun:
            self._presence.name([manifest.ref])
        self._listener.finished(name, manifest, reused=not units)
        self.stages[name] = StageRun(
            ref=manifest.ref,
            units_made=units,
            shards=len(manifest.shards),
            wall_seconds=round(time.monotonic() - began, 3),
            reused=not units,
        )
        return Made(name, manifest)

    def _make(
        self, stage: Stage, manifests: dict[str, Manifest], resolution: Resolution
    ) -> tuple[Resolution, int]:
        self._keep(stage, manifests, resolution)
        lease = self._lease(stage, resolution)
        with lease as held:
            if held and held.preceded:  # somebody may have made it, or its first window
                resolution = choose(stage, manifests, self.store, self._wishes)
            if resolution.manifest:
                return resolution, 0
            check_drift(resolution, self.store, self._wishes)
            missing = resolution.missing(self.store)
            self._listener.started(
                stage.name(), len(missing), len(resolution.pieces) - len(missing)
            )
            shards = {each.name: each for each in shards_of(stage.name(), resolution.pieces)}
            orders = self._orders(resolution, missing)

            def done(order: UnitOrder, made: tuple[Shard, ...]) -> None:
                shards.update({shard.name: shard for shard in made})

            if orders:
                around = self._around or (lambda execute: execute)
                around(self._execute_here)(stage.name(), orders, done)
            manifest = assemble(resolution, tuple(shards.values()), self.store)
            durable = durable_folder(stage, resolution.parts.key(), self.store)
            if durable:  # the version is there: nothing to resume
                shutil.rmtree(durable, ignore_errors=True)
            journal = open_journal(stage, resolution.parts.key(), self.store)
            if journal:
                journal.remove()
            made = Resolution(
                stage, resolution.inputs, resolution.parts, manifest.ref, manifest, ()
            )
            return made, len(orders)

    def _keep(self, stage: Stage, manifests: dict[str, Manifest], resolution: Resolution) -> None:
        """Keep what this run has taken, and counts on, from garbage collection."""
        taken = [*(done.ref for done in self.stages.values()), *(m.ref for m in manifests.values())]
        self._presence.name(taken, shards_of(stage.name(), resolution.pieces))
        for manifest in manifests.values():
            if not self.store.intact(manifest):  # collected since we looked
                raise MissingArtifact(f"The data of {manifest.ref}", where=self.store.uri)

    def _lease(self, stage: Stage, resolution: Resolution) -> Lease | nullcontext[None]:
        if stage.exactness is Exactness.EXACT:
            return nullcontext()
        asked = canonical_json(stage.config())
        if stage.exactness is Exactness.TOLERANCE:
            asked = resolution.parts.key().encode()
        return Lease(self.store.files, f"{stage.name()}-{hashlib.sha256(asked).hexdigest()[:16]}")

    def _orders(self, resolution: Resolution, pieces: Sequence[Piece]) -> list[UnitOrder]:
        key, code = resolution.parts.key(), code_digest(resolution.parts)
        made_alike = alike(resolution)
        shards = {role: manifest.by_name() for role, manifest in resolution.inputs.items()}
        predecessors = Predecessors(resolution, shards, self.store)
        if predecessors.refs:  # what may be stood on is kept, like all that a run counts on
            self._presence.name(predecessors.refs)
        return [
            UnitOrder(
                store=self.store.uri,
                stage=resolution.stage,
                unit=piece.unit,
                key=key,
                shard_keys=piece.shard_keys,
                inputs={
                    role: tuple(shards[role][name] for name in names)
                    for role, names in piece.unit.inputs.items()
                },
                attempt=self._attempt,
                code=code,
                runtime=self._runtime,
                window=resolution.window,
                alike=made_alike,
                predecessor=predecessors.of(piece),
            )
            for piece in pieces
        ]

    def _execute_here(self, stage: str, orders: Sequence[UnitOrder], done: Done) -> None:
        """Units of one stage; a single open one in this process, so that its progress shows."""
        if len(orders) == 1 and orders[0].unit.open:
            advance = lambda count, of: self._listener.advanced(stage, count, of)  # noqa: E731
            done(orders[0], make_unit(orders[0], advance, self.store))
            return
        count = 0

        def counted(order: UnitOrder, made: tuple[Shard, ...]) -> None:
            nonlocal count
            count += 1
            self._listener.advanced(stage, count, len(orders))
            done(order, made)

        self._executor.run(orders, counted)

    def _pin(self, stage: Stage, manifest: Manifest) -> None:
        if stage.pinned:
            references = References(self.store)
            why = "made first, or its configuration changed"
            name = self._wishes.pins or self._wishes.recipe
            references.move(name, PINNED, manifest.ref, who=self._wishes.who, why=why)

    def ref(self, stage: str) -> ArtifactRef:
        """The version of a stage in this run."""
        return self.stages[stage].ref
