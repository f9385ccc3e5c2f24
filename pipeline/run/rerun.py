"""Making a version a second time, beside the store, to see that the same comes out."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.errors import MissingArtifact
from pipeline.run.choose import Wishes
from pipeline.run.closeness import distance
from pipeline.run.digests import columns_of, columns_read
from pipeline.run.errors import OlderInput
from pipeline.run.executors import Executor
from pipeline.run.made import Made
from pipeline.run.runner import Listener, Runner
from pipeline.stage import Stage
from pipeline.storage.errors import NotRepeatable
from pipeline.store import Store
from pipeline.versions.key import KeyParts
from pipeline.versions.why import differences, sentence
from schemas.artifact import ArtifactRef, Exactness, Manifest, Receipt, Shard
from schemas.record import Record
from schemas.runtime import Runtime


class Mismatch(Record):
    """One place where the second time gave something else."""

    shard: str
    what: str  # `judged.keep`, `file report.txt`, `documents`
    before: str
    now: str


class Rerun(Record):
    """What came of making a version a second time."""

    ref: ArtifactRef
    shards: int  # that were made again
    mismatches: tuple[Mismatch, ...]
    changed: tuple[str, ...]  # code and packages that are not those of the first time
    tolerance: float | None = None  # the share within which numbers count as equal

    @property
    def equal(self) -> bool:
        """Whether the same came out."""
        return not self.mismatches


def rerun(
    ref: ArtifactRef,
    store: Store,
    stage_of: Callable[[KeyParts], Stage],
    executor: Executor,
    listener: Listener,
    *,
    runtime: Runtime,
    tolerance: float = 1e-3,
) -> Rerun:
    """Make a version again from its recorded inputs and configuration, and compare.

    Args:
        ref: the version.
        store: where it is; nothing in it changes.
        stage_of: the stage that the manifest's parts describe.
        executor: who makes the units, on this machine.
        listener: who hears how it goes on.
        runtime: where and how fast; its store does not count.
        tolerance: for stages that are equal within bounds, the share by which numbers may differ.

    Raises:
        NotRepeatable: it was observed, took a file that is not kept, or the stage is another one.
        MissingArtifact: it, or what it was made of, is no longer there.
        OlderInput: what it was made of lacks a column that the stage reads today.
    """
    manifest = store.open(ref)
    if manifest.exactness is Exactness.OBSERVED:
        raise _observed(ref)
    old = KeyParts.from_json(manifest.parts)
    stage = stage_of(old)
    _check_given(ref, old, stage)
    inputs = _inputs(manifest, stage, stage_of, store)
    scratch = store.files.scratch()
    try:
        beside = _beside(store, inputs, scratch)
        runtime = runtime.model_copy(update={"store": beside.uri})
        wishes = Wishes(recipe="rerun", drift="rerun")
        again = _made(stage, inputs, Runner(beside, runtime, wishes, executor, listener))
        changed = _changed(ref, old, KeyParts.from_json(again.parts))
        bound = tolerance if manifest.exactness is Exactness.TOLERANCE else None
        carried = {s for role in stage.carries(inputs) for s in inputs[role].shards}
        first = {s.name: s for s in manifest.shards if s not in carried}
        second = {s.name: s for s in again.shards if s not in carried}
        found = tuple(_compare(first, second, store, beside, bound))
        return Rerun(
            ref=ref, shards=len(second), mismatches=found, changed=changed, tolerance=bound
        )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _observed(ref: ArtifactRef) -> NotRepeatable:
    return NotRepeatable(
        f"{ref} holds what the world gave at its time, which cannot be made a second time.\n"
        f"`penstock verify` says whether its files are what was written then."
    )


def _check_given(ref: ArtifactRef, old: KeyParts, stage: Stage) -> None:
    """See that the files from outside are at hand; a key holds their content, not their place."""
    assets = stage.assets()
    lacking = [name for name, sha256 in old.assets.items() if assets.get(name) != sha256]
    if lacking:
        shown = ", ".join(f"{name} (SHA-256 {old.assets[name][:12]})" for name in lacking)
        raise NotRepeatable(
            f"{ref} was made of a file that its recipe gave: {shown}. The store keeps what came of "
            f"it, and not that file, so it cannot be made a second time from the store alone.\n"
            f"`penstock verify` says whether what is kept is what was written then."
        )


def _inputs(
    manifest: Manifest, stage: Stage, stage_of: Callable[[KeyParts], Stage], store: Store
) -> dict[str, Manifest]:
    """What a version was made of, by role, where the stage of today can read it."""
    reads = stage.reads()
    inputs = {role: store.open(each) for role, each in manifest.inputs.items()}
    for role in sorted(reads.keys() & inputs.keys()):
        version = inputs[role]
        lacking = [each for each in columns_read(reads[role]) if each not in version.columns]
        if lacking and lacking[0] in columns_of(stage_of(KeyParts.from_json(version.parts))):
            raise OlderInput(stage.name(), version.ref, lacking[0])
    return inputs


def _made(stage: Stage, inputs: dict[str, Manifest], runner: Runner) -> Manifest:
    made = runner(stage, **{role: Made(each.stage, each) for role, each in inputs.items()})
    if made.manifest is None:
        raise MissingArtifact(made.stage, where=runner.store.uri)
    return made.manifest


def _beside(store: Store, inputs: dict[str, Manifest], scratch: Path) -> Store:
    """A store in a scratch folder that has the shards of these versions, and nothing else."""
    root = scratch / "store"
    beside = Store.at(root)
    for manifest in inputs.values():
        for shard in manifest.shards:
            receipt = store.receipt(shard)
            if receipt is None:
                missing = f"Shard {shard.name} of {manifest.ref}"
                raise MissingArtifact(missing, where=store.uri)
            beside.create_receipt(receipt)
            for file in receipt.every_file():
                if beside.files.size(file.path) is None:
                    _lend(beside, root / file.path, file.path, store.local(file, scratch))
    return beside


def _lend(beside: Store, place: Path, path: str, local: Path) -> None:
    """Let a store have a file: by a link, or, where it is encrypted, sealed for it."""
    if beside.files.as_they_lie:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(local)
    else:
        beside.files.put(path, local)


def _changed(ref: ArtifactRef, old: KeyParts, new: KeyParts) -> tuple[str, ...]:
    found = differences(old, new)
    other = [sentence(each) for each in found if each.kind not in ("code", "package")]
    if other:
        msg = (
            f"{ref} was made by another stage, or of something else, than is at hand: "
            f"{'; '.join(other)}.\nGive the recipe that made it."
        )
        raise NotRepeatable(msg)
    return tuple(sentence(each) for each in found)


def _compare(
    first: dict[str, Shard],
    second: dict[str, Shard],
    store: Store,
    beside: Store,
    tolerance: float | None,
) -> Iterator[Mismatch]:
    for name in sorted(first.keys() | second.keys()):
        one = _receipt(first.get(name), store)
        other = _receipt(second.get(name), beside)
        before, now = _contents(one), _contents(other)
        for what in sorted(before.keys() | now.keys()):
            a, b = before.get(what, "absent"), now.get(what, "absent")
            if a == b:
                continue
            if one and other and tolerance is not None and what.startswith("file "):
                apart = _apart(what.removeprefix("file "), one, store, other, beside)
                if apart is not None and apart <= tolerance:
                    continue
                b = f"{b}, {'not comparable' if apart is None else f'{apart:.2g} apart'}"
            yield Mismatch(shard=name, what=what, before=a, now=b)


def _receipt(shard: Shard | None, store: Store) -> Receipt | None:
    return store.find_receipt(shard.stage, shard.shard_key) if shard else None


def _contents(receipt: Receipt | None) -> dict[str, str]:
    """Everything in a shard that has to come out the same."""
    if receipt is None:
        return {}
    found = {f"file {file.name}": file.sha256 for file in receipt.files}
    for table in receipt.tables:
        found |= {f"{table.name}.{group}": digest for group, digest in table.digests.items()}
    if receipt.account:
        found["documents"] = receipt.account.model_dump_json()
    return found


def _apart(name: str, one: Receipt, store: Store, other: Receipt, beside: Store) -> float | None:
    with store.open_file(one, name) as a, beside.open_file(other, name) as b:
        return distance(name, a, b)
