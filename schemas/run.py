"""What is written down about runs and about names: who asked for what, and what came of it."""

from pydantic import Field

from schemas.artifact import ArtifactRef
from schemas.record import Record


class StageRun(Record):
    """What one stage did in a run."""

    ref: ArtifactRef
    units_made: int
    shards: int
    wall_seconds: float  # of this run, on the driver
    reused: bool


class Run(Record):
    """One run of a recipe that made something."""

    recipe: str
    window: str
    started: str  # UTC, ISO 8601
    ended: str
    requested_by: str
    reason: str
    command: str
    flow_run: str = ""  # Prefect's id, where a flow ran it
    code: str = ""  # the commit of the code; a + behind it: with files edited since
    given: str = ""  # the version that was named to build on, `corpus/web@2026-11-22.1`
    approved_by: str = ""  # who agreed to what it costs, where somebody was asked
    approval_note: str = ""
    stages: dict[str, StageRun] = Field(default_factory=dict)


class Reference(Record):
    """A name for people: `corpus/web@2026-11-21.1`, or a moving one such as `@latest`."""

    label: str  # 2026-11-21.1
    ref: ArtifactRef
    who: str
    why: str
    when: str  # UTC, ISO 8601


class Equivalence(Record):
    """A declaration: what `old` gave stands for `new`, though code or packages changed."""

    new: str  # key
    old: ArtifactRef
    who: str
    why: str
    when: str
