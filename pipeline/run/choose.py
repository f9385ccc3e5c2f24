"""Which version of a stage a run takes: the one asked for, the newest window, or the pinned one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from pipeline.errors import DriftError
from pipeline.run.resolve import Resolution, newest_revision, resolve
from pipeline.stage import Stage
from pipeline.storage.references import References
from pipeline.store import Store
from pipeline.versions.canonical import canonical_json
from pipeline.versions.key import KeyParts
from pipeline.versions.why import differences, sentence
from schemas.artifact import Exactness, Manifest
from schemas.run import Equivalence

Drift = Literal["ask", "rerun", "reuse"]


def now_window() -> str:
    """The window of a refresh that is asked for now."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Wishes:
    """What a run wants, beside the recipe."""

    recipe: str  # its name
    pins: str = ""  # the name that keeps pinned versions; the recipe's, where it is empty
    refresh: bool = False
    window: str = field(default_factory=now_window)
    drift: Drift = "ask"
    who: str = "unknown"


def choose(
    stage: Stage, inputs: Mapping[str, Manifest], store: Store, wishes: Wishes
) -> Resolution:
    """The version of `stage` that this run means, and what of it is there."""
    if stage.exactness is Exactness.OBSERVED:
        return _newest_window(stage, store, wishes)
    resolution = resolve(stage, inputs, store)
    if stage.pinned:
        resolution = _pinned(resolution, store, wishes)
    if stage.expensive and not resolution.manifest:
        resolution = _equivalent(resolution, store)
    return resolution


def _newest_window(stage: Stage, store: Store, wishes: Wishes) -> Resolution:
    config = canonical_json(stage.config())
    windows: dict[str, Manifest] = {}
    for manifest in store.manifests(stage.name()):
        parts = KeyParts.from_json(manifest.parts)
        same = canonical_json(parts.config) == config and dict(parts.assets) == stage.assets()
        if same and store.intact(manifest):
            windows.setdefault(str(parts.extra.get("window", "")), manifest)
    if windows and (not wishes.refresh or wishes.window in windows):
        window = wishes.window if wishes.refresh else max(windows)
        found = windows[window]
        parts = KeyParts.from_json(found.parts)
        return Resolution(stage, {}, parts, found.ref, found, (), window, f"window {window}")
    earlier = {"earlier": windows[max(windows)]} if windows else {}
    note = f"a new window, {wishes.window}"
    return resolve(stage, earlier, store, window=wishes.window, note=note)


def _pinned(resolution: Resolution, store: Store, wishes: Wishes) -> Resolution:
    """The version that this recipe keeps, also where another recipe has made the one asked for."""
    stage = resolution.stage
    ref = References(store).pinned(wishes.pins or wishes.recipe, stage.name())
    manifest = store.find(ref) if ref else None
    if manifest is None or manifest == resolution.manifest:
        return resolution
    old = KeyParts.from_json(manifest.parts)
    found = differences(old, resolution.parts)
    if any(each.kind in ("config", "asset") for each in found):
        return resolution
    if not store.intact(manifest):
        inputs = {role: store.open(each) for role, each in manifest.inputs.items()}
        if not all(store.intact(each) for each in inputs.values()):
            return resolution
        note = f"pinned: {manifest.ref} is made again of what it was made of"
        return replace(resolve(stage, inputs, store), note=note)
    drift = [sentence(each) for each in found if each.kind in ("code", "package")]
    since = f"; since then: {', '.join(drift)}" if drift else ""
    note = f"pinned: {manifest.ref} stays, so that scores can be compared{since}"
    return Resolution(stage, resolution.inputs, old, manifest.ref, manifest, (), note=note)


def _equivalent(resolution: Resolution, store: Store) -> Resolution:
    """A version that somebody declared to stand for this one."""
    try:
        content = store.files.read(f"equivalences/{resolution.parts.key()}.json")
    except FileNotFoundError:
        return resolution
    declared = Equivalence.model_validate_json(content)
    manifest = newest_revision(declared.old, store)
    if manifest is None:
        return resolution
    note = f"declared equivalent to {declared.old} by {declared.who}: {declared.why}"
    return Resolution(
        resolution.stage, resolution.inputs, resolution.parts, manifest.ref, manifest, (), note=note
    )


def drifted(resolution: Resolution, store: Store) -> tuple[Manifest, list[str]] | None:
    """The newest version that differs only in code or packages, and in which."""
    for manifest in store.manifests(resolution.stage.name()):
        found = differences(KeyParts.from_json(manifest.parts), resolution.parts)
        if found and all(each.kind in ("code", "package") for each in found):
            return manifest, [sentence(each) for each in found]
    return None


def check_drift(resolution: Resolution, store: Store, wishes: Wishes) -> Resolution:
    """Stop before an expensive stage of which only code or packages changed, unless told to go on.

    Raises:
        DriftError: nobody has said whether to run it again.
    """
    if not resolution.stage.expensive or resolution.manifest or wishes.drift == "rerun":
        return resolution
    found = drifted(resolution, store)
    if found is None:
        return resolution
    manifest, reasons = found
    if wishes.drift == "reuse":
        declare(resolution.parts.key(), manifest, store, wishes.who, "the recipe says: reuse")
        return _equivalent(resolution, store)
    shown = "\n".join(f"  {reason}" for reason in reasons[:12])
    name = resolution.stage.name()
    msg = (
        f"{name} is expensive, and since {manifest.ref} only this changed:\n{shown}\n"
        f"Run it again with --drift rerun, or keep what is there with --drift reuse; "
        f"who chose is written down."
    )
    raise DriftError(msg)


def declare(key: str, manifest: Manifest, store: Store, who: str, why: str) -> None:
    """Write down that a version stands for another key."""
    when = datetime.now(UTC).isoformat(timespec="seconds")
    record = Equivalence(new=key, old=manifest.ref, who=who, why=why, when=when)
    store.files.create(f"equivalences/{key}.json", record.model_dump_json(indent=1).encode())
