"""What came of a stage, in a few words: for the lines of a run, and for the page."""

from __future__ import annotations

import json

from flows.results.words import counted
from pipeline.lineage.living import Living
from pipeline.store import Store
from ray_jobs.stages import METRICS, SCORES, TOKENIZER
from schemas.artifact import Manifest
from schemas.jobs import Scores


def stage_words(store: Store, manifest: Manifest, living: Living) -> str:
    """`464 documents`, `429 kept, 35 dropped`, `400 steps, loss 3.72`.

    Args:
        store: where the version is.
        manifest: the version.
        living: who is counted; it knows the version.
    """
    if manifest.stage == "pages":
        return _pages(living)
    if f"file {TOKENIZER}" in manifest.digests and manifest.stage == "tokenizer":
        return _tokenizer(store, manifest)
    if f"file {METRICS}" in manifest.digests:
        return _training(store, manifest)
    if f"file {SCORES}" in manifest.digests:
        return _scores(store, manifest)
    return _documents(manifest, living)


def _pages(living: Living) -> str:
    past = living.past
    told = [counted(living.pages(), "page")]
    told += [f"{past.replaced:,} replaced"] * bool(past.replaced)
    told += [f"{past.gone:,} gone"] * bool(past.gone)
    return ", ".join(told)


def _documents(manifest: Manifest, living: Living) -> str:
    count = living.count(manifest.stage)
    if count is None:
        tables = ((name, rows) for name, rows in manifest.rows.items() if name != "ledger")
        return ", ".join(f"{rows:,} {name}" for name, rows in tables)
    if "row_map" in manifest.rows:
        told = f"{counted(count.kept, 'document')} in {counted(manifest.rows['rows'], 'row')}"
        return told + f", {count.dropped:,} held out" * bool(count.dropped)
    if not count.dropped and not count.quarantined:
        return counted(count.kept, "document")
    quarantined = f", {count.quarantined:,} quarantined" * bool(count.quarantined)
    return f"{count.kept:,} kept, {count.dropped:,} dropped{quarantined}"


def _tokenizer(store: Store, manifest: Manifest) -> str:
    content = json.loads(_read(store, manifest, TOKENIZER))
    entries = content["model"]["vocab"].keys() | {t["content"] for t in content["added_tokens"]}
    return f"{len(entries):,} entries"


def _training(store: Store, manifest: Manifest) -> str:
    lines = [line for line in _read(store, manifest, METRICS).splitlines() if line]
    if not lines:
        return ""
    last = json.loads(lines[-1])
    return f"{counted(last['step'], 'step')}, loss {last['loss']:.2f}"


def _scores(store: Store, manifest: Manifest) -> str:
    scores = Scores.model_validate_json(_read(store, manifest, SCORES))
    return f"{scores.model.bits_per_byte:.3f} bits per byte"


def _read(store: Store, manifest: Manifest, name: str) -> bytes:
    return store.files.read(store.stored_file(manifest, name).path)
