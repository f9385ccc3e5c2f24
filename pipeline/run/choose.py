"""Which version of a stage a run takes: the one asked for, the newest window, or the pinned one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from pipeline.errors import DriftError
from pipeline.run.resolve import Resolution, newest_revision, resolve
from pipeline.stage import Stage
from pipeline.storage.journal import has_begun, unfinished
from pipeline.storage.references import References
from pipeline.store import Store
from pipeline.takedowns import in_force
from pipeline.versions.canonical import canonical_json
from pipeline.versions.key import KeyParts
from pipeline.versions.why import differences, sentence
from schemas.artifact import Exactness, Manifest
from schemas.run import Equivalence

Drift = Literal["ask", "rerun", "reuse"]
WINDOW_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
TAKEN_UP = timedelta(days=1)  # an older window that was begun is not what a refresh asks for
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def now_window() -> str:
    """The window of a refresh that is asked for now."""
    return datetime.now(UTC).strftime(WINDOW_FORMAT)


@dataclass(frozen=True)
class Wishes:
    """What a run wants, beside the recipe."""

    recipe: str  # its name
    pins: str = ""  # the name that keeps pinned versions; the recipe's, where it is empty
    refresh: bool = False
    window: str = field(default_factory=now_window)
    window_named: bool = True  # else one that was begun and not finished is taken up first
    backfill: bool = False  # the window itself, though a later one is there
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
        if wishes.drift == "reuse" and not resolution.manifest:
            resolution = _reused(resolution, store)
    return resolution


def _newest_window(stage: Stage, store: Store, wishes: Wishes) -> Resolution:
    config = canonical_json(stage.config())
    windows: dict[str, Manifest] = {}
    for manifest in in_force(store.manifests(stage.name())):
        parts = KeyParts.from_json(manifest.parts)
        same = canonical_json(parts.config) == config and dict(parts.assets) == stage.assets()
        if same and store.intact(manifest):
            windows.setdefault(str(parts.extra.get("window", "")), manifest)
    later = bool(windows) and max(windows) > wishes.window and not wishes.backfill
    if windows and (not wishes.refresh or wishes.window in windows or later):
        window = wishes.window if wishes.refresh and wishes.window in windows else max(windows)
        found = windows[window]
        parts = KeyParts.from_json(found.parts)
        return Resolution(stage, {}, parts, found.ref, found, (), window, f"window {window}")
    return _begun(stage, windows, store, wishes) or _in(wishes.window, stage, windows, store)


def _in(window: str, stage: Stage, windows: Mapping[str, Manifest], store: Store) -> Resolution:
    """The version of a window that has yet to be made."""
    before = [each for each in windows if each < window]
    earlier = {"earlier": windows[max(before)]} if before else {}
    return resolve(stage, earlier, store, window=window, note=f"a new window, {window}")


def _begun(
    stage: Stage, windows: Mapping[str, Manifest], store: Store, wishes: Wishes
) -> Resolution | None:
    """A window of the last day that somebody began in the same way and did not finish."""
    if wishes.window_named or not _TIME.fullmatch(wishes.window):
        return None
    oldest = _moment(wishes.window) - TAKEN_UP
    for window in unfinished(store.files, stage.name()):
        if not _TIME.fullmatch(window) or not oldest <= _moment(window) <= _moment(wishes.window):
            continue
        found = _in(window, stage, windows, store)
        begun = has_begun(store.files, stage.name(), found.parts.key())
        if begun and window > max(windows, default=""):
            return replace(found, note=f"window {window}, which was begun and is not finished")
    return None


def _moment(window: str) -> datetime:
    return datetime.strptime(window, WINDOW_FORMAT).replace(tzinfo=UTC)


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
    """A version that somebody declared to stand for this one; of several the first that is whole.

    Where the data of all is gone, this one is made: what was declared need not be believed then.
    """
    gone = ""
    for declared in _declared(resolution.parts.key(), store):
        manifest = newest_revision(declared.old, store)
        if manifest:
            why = f"declared equivalent to {declared.old} by {declared.who}: {declared.why}"
            return _standing_in(resolution, manifest, why)
        gone = f"declared equivalent to {declared.old}, whose data is gone"
    return replace(resolution, note=gone) if gone else resolution


def _standing_in(resolution: Resolution, manifest: Manifest, note: str) -> Resolution:
    return replace(resolution, ref=manifest.ref, manifest=manifest, pieces=(), note=note)


def _drifted(resolution: Resolution, store: Store) -> tuple[Manifest, list[str]] | None:
    """The newest version that is whole and differs only in code or packages, and in which."""
    for manifest in store.manifests(resolution.stage.name()):
        found = differences(KeyParts.from_json(manifest.parts), resolution.parts)
        only_code = found and all(each.kind in ("code", "package") for each in found)
        if only_code and store.intact(manifest):
            return manifest, [sentence(each) for each in found]
    return None


def _reused(resolution: Resolution, store: Store) -> Resolution:
    """What is there stands for what is asked, though code or packages changed: it was wished so."""
    found = _drifted(resolution, store)
    if found is None:
        return resolution
    manifest, reasons = found
    return _standing_in(resolution, manifest, f"reused, as asked, though {', '.join(reasons)}")


def question(resolution: Resolution, store: Store, wishes: Wishes) -> str:
    """What a run asks before an expensive stage of which only code or packages changed, or ""."""
    if not resolution.stage.expensive or resolution.manifest or wishes.drift != "ask":
        return ""
    found = _drifted(resolution, store)
    if found is None:
        return ""
    manifest, reasons = found
    shown = "\n".join(f"  {reason}" for reason in reasons[:12])
    return (
        f"{resolution.stage.name()} is expensive, and since {manifest.ref} only this changed:\n"
        f"{shown}\nRun it again with --drift rerun, or keep what is there with --drift reuse; "
        f"who chose is written down."
    )


def check_drift(resolution: Resolution, store: Store, wishes: Wishes) -> None:
    """Stop where there is something to ask.

    Raises:
        DriftError: nobody has said whether to run the stage again.
    """
    asked = question(resolution, store, wishes)
    if asked:
        raise DriftError(asked)


def note_reuse(resolution: Resolution, store: Store, who: str) -> None:
    """Write down that a version stands for another key, where it does; once."""
    manifest, key = resolution.manifest, resolution.parts.key()
    if not resolution.stage.expensive or manifest is None:
        return
    if KeyParts.from_json(manifest.parts).key() == key:
        return
    if manifest.ref.key.partition("~")[0] in {
        declared.old.key.partition("~")[0] for declared in _declared(key, store)
    }:
        return
    when = datetime.now(UTC).isoformat(timespec="seconds")
    why = "the recipe, or whoever asked for the run, says: reuse"
    record = Equivalence(new=key, old=manifest.ref, who=who, why=why, when=when)
    content = record.model_dump_json(indent=1).encode()
    number = 1
    while not store.files.create(_declaration(key, number), content):
        number += 1


def _declared(key: str, store: Store) -> Iterator[Equivalence]:
    number = 1
    while True:
        try:
            content = store.files.read(_declaration(key, number))
        except FileNotFoundError:
            return
        yield Equivalence.model_validate_json(content)
        number += 1


def _declaration(key: str, number: int) -> str:
    return f"equivalences/{key}.json" if number == 1 else f"equivalences/{key}~{number}.json"
