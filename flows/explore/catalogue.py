"""All versions, runs and names of a store in brief, so that ten thousand can be listed at once.

Each file of a store is written once, so what was read of it is kept, in the process and in the
store's folder `index`, which can be thrown away. Only new files are read.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from pipeline.errors import PipelineError, StoreUnreachable
from pipeline.store import Store
from schemas.artifact import ArtifactRef

KEPT = "index/explorer.json"
_FORMAT = 2  # of what is kept
_FOLDERS = ("versions", "runs", "refs")
_FRESH_SECONDS = 2.0

Brief = dict[str, Any]


class Listed(NamedTuple):
    """A version in brief."""

    ref: ArtifactRef
    made: float  # seconds since 1970
    about: Brief  # rows, kept, dropped, quarantined, shards, exactness, window, inputs


class RunListed(NamedTuple):
    """A run in brief."""

    recipe: str
    number: int
    about: Brief  # window, started, ended, requested_by, reason, stages

    def refs(self) -> list[ArtifactRef]:
        """The versions that it came to."""
        return [ArtifactRef(stage=stage, key=key) for stage, key in self.about["stages"].items()]


class Catalogue:
    """What there was at one moment."""

    def __init__(self, briefs: dict[str, Brief]) -> None:
        self.briefs = briefs

    @cached_property
    def versions(self) -> dict[ArtifactRef, Listed]:
        """Every version, the newest first."""
        found = []
        for path, brief in self.briefs.items():
            parts = path.split("/")
            if parts[0] == "versions" and "shards" in brief:
                ref = ArtifactRef(stage=parts[1], key=parts[2].removesuffix(".json"))
                found.append(Listed(ref, brief["modified"], brief))
        found.sort(key=lambda one: (-one.made, one.ref.stage, one.ref.key))
        return {one.ref: one for one in found}

    @cached_property
    def runs(self) -> list[RunListed]:
        """Every run, the newest first."""
        found = []
        for path, brief in self.briefs.items():
            recipe, _, name = path.removeprefix("runs/").rpartition("/")
            if path.startswith("runs/") and "stages" in brief:
                found.append(RunListed(recipe, int(name.removesuffix(".json")), brief))
        return sorted(found, key=lambda run: (run.about["started"], run.number), reverse=True)

    @cached_property
    def runs_of(self) -> dict[ArtifactRef, list[RunListed]]:
        """Version -> the runs that came to it, the newest first."""
        found = defaultdict(list)
        for run in self.runs:
            for ref in run.refs():
                found[ref].append(run)
        return dict(found)

    @cached_property
    def names(self) -> dict[ArtifactRef, list[str]]:
        """Version -> its names: moving ones first, then labels."""
        moving: dict[str, tuple[int, ArtifactRef]] = {}
        labels = defaultdict(list)
        for path, brief in self.briefs.items():
            parts = path.split("/")
            if parts[0] != "refs" or "key" not in brief:
                continue
            ref, number = ArtifactRef(stage=parts[2], key=brief["key"]), int(parts[-1][:-5])
            if parts[1] == "versions":
                labels[ref].append(f"{parts[2]}/{parts[3]}@{brief['label']}")
            else:
                name = f"{parts[2]}/{parts[3]}@{parts[4]}"
                moving[name] = max(moving.get(name, (0, ref)), (number, ref), key=lambda m: m[0])
        found = defaultdict(list)
        for name, (_, ref) in sorted(moving.items()):
            found[ref].append(name)
        for ref, those in labels.items():
            found[ref] += sorted(those)
        return dict(found)

    @cached_property
    def readers(self) -> dict[ArtifactRef, list[ArtifactRef]]:
        """Version -> the versions that read it."""
        found = defaultdict(list)
        for one in self.versions.values():
            for stage, key in one.about["inputs"].values():
                found[ArtifactRef(stage=stage, key=key)].append(one.ref)
        return dict(found)

    @cached_property
    def stages(self) -> dict[str, int]:
        """Stage -> its versions."""
        counts: dict[str, int] = defaultdict(int)
        for ref in self.versions:
            counts[ref.stage] += 1
        return dict(sorted(counts.items()))


class Catalogues:
    """The newest catalogue of a store; threads may ask at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._looked = 0.0
        self._newest: Catalogue | None = None

    def newest(self) -> Catalogue:
        """The catalogue, at most two seconds old."""
        with self._lock:
            if self._newest is None or time.monotonic() - self._looked > _FRESH_SECONDS:
                before = self._newest.briefs if self._newest else self._kept()
                briefs = self._brought(before)
                if self._newest is None or briefs != before:
                    self._newest = Catalogue(briefs)
                if briefs != before:
                    self._keep(briefs)
                self._looked = time.monotonic()
            return self._newest

    def _brought(self, before: dict[str, Brief]) -> dict[str, Brief]:
        briefs: dict[str, Brief] = {}
        for folder in _FOLDERS:
            for entry in self._store.files.entries(folder):
                name, _, kind = entry.path.rpartition("/")[2].rpartition(".")
                if kind != "json" or (folder != "versions" and not name.isdigit()):
                    continue
                known = before.get(entry.path)
                if known is None or known["modified"] != entry.modified:
                    with suppress(FileNotFoundError):
                        known = {**self._read(entry.path), "modified": entry.modified}
                if known is not None:
                    briefs[entry.path] = known
        return briefs

    def _read(self, path: str) -> Brief:
        """What a file says in brief; of a damaged one nothing, and `penstock verify` tells."""
        kind = path.partition("/")[0]
        try:
            return _BRIEFS[kind](orjson.loads(self._store.files.read(path)))
        except (ValueError, KeyError, TypeError, AttributeError, ValidationError):
            return {}

    def _kept(self) -> dict[str, Brief]:
        with suppress(FileNotFoundError, ValueError, KeyError, TypeError):
            kept = orjson.loads(self._store.files.read(KEPT))
            if kept["format"] == _FORMAT:
                return dict(kept["briefs"])
        return {}

    def _keep(self, briefs: dict[str, Brief]) -> None:
        with suppress(StoreUnreachable, PipelineError):  # a store that may only be read
            content = orjson.dumps({"format": _FORMAT, "briefs": briefs})
            self._store.files.replace(KEPT, content)


def _version(manifest: Brief) -> Brief:
    account = manifest.get("account") or {}
    rows = {name: count for name, count in manifest["rows"].items() if name != "ledger"}
    return {
        "rows": rows.get(manifest["ref"]["stage"], next(iter(rows.values()), None)),
        **{name: account[name]["count"] for name in _COUNTS if name in account},
        "shards": len(manifest["shards"]),
        "exactness": manifest["exactness"],
        "inputs": {role: [ref["stage"], ref["key"]] for role, ref in manifest["inputs"].items()},
        "window": str(manifest["parts"].get("extra", {}).get("window", "")),
    }


def _run(run: Brief) -> Brief:
    told = ("window", "started", "ended", "requested_by", "reason")
    stages = {stage: one["ref"]["key"] for stage, one in run["stages"].items()}
    made = [stage for stage, one in run["stages"].items() if not one["reused"]]
    return {**{name: run[name] for name in told}, "stages": stages, "made": made}


def _reference(reference: Brief) -> Brief:
    return {"label": reference["label"], "key": reference["ref"]["key"]}


_COUNTS = ("kept", "dropped", "quarantined")
_BRIEFS = {"versions": _version, "runs": _run, "refs": _reference}


def matching(words: str, texts: Iterator[str]) -> bool:
    """Whether every word is somewhere in the texts."""
    whole = " ".join(texts).lower()
    return all(word in whole for word in words.lower().split())
