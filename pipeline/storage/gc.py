"""Garbage collection: data that no name, recent run or unfinished work leads to is deleted.

From the roots (see `roots`) the manifests of all that a version was made of are followed, so a
kept model keeps its documents' story. Manifests and receipts are never deleted: they are small,
and say what there was.

Whatever is younger than the grace period stays; it ends at the start of the oldest run that is
under way. What such runs have taken stays too; see `presence` for why no run loses anything.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import StoreUnreachable
from pipeline.storage import notes
from pipeline.storage.committed import committed
from pipeline.storage.files import CLOCK, Entry
from pipeline.storage.journal import abandoned
from pipeline.storage.leases import Lease, over
from pipeline.storage.local import SCRATCH, TEMPORARY
from pipeline.storage.log import Log
from pipeline.storage.presence import COLLECTION, left_over, named, oldest_run
from pipeline.storage.probe import FOLDER as PROBE
from pipeline.storage.roots import Keep, reachable, roots
from pipeline.store import Store
from schemas.artifact import ArtifactRef, Manifest, Receipt
from schemas.collection import Collection
from schemas.record import Record

ShardKey = tuple[str, str]  # stage, key


class Pile(Record):
    """Garbage of one kind."""

    files: int = 0
    size: int = 0  # bytes


class Sweep(Record):
    """What a collection deletes, or has deleted."""

    paths: tuple[str, ...]  # below the store's root
    folders: tuple[Path, ...]  # of abandoned work, on this machine
    piles: dict[str, Pile]  # old versions, lost attempts, temporaries, leases, abandoned work
    versions: tuple[ArtifactRef, ...]  # that lose data

    @property
    def total(self) -> Pile:
        """All kinds together."""
        piles = self.piles.values()
        return Pile(files=sum(p.files for p in piles), size=sum(p.size for p in piles))


def plan_sweep(store: Store, keep: Keep, *, now: float | None = None) -> Sweep:
    """Find the garbage; nothing is deleted.

    Raises:
        StoreError: a reference, manifest or receipt cannot be read, so nothing can be said to be
            garbage.
    """
    now = _now(store) if now is None else now
    used_versions, used_shards = named(store.files, now)
    before = min(now, oldest_run(store.files, now) or now) - keep.grace_seconds
    store = Store(store.files)  # what is on disk now, not what was read before
    manifests = dict(_manifests(store, before))
    recent = (ref for ref, (_, young) in manifests.items() if young)
    start = [*roots(store, keep), *used_versions, *recent]
    marked = reachable(start, {ref: manifest for ref, (manifest, _) in manifests.items()})
    receipts = dict(_receipts(store, before))
    kept_shards = used_shards | {shard for shard, (_, young) in receipts.items() if young}
    for ref in marked:
        kept_shards.update((s.stage, s.shard_key) for s in manifests[ref][0].shards)
    lost = dict.fromkeys(left_over(store.files, now), "temporaries")
    lost |= dict.fromkeys(_notes(store, marked), "old versions")
    lost |= dict.fromkeys(abandoned(store.files, before), "abandoned work")
    lost |= dict.fromkeys(over(store.files, before, now, but=COLLECTION), "leases")
    kept = {path for shard in kept_shards & receipts.keys() for path in _paths(receipts[shard][0])}
    written = {path for receipt, _ in receipts.values() for path in _paths(receipt)}
    garbage = {
        entry: kind
        for entry in store.files.entries("")
        if entry.modified < before
        and entry.path not in kept
        and (kind := lost.get(entry.path) or _kind(entry, entry.path in written))
    }
    gone = {entry.path for entry in garbage}
    losing = [
        ref
        for ref, (manifest, _) in manifests.items()
        if any(
            not gone.isdisjoint(_paths(receipts[s.stage, s.shard_key][0]))
            for s in manifest.shards
            if (s.stage, s.shard_key) in receipts
        )
    ]
    folders = dict(store.files.stale(before))
    return Sweep(
        paths=tuple(entry.path for entry in garbage),
        folders=tuple(folders),
        piles=_piles(garbage, folders),
        versions=tuple(losing),
    )


def collect(store: Store, keep: Keep, *, who: str, why: str, now: float | None = None) -> Sweep:
    """Delete the garbage, after writing down which versions lose their data."""
    with Lease(store.files, COLLECTION):  # from here on, runs that begin wait
        return _collect(store, plan_sweep(store, keep, now=now), who=who, why=why)


def _collect(store: Store, sweep: Sweep, *, who: str, why: str) -> Sweep:
    if sweep.versions:
        record = Collection(
            when=datetime.now(UTC).isoformat(timespec="seconds"),
            who=who,
            why=why,
            versions=sweep.versions,
            files=sweep.total.files,
            size=sweep.total.size,
        )
        collections(store).append(lambda _: record)
    store.files.together(store.files.delete, sweep.paths)
    for folder in sweep.folders:
        shutil.rmtree(folder, ignore_errors=True)
    return sweep


def collections(store: Store) -> Log[Collection]:
    """Every collection that took the data of a version."""
    return Log(store.files, "collections", Collection)


def _now(store: Store) -> float:
    """The time by the clock that gives files their age; ours, where we may only look."""
    path = f"{CLOCK}/{secrets.token_hex(8)}"
    try:
        store.files.create(path, b"")
        moments = {each.path: each.modified for each in store.files.entries(CLOCK)}
        store.files.delete(path)
    except StoreUnreachable:
        return time.time()
    return moments[path]


def _manifests(store: Store, before: float) -> Iterator[tuple[ArtifactRef, tuple[Manifest, bool]]]:
    """Every version, and whether it is too young to be collected."""
    for entry in store.files.entries("versions"):
        _, stage, name = entry.path.split("/")
        if name.endswith(".json"):
            manifest = store.open(ArtifactRef(stage=stage, key=name.removesuffix(".json")))
            yield manifest.ref, (manifest, entry.modified >= before)


def _receipts(store: Store, before: float) -> Iterator[tuple[ShardKey, tuple[Receipt, bool]]]:
    """Every committed shard, and whether it is too young to be collected."""
    for stage, shard_key, entry in committed(store.files):
        receipt = store.find_receipt(stage, shard_key)
        if receipt:
            yield (stage, shard_key), (receipt, entry.modified >= before)


def _notes(store: Store, marked: set[ArtifactRef]) -> Iterator[str]:
    """What lies beside versions that are garbage."""
    kept = {(ref.stage, ref.key.partition("~")[0]) for ref in marked}
    for entry in store.files.entries(notes.FOLDER):
        _, stage, key, _ = entry.path.split("/")
        if (stage, key) not in kept:
            yield entry.path


def _paths(receipt: Receipt) -> list[str]:
    return [file.path for file in receipt.every_file()]


def _kind(entry: Entry, named: bool) -> str | None:
    """What kind of garbage a file is that nothing keeps; None where it is not for us to delete."""
    folder, _, name = entry.path.rpartition("/")
    if folder.startswith(SCRATCH):
        return None  # goes, or stays, with its folder
    if name.startswith(TEMPORARY):
        return "temporaries"
    if folder.startswith((CLOCK, PROBE)):
        return "temporaries"
    aside = name.startswith("aside-") and name.endswith(".json")
    if not folder.startswith("shards/") or name == "receipt.json" or aside:
        return None
    return "old versions" if named else "lost attempts"


def _piles(garbage: dict[Entry, str], folders: dict[Path, int]) -> dict[str, Pile]:
    sizes: dict[str, list[int]] = {}
    for entry, kind in garbage.items():
        sizes.setdefault(kind, []).append(entry.size)
    if folders:
        sizes.setdefault("abandoned work", []).extend(folders.values())
    return {kind: Pile(files=len(s), size=sum(s)) for kind, s in sorted(sizes.items())}
