"""What a stage is to the stages after it: its version, or the wait for one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pipeline.stage import Stage
from schemas.artifact import ArtifactRef, Manifest


@dataclass(frozen=True)
class Made:
    """A stage in a run: its manifest, or the stages that have to run before its key is known."""

    stage: str
    manifest: Manifest | None = None
    waits_for: tuple[str, ...] = ()

    @property
    def ref(self) -> ArtifactRef | None:
        """The version, where it is known to be there."""
        return self.manifest.ref if self.manifest else None


class Make(Protocol):
    """How a DAG is carried out: planned, traced, or run; each line of a flow calls it."""

    def __call__(self, stage: Stage, **inputs: Made) -> Made:
        """Make the stage of its inputs, or say what is there of it."""


class Tracer:
    """A `Make` that makes nothing: it writes down the nodes and edges of the DAG."""

    def __init__(self) -> None:
        self.inputs: dict[str, tuple[str, ...]] = {}  # stage -> the stages it reads

    def __call__(self, stage: Stage, **inputs: Made) -> Made:
        """Note one node."""
        name = stage.name()
        self.inputs[name] = tuple(made.stage for made in inputs.values())
        return Made(name, waits_for=(name,))

    def needed_for(self, *targets: str) -> frozenset[str]:
        """The stages and everything before them."""
        needed: set[str] = set()
        todo = list(targets)
        while todo:
            name = todo.pop()
            if name not in needed:
                needed.add(name)
                todo.extend(self.inputs[name])
        return frozenset(needed)
