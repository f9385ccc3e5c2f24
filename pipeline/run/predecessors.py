"""Finding the shards of an earlier version that those to be made can stand on."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from pipeline.run.resolve import Resolution
from pipeline.stage import Unit
from pipeline.storage.predecessor import PredecessorShards
from pipeline.store import Store
from pipeline.versions.key import KeyParts
from schemas.artifact import Manifest, Shard

LOOKED_AT = 8  # versions, the newest first: other recipes may have made some


class Predecessors:
    """The newest version that differs from the one to be made in nothing but inputs."""

    def __init__(self, resolution: Resolution, store: Store) -> None:
        self.version = _newest(resolution, store) if resolution.stage.light else None
        self._light = resolution.stage.light
        self._now = {role: _by_name(each) for role, each in resolution.inputs.items()}
        self._then: dict[str, Mapping[str, Shard]] = {}
        self._made: Mapping[str, Shard] = {}
        if self.version:
            self._made = _by_name(self.version)
            for role, ref in self.version.inputs.items():
                manifest = store.find(ref)
                self._then[role] = _by_name(manifest) if manifest else {}

    def of(self, unit: Unit) -> PredecessorShards | None:
        """What a unit's only shard can stand on, or None."""
        if len(unit.shards) != 1 or unit.shards[0] not in self._made:
            return None
        light: dict[str, tuple[Shard, ...]] = {}
        for role, names in unit.inputs.items():
            then = self._then.get(role, {})
            if any(name not in then for name in names):
                return None
            if role in self._light:
                light[role] = tuple(then[name] for name in names)
            elif any(then[name] != self._now[role][name] for name in names):
                return None
        return PredecessorShards(self._made[unit.shards[0]], light)


def _newest(resolution: Resolution, store: Store) -> Manifest | None:
    wanted = _without_inputs(resolution.parts)
    for manifest in islice(store.manifests(resolution.stage.name()), LOOKED_AT):
        same = _without_inputs(KeyParts.from_json(manifest.parts)) == wanted
        if same and manifest.inputs.keys() == resolution.inputs.keys():
            return manifest
    return None


def _without_inputs(parts: KeyParts) -> str:
    return parts.key_on({}, parts.extra)


def _by_name(manifest: Manifest) -> dict[str, Shard]:
    return {shard.name: shard for shard in manifest.shards}
