"""Taking pages down: which versions of pages give way, what runs again, and what is pinned anew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import pyarrow.compute as pc

from flows.stage_of import stage_of
from flows.subject import lineage_of
from pipeline.crawl.stage import Pages
from pipeline.crawl.without import Cutter
from pipeline.errors import BadRecipe
from pipeline.lineage.places import receipts_of
from pipeline.sites import Subject
from pipeline.storage.leases import Lease
from pipeline.storage.references import PINNED, References
from pipeline.store import Store
from pipeline.takedowns import in_force, takedown_log
from pipeline.versions.canonical import canonical_json
from pipeline.versions.key import KeyParts
from schemas.artifact import ArtifactRef, Manifest
from schemas.takedown import Takedown

VOID = "0" * 64  # a pinned name that points nowhere: the next run makes what it names anew
_WHOLE = ("clusters", "validation", "tokens.validation", "tokenizer", "model", "scores")
_PINNED_STILL = "tokenizer"


class Given(NamedTuple):
    """A version of pages, and the one that takes its place."""

    old: ArtifactRef
    new: ArtifactRef
    records: int  # that went


class Again(NamedTuple):
    """A stage of a recipe that the next run makes again."""

    recipe: str
    stage: str
    shards: int
    of: int


def holding(store: Store, subject: Subject) -> list[tuple[Manifest, int]]:
    """The versions of pages that a run would go on from and that hold something of a subject.

    With each, how many records and tombstones that is. The pages are read, not the index.
    """
    cutter = Cutter(store, subject.mask)
    return [(one, held) for one in _present(store) if (held := cutter.holds(one))]


def newest(held: list[tuple[Manifest, int]]) -> list[Manifest]:
    """Of each source the version that the next run goes on from; see `holding`."""
    return list({_group(manifest): manifest for manifest, _ in held}.values())


def again(store: Store, subject: Subject, pages: Manifest) -> Iterator[Again]:
    """What the recipes that use a version of pages make again without a subject."""
    touched = _touched(store, subject, pages)
    names = References(store)
    for recipe in names.names("pages"):
        log = names.versions("pages", recipe)
        if any(log.get(number).ref == pages.ref for number in log.numbers()):
            for stage, one in lineage_of(store, pages).versions.items():
                mine = sum(shard.name in touched for shard in one.shards)
                if stage in _WHOLE:
                    mine = 0 if stage == _PINNED_STILL else len(one.shards)
                if mine:
                    yield Again(recipe, stage, mine, len(one.shards))


def _touched(store: Store, subject: Subject, pages: Manifest) -> set[str]:
    """The names of the shards that hold pages of a subject."""
    found = set()
    for name, receipt in receipts_of(store, pages):
        urls = (batch["url"] for batch in store.batches(receipt, "pages", ["url"]))
        if any(pc.any(subject.mask(each)).as_py() for each in urls):
            found.add(name)
    return found


def take_down(store: Store, subject: Subject, *, who: str, why: str) -> list[Given]:
    """Write down that a subject must stay out, and write the pages without it.

    Safe to repeat: what is done is found. The take-down is written first, so whoever crawls from
    then on leaves the subject out; a crawl that is under way is waited for.

    Raises:
        StoreError: a shard cannot be read or written.
    """
    held = sum(count for _, count in holding(store, subject))
    _note(store, subject, who=who, why=why, documents=held)
    found = []
    groups = {_group(one): None for one in _present(store)}
    for group in groups:
        with Lease(store.files, f"pages-{hashlib.sha256(group).hexdigest()[:16]}"):
            cutter = Cutter(store, subject.mask)
            for one in [each for each in _present(store) if _group(each) == group]:
                records = cutter.holds(one)
                if records:
                    new = cutter.rewritten(_stage(one), one)
                    found.append(Given(one.ref, new.ref, records))
    return found


def unpin(store: Store, subject: Subject, *, who: str) -> list[str]:
    """Let go of pinned validation sets that hold something of a subject; returns their recipes."""
    names, found = References(store), []
    for recipe in names.names("validation"):
        ref = names.pinned(recipe, "validation")
        manifest = store.find(ref) if ref else None
        if manifest is None or not store.intact(manifest):
            continue
        urls = store.read(manifest, "validation", ["url"])["url"].combine_chunks()
        if pc.any(subject.mask(urls)).as_py():
            void = ArtifactRef(stage="validation", key=VOID)
            names.move(recipe, PINNED, void, who=who, why=f"{subject.text} was taken down")
            found.append(recipe)
    return found


def _note(store: Store, subject: Subject, *, who: str, why: str, documents: int) -> None:
    log = takedown_log(store.files)
    for number in log.numbers():
        known = log.get(number)
        if (known.subject, known.address) == (subject.text, bool(subject.url)):
            return
    record = Takedown(
        subject=subject.text,
        address=bool(subject.url),
        who=who,
        why=why,
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        documents=documents,
    )
    log.append(lambda _: record)


def _present(store: Store) -> list[Manifest]:
    """The version of pages of every source and window that a run would take; windows in order."""
    found: dict[tuple[bytes, str, str], Manifest] = {}
    for manifest in in_force(store.manifests("pages")):
        parts = KeyParts.from_json(manifest.parts)
        window = str(parts.extra.get("window", ""))
        place = (_group(manifest), canonical_json(dict(parts.assets)).decode(), window)
        if place not in found and store.intact(manifest):
            found[place] = manifest
    return [found[place] for place in sorted(found)]


def _group(manifest: Manifest) -> bytes:
    """What `Runner` calls the lease of whoever crawls it by."""
    return canonical_json(KeyParts.from_json(manifest.parts).config)


def _stage(manifest: Manifest) -> Pages:
    stage = stage_of(KeyParts.from_json(manifest.parts))
    if not isinstance(stage, Pages):
        msg = f"{manifest.ref} is no version of pages that this code can write."
        raise BadRecipe(msg)
    return stage
