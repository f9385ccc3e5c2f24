"""Finding the shards of an earlier version that those to be made can stand on."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cached_property
from itertools import islice

from pipeline.errors import DamagedFile
from pipeline.run.resolve import Piece, Resolution
from pipeline.storage.predecessor import PredecessorShards
from pipeline.store import Store
from pipeline.versions.key import KeyParts
from schemas.artifact import ArtifactRef, Manifest, Shard

LOOKED_AT = 8  # versions, the newest first: other recipes may have made some

log = logging.getLogger(__name__)


class Predecessors:
    """The newest versions that differ from the one to be made in nothing but inputs."""

    def __init__(
        self, resolution: Resolution, now: Mapping[str, Mapping[str, Shard]], store: Store
    ) -> None:
        """`now`: role -> the shards of the input, by their names."""
        light = resolution.stage.light
        versions = _alike(resolution, store) if light else ()
        self._each = [_Version(each, now, light, store) for each in versions]

    @property
    def refs(self) -> tuple[ArtifactRef, ...]:
        """The versions."""
        return tuple(each.manifest.ref for each in self._each)

    def of(self, piece: Piece) -> PredecessorShards | None:
        """What a unit's only shard can stand on, or None."""
        return next((found for each in self._each if (found := each.of(piece))), None)


class _Version:
    def __init__(
        self,
        manifest: Manifest,
        now: Mapping[str, Mapping[str, Shard]],
        light: tuple[str, ...],
        store: Store,
    ) -> None:
        self.manifest = manifest
        self._now, self._light, self._store = now, light, store
        self._made = manifest.by_name()

    @cached_property
    def _then(self) -> dict[str, Mapping[str, Shard]]:
        found = {role: self._store.find(ref) for role, ref in self.manifest.inputs.items()}
        return {role: each.by_name() if each else {} for role, each in found.items()}

    def of(self, piece: Piece) -> PredecessorShards | None:
        names = piece.unit.shards
        made = self._made.get(names[0]) if len(names) == 1 else None
        if made is None or made.shard_key in piece.shard_keys.values():
            return None
        light: dict[str, tuple[Shard, ...]] = {}
        for role, shards in piece.unit.inputs.items():
            then = self._then.get(role, {})
            if any(name not in then for name in shards):
                return None
            if role in self._light:
                light[role] = tuple(then[name] for name in shards)
            elif any(then[name] != self._now[role][name] for name in shards):
                return None
        return PredecessorShards(made, light)


def _alike(resolution: Resolution, store: Store) -> list[Manifest]:
    wanted, found = _without_inputs(resolution.parts), []
    try:
        for manifest in islice(store.manifests(resolution.stage.name()), LOOKED_AT):
            same = _without_inputs(KeyParts.from_json(manifest.parts)) == wanted
            if same and manifest.inputs.keys() == resolution.inputs.keys():
                found.append(manifest)
    except DamagedFile as error:
        log.warning("No further version is looked at for what can be taken over: %s", error)
    return found


def _without_inputs(parts: KeyParts) -> str:
    return parts.key_on({}, parts.extra)
