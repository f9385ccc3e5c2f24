"""The second view: everything that is written down about one version, and its shards."""

from __future__ import annotations

from typing import Any

from flows.explore.subject import Looked
from flows.explore.versions import run_name
from pipeline.store import Store
from schemas.artifact import ArtifactRef, Manifest, Shard

_MOST_SHARDS = 500  # in one answer
_MOST_SUMMED = 5000  # shards whose receipts are read for sums of time and bytes
_MOST_NAMED = 200


def version(looked: Looked, of: str) -> dict[str, Any]:
    """The manifest, with the names of the version, its runs, and what reads it."""
    manifest = looked.manifest(of)
    catalogue = looked.catalogue()
    listed = catalogue.versions.get(manifest.ref)
    parts = manifest.parts
    return {
        "of": full(manifest.ref),
        "stage": manifest.stage,
        "key": manifest.ref.key,
        "made": listed.made if listed else None,
        "exactness": manifest.exactness,
        "reproducible": manifest.reproducible,
        "names": catalogue.names.get(manifest.ref, []),
        "runs": [run_name(run) for run in catalogue.runs_of.get(manifest.ref, ())][:_MOST_NAMED],
        "rows": manifest.rows,
        "drops": dict(sorted(manifest.drops.items(), key=lambda drop: (-drop[1], drop[0]))),
        "account": _account(manifest),
        "digests": manifest.digests,
        "columns": manifest.columns,
        "inputs": [
            {"role": role, "of": full(ref), "there": ref in catalogue.versions}
            for role, ref in manifest.inputs.items()
        ],
        "read": parts.get("inputs", {}),
        "readers": [full(ref) for ref in catalogue.readers.get(manifest.ref, ())][:_MOST_NAMED],
        "config": parts.get("config", {}),
        "code": parts.get("code", {}),
        "packages": parts.get("packages", {}),
        "assets": parts.get("assets", {}),
        "extra": parts.get("extra", {}),
        "shards": len(manifest.shards),
        "sums": _sums(looked.store, manifest),
    }


def shards(looked: Looked, of: str, *, start: int, count: int) -> dict[str, Any]:
    """Some shards, each with what its receipt says."""
    manifest = looked.manifest(of)
    shown = manifest.shards[start : start + min(count, _MOST_SHARDS)]
    told = [_shard(looked.store, shard) for shard in shown]
    return {"total": len(manifest.shards), "start": start, "rows": told}


def full(ref: ArtifactRef) -> str:
    """The name of a version with all digits of its key."""
    return f"{ref.stage}@{ref.key}"


def _account(manifest: Manifest) -> dict[str, int] | None:
    account = manifest.account
    if account is None:
        return None
    names = ("entered", "kept", "dropped", "quarantined")
    return {name: getattr(account, name).count for name in names}


def _sums(store: Store, manifest: Manifest) -> dict[str, float] | None:
    """What all shards took; None where there are too many to read."""
    if len(manifest.shards) > _MOST_SUMMED:
        return None
    receipts = [store.find_receipt(each.stage, each.shard_key) for each in manifest.shards]
    there = [receipt for receipt in receipts if receipt]
    return {
        "receipts": len(there),
        "bytes": sum(file.size for receipt in there for file in receipt.every_file()),
        "wall_seconds": sum(receipt.wall_seconds for receipt in there),
        "cpu_seconds": sum(receipt.cpu_seconds for receipt in there),
    }


def _shard(store: Store, shard: Shard) -> dict[str, Any]:
    about: dict[str, Any] = {"name": shard.name, "key": shard.shard_key}
    receipt = store.find_receipt(shard.stage, shard.shard_key)
    if receipt is None:
        return about | {"gone": True}
    files = [
        {"name": file.name, "path": file.path, "size": file.size, "sha256": file.sha256}
        for file in receipt.every_file()
    ]
    return about | {
        "attempt": receipt.attempt,
        "started": receipt.started,
        "wall_seconds": receipt.wall_seconds,
        "cpu_seconds": receipt.cpu_seconds,
        "rows": {table.name: table.rows for table in receipt.tables},
        "drops": receipt.drops,
        "environmental": receipt.environmental,
        "bytes": sum(file.size for file in receipt.every_file()),
        "files": files,
    }
