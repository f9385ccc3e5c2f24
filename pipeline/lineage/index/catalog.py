"""The catalogue: which versions there are, which shards they hold, what the shards are."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline.lineage.index.facts import number
from schemas.artifact import ArtifactRef, Manifest, Receipt
from schemas.run import Reference

VERSIONS = pa.schema([("stage", pa.string()), ("key", pa.string()), ("about", pa.string())])
HOLDINGS = pa.schema(
    [("shard", pa.uint64()), ("stage", pa.string()), ("key", pa.string()), ("name", pa.string())]
)
SHARDS = pa.schema(
    [
        ("shard", pa.uint64()),
        ("stage", pa.string()),
        ("shard_key", pa.string()),
        ("sequence", pa.string()),  # equal: the same documents in the same order; null: none
        ("size", pa.int64()),  # bytes
        ("token_rows", pa.int64()),  # packed rows; null: it holds none
    ]
)
NAMES = pa.schema(
    [("path", pa.string()), ("stage", pa.string()), ("key", pa.string()), ("label", pa.string())]
)


class Version(NamedTuple):
    """What the catalogue knows of a version without opening its manifest."""

    ref: ArtifactRef
    inputs: dict[str, ArtifactRef]  # role -> version
    packages: dict[str, str]
    rules: tuple[str, ...]  # configured, or by which documents left
    window: str
    shards: int


def version_row(manifest: Manifest) -> dict[str, str]:
    """A row of `VERSIONS`."""
    parts = manifest.parts
    config = parts.get("config")
    rules = config.get("rules", ()) if isinstance(config, dict) else ()
    about = {
        "inputs": {role: [ref.stage, ref.key] for role, ref in manifest.inputs.items()},
        "packages": parts.get("packages", {}),
        "rules": sorted({*(_kind(rule) for rule in rules), *manifest.drops}),
        "window": str(parts.get("extra", {}).get("window", "")),
        "shards": len(manifest.shards),
    }
    return {"stage": manifest.stage, "key": manifest.ref.key, "about": json.dumps(about)}


def version_of(row: dict[str, str]) -> Version:
    """What `version_row` wrote."""
    about: dict[str, Any] = json.loads(row["about"])
    inputs = {
        role: ArtifactRef(stage=stage, key=key) for role, (stage, key) in about["inputs"].items()
    }
    ref = ArtifactRef(stage=row["stage"], key=row["key"])
    rules = tuple(about["rules"])
    return Version(ref, inputs, about["packages"], rules, about["window"], about["shards"])


def holding_rows(manifest: Manifest) -> pa.Table:
    """The rows of `HOLDINGS` of one version."""
    count = len(manifest.shards)
    columns = [
        pa.array([number(shard.shard_key) for shard in manifest.shards], pa.uint64()),
        pa.repeat(manifest.stage, count),
        pa.repeat(manifest.ref.key, count),
        pa.array([shard.name for shard in manifest.shards], pa.string()),
    ]
    return pa.table(columns, schema=HOLDINGS)


def shard_row(receipt: Receipt) -> dict[str, object]:
    """A row of `SHARDS`."""
    main = receipt.table(receipt.main) if receipt.main else None
    packed = receipt.table("rows")
    return {
        "shard": number(receipt.shard_key),
        "stage": receipt.stage,
        "shard_key": receipt.shard_key,
        "sequence": receipt.sequence if main and main.rows else None,
        "size": sum(file.size for file in receipt.every_file()),
        "token_rows": packed.rows if packed else None,
    }


def name_row(path: str, reference: Reference) -> dict[str, str]:
    """A row of `NAMES`: an entry of the log of a name, which never changes."""
    ref = reference.ref
    return {"path": path, "stage": ref.stage, "key": ref.key, "label": reference.label}


def names_by_version(rows: pa.Table) -> dict[ArtifactRef, tuple[str, ...]]:
    """Every version's names: its labels, and the moving names that point there now."""
    found: dict[ArtifactRef, list[str]] = {}
    newest: dict[str, dict[str, str]] = {}  # moving name -> its last entry
    for row in sorted(rows.to_pylist(), key=lambda row: str(row["path"])):
        _, kind, stage, *name, _ = row["path"].split("/")
        if kind == "versions":
            ref = ArtifactRef(stage=row["stage"], key=row["key"])
            found.setdefault(ref, []).append(f"{stage}/{'/'.join(name)}@{row['label']}")
        else:
            newest[f"{stage}/{'/'.join(name[:-1])}@{name[-1]}"] = row
    for name, row in newest.items():
        ref = ArtifactRef(stage=row["stage"], key=row["key"])
        found.setdefault(ref, []).insert(0, name)
    return {ref: tuple(names) for ref, names in found.items()}


def _kind(rule: object) -> str:
    return str(rule.get("kind", "")) if isinstance(rule, dict) else str(rule)
