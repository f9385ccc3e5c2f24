"""Taking pages down: which versions of pages give way, what runs again, and what is pinned anew."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import pyarrow.compute as pc

from flows.stage_of import stage_of
from flows.subject import lineage_of
from pipeline.crawl.stage import Pages
from pipeline.crawl.without import Cutter
from pipeline.errors import BadRecipe
from pipeline.lineage.index.facts import GONE, PAGE, number
from pipeline.lineage.index.index import Index
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
_WHOLE = (
    *("clusters", "mixture", "validation", "tokens.validation", "tokenizer", "model", "scores"),
)
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


class Held(NamedTuple):
    """A version of pages that a run would go on from and that holds something of a subject."""

    pages: Manifest
    records: int  # pages and tombstones of it
    shards: frozenset[str]  # names of those that hold pages of it


def holding(index: Index, subject: Subject) -> list[Held]:
    """The versions of pages that would give way, as the index knows them; windows in order."""
    records, paged = Counter[int](), set[int]()
    for piece in index.pieces_of_subject(subject, ("kind", "shard")):
        for kind in (PAGE, GONE):
            mine = piece["shard"].filter(pc.equal(piece["kind"], kind))
            counts = {each["values"]: each["counts"] for each in mine.value_counts().to_pylist()}
            records.update(counts)
            paged.update(counts if kind == PAGE else ())
    found = []
    for pages in _present(index.store):
        numbers = {shard.name: number(shard.shard_key) for shard in pages.shards}
        held = sum(records[each] for each in numbers.values())
        if held:
            touched = frozenset(name for name, each in numbers.items() if each in paged)
            found.append(Held(pages, held, touched))
    return found


def newest(held: list[Held]) -> list[Held]:
    """Of each source the version that the next run goes on from; see `holding`."""
    return list({_group(each.pages): each for each in held}.values())


def again(store: Store, held: Held) -> Iterator[Again]:
    """What the recipes that use a version of pages make again without a subject."""
    names = References(store)
    for recipe in names.names("pages"):
        log = names.versions("pages", recipe)
        if any(log.get(entry).ref == held.pages.ref for entry in log.numbers()):
            for stage, one in lineage_of(store, held.pages).versions.items():
                mine = sum(shard.name in held.shards for shard in one.shards)
                if stage in _WHOLE:
                    mine = 0 if stage == _PINNED_STILL else len(one.shards)
                if mine:
                    yield Again(recipe, stage, mine, len(one.shards))


def take_down(store: Store, subject: Subject, *, who: str, why: str) -> list[Given]:
    """Write down that a subject must stay out, and write the pages without it.

    Safe to repeat: what is done is found. The take-down is written first, so whoever crawls from
    then on leaves the subject out; a crawl that is under way is waited for.

    Raises:
        StoreError: a shard cannot be read or written.
    """
    cutter = Cutter(store, subject.mask)
    held = sum(cutter.holds(one) for one in _present(store))  # of the pages, not of an index
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
    for entry in log.numbers():
        known = log.get(entry)
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
