"""The order for one unit: all that a worker, wherever it is, needs to make it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.stage import Stage, Unit
from pipeline.storage.predecessor import PredecessorShards
from schemas.artifact import Shard
from schemas.runtime import Runtime


@dataclass(frozen=True)
class UnitOrder:
    """Make `unit` of `stage`. Holds no data and no secret: a worker has those from its place."""

    store: str  # URI
    stage: Stage
    unit: Unit
    key: str  # of the version; for people
    shard_keys: dict[str, str]  # shard -> its key; empty where the unit is open
    inputs: dict[str, tuple[Shard, ...]]  # role -> the shards read
    attempt: str
    code: str  # a hash of the code and packages that the key names
    runtime: Runtime
    window: str = ""
    predecessor: PredecessorShards | None = None
    alike: Mapping[str, str] = field(default_factory=dict)  # see `storage.notes.Notes`

    def __str__(self) -> str:
        return f"{self.stage.name()}/{self.unit}"
