"""From a stage and its inputs to a key, the shards it takes, and what of them is there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.errors import BadStage, MissingArtifact
from pipeline.run.digests import digests_of, groups_read
from pipeline.run.keys import key_parts
from pipeline.stage import Stage, Unit
from pipeline.store import Store
from pipeline.versions.canonical import canonical_json
from pipeline.versions.key import KeyParts
from schemas.artifact import ArtifactRef, Exactness, Manifest, Receipt, Shard

OTHER_LAYOUT = "the same documents lie in other shards than before"


@dataclass(frozen=True)
class Piece:
    """A unit with the keys of its shards; none where the unit is open."""

    unit: Unit
    shard_keys: dict[str, str]


@dataclass(frozen=True)
class Resolution:
    """What is asked of the store for one stage, and what the store has of it."""

    stage: Stage
    inputs: dict[str, Manifest]
    parts: KeyParts
    ref: ArtifactRef
    manifest: Manifest | None  # where the version is there and whole
    pieces: tuple[Piece, ...]  # in the order of the version's shards; empty where it is there
    window: str = ""
    note: str = ""  # why this version, where that is not plain

    def missing(self, store: Store) -> list[Piece]:
        """The units that have to be made: those with a shard that is not there."""
        name = self.stage.name()
        there = store.receipts(shards_of(name, self.pieces))
        lacking = {shard.name for shard, receipt in there.items() if receipt is None}
        return [
            piece
            for piece in self.pieces
            if not piece.shard_keys or not lacking.isdisjoint(piece.shard_keys)
        ]


def resolve(
    stage: Stage,
    inputs: Mapping[str, Manifest],
    store: Store,
    *,
    window: str = "",
    note: str = "",
) -> Resolution:
    """Find out the key of a stage on known inputs, and whether the store has that version."""
    reads = stage.reads()
    unknown = sorted(set(inputs) - set(reads))
    if unknown:
        msg = f"{stage.name()} is given {', '.join(unknown)}, which it does not read"
        raise BadStage(msg)
    wanted = {
        role: groups_read(reads[role], manifest.columns, by=stage.name())
        for role, manifest in inputs.items()
    }
    extra: dict[str, Any] = {"window": window} if window else {}
    if stage.layout_bound:
        extra["layout"] = _layout(stage, inputs, wanted, store)
    digests = {role: _picked(inputs[role].digests, wanted[role]) for role in inputs}
    parts = key_parts(stage, digests, extra)
    ref = ArtifactRef(stage=stage.name(), key=parts.key())
    manifest = None if stage.aligned else newest_revision(ref, store)
    pieces: tuple[Piece, ...] = ()
    if manifest is None:
        units = stage.units(inputs)
        read = {role: _Read.of(inputs[role], wanted[role]) for role in inputs}
        pieces = tuple(_piece(unit, parts, stage, read, store) for unit in units)
    if stage.aligned:
        ref, manifest = revision_of(shards_of(ref.stage, pieces), ref, store)
        note = "" if manifest or ref.key == parts.key() else OTHER_LAYOUT
    return Resolution(stage, dict(inputs), parts, ref, manifest, pieces, window, note)


def newest_revision(ref: ArtifactRef, store: Store) -> Manifest | None:
    """The whole version of that key; of several outcomes (`key~2`) the first that is whole."""
    revision = 1
    while True:
        name = ref.key if revision == 1 else f"{ref.key}~{revision}"
        manifest = store.find(ArtifactRef(stage=ref.stage, key=name))
        if manifest is None or store.intact(manifest):
            return manifest
        if manifest.exactness is Exactness.EXACT:
            return None  # the same key again: what is missing is made anew
        revision += 1


def revision_of(
    shards: tuple[Shard, ...], ref: ArtifactRef, store: Store
) -> tuple[ArtifactRef, Manifest | None]:
    """The version of an exact stage's key that has these shards, or the name it may take.

    A key says nothing of shards. The same documents may have come in others before (from scratch,
    in another window), and shards that are read side by side have to be the same.
    """
    key, revision = ref.key.partition("~")[0], 1
    ref = ArtifactRef(stage=ref.stage, key=key)
    while (manifest := store.find(ref)) is not None:
        if manifest.shards == shards:
            return ref, manifest if store.intact(manifest) else None
        revision += 1
        ref = ArtifactRef(stage=ref.stage, key=f"{key}~{revision}")
    return ref, None


def shards_of(stage: str, pieces: Iterable[Piece]) -> tuple[Shard, ...]:
    """The shards of a version in their order, as far as their keys are known."""
    return tuple(
        Shard(name=name, stage=stage, shard_key=key)
        for piece in pieces
        for name, key in piece.shard_keys.items()
    )


def free_revision(ref: ArtifactRef, store: Store) -> ArtifactRef:
    """The first name that this outcome of a key may take."""
    revision = 1
    while store.find(ref) is not None:
        revision += 1
        ref = ArtifactRef(stage=ref.stage, key=f"{ref.key.partition('~')[0]}~{revision}")
    return ref


@dataclass(frozen=True)
class _Read:
    """An input as its reader sees it: its shards by name, found once for all units."""

    ref: ArtifactRef
    shards: Mapping[str, Shard]
    wanted: tuple[str, ...]  # column groups

    @staticmethod
    def of(manifest: Manifest, wanted: tuple[str, ...]) -> _Read:
        return _Read(manifest.ref, manifest.by_name(), wanted)


def _piece(
    unit: Unit, parts: KeyParts, stage: Stage, read: Mapping[str, _Read], store: Store
) -> Piece:
    if unit.open or stage.exactness is not Exactness.EXACT:
        return Piece(unit, {})
    digests = {}
    for role, names in unit.inputs.items():
        found = digests_of(_receipts(read[role], names, store))
        digests[role] = _picked(found, read[role].wanted, empty=not names)
    extra = {name: value for name, value in parts.extra.items() if name != "layout"}
    if stage.aligned and stage.follows:  # rows in that order, and in those shards
        followed = _receipts(read[stage.follows], unit.shards, store)
        extra["order"] = [receipt.sequence for _, receipt in followed]
    key = parts.key_on(digests, extra)
    if stage.aligned and len(unit.shards) == 1:  # whatever it was called in another window
        return Piece(unit, {unit.shards[0]: _shard_key(key, "")})
    return Piece(unit, {name: _shard_key(key, name) for name in unit.shards})


def _shard_key(key: str, name: str) -> str:
    return hashlib.sha256(f"penstock shard 1\0{key}\0{name}".encode()).hexdigest()


def _picked(
    digests: Mapping[str, str], wanted: tuple[str, ...], *, empty: bool = False
) -> dict[str, str]:
    return {} if empty else {name: digests[name] for name in wanted}


def _layout(
    stage: Stage,
    inputs: Mapping[str, Manifest],
    wanted: Mapping[str, tuple[str, ...]],
    store: Store,
) -> str:
    """A hash of which rows lie in which shard, in which order, of the followed input."""
    role = stage.follows or next(iter(inputs))
    read = _Read.of(inputs[role], wanted[role])
    rows = [
        [receipt.sequence, _picked(digests_of([(name, receipt)]), read.wanted)]
        for name, receipt in _receipts(read, tuple(read.shards), store)
    ]
    return hashlib.sha256(canonical_json(rows)).hexdigest()


def _receipts(read: _Read, names: tuple[str, ...], store: Store) -> list[tuple[str, Receipt]]:
    found = []
    for name in names:
        shard = read.shards[name]
        receipt = store.find_receipt(shard.stage, shard.shard_key)
        if receipt is None:
            raise MissingArtifact(f"Shard {name} of {read.ref}", where=store.uri)
        found.append((name, receipt))
    return found
