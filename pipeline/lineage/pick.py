"""Some documents to look at: chosen by hashes, so that the same seed shows the same ones."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline.lineage.ancestry import Ancestry, readers
from pipeline.lineage.chapters import Chapter, chapter
from pipeline.lineage.ledger import batches_of
from pipeline.lineage.living import Living
from pipeline.lineage.places import Place, row_of
from pipeline.redact import redact
from pipeline.store import Store
from schemas.artifact import Manifest
from schemas.column import DOC_ID

PRIVATE = "signals.private_data"
_PAST = ("superseded", "removed")  # rules that take records which the world has gone past
_REDACTED = ("corpus", "validation")  # whose texts are fit to show as they are


class Picked(NamedTuple):
    """A document to show."""

    place: Place
    title: str | None
    text: str | None  # redacted; None where there is none, or nobody knows what is private in it
    about: Chapter | None = None  # what the stage says of it
    left: dict[str, Any] | None = None  # its row in the stage's ledger


def pick_kept(
    store: Store, versions: Ancestry, stage: str, count: int, *, seed: int = 0
) -> list[Picked]:
    """Living documents of a stage's main table."""
    manifest, living = versions.versions[stage], Living(store, versions.versions)
    rows = (
        (shard.name, doc_id)
        for shard in manifest.shards
        for doc_id in _documents(store, manifest, shard.name)
        if not living.is_past(shard.name, doc_id)
    )
    chosen = heapq.nsmallest(count, rows, key=lambda row: _rank(seed, row[1]))
    return [_picked(store, versions, manifest, Place(shard, one, "")) for shard, one in chosen]


def pick_left(
    store: Store,
    versions: Ancestry,
    stage: str,
    count: int,
    *,
    seed: int = 0,
    rule: str | None = None,
) -> list[Picked]:
    """Living documents that left at a stage; by one rule, where it is given.

    Records that a newer one has replaced, and those that are gone, are shown only to who asks for
    the rules that took them: `superseded` and `removed` of clusters.
    """
    manifest, living = versions.versions[stage], Living(store, versions.versions)
    rows = (
        row
        for batch in batches_of(store, manifest)
        for row in batch.to_pylist()
        if rule in (None, row["rule"])
        and (rule in _PAST or not living.is_past(row["shard"], row[DOC_ID]))
    )
    chosen = heapq.nsmallest(count, rows, key=lambda row: _rank(seed, row[DOC_ID]))
    return [
        _picked(store, versions, manifest, Place(row["shard"], row[DOC_ID], ""), row)
        for row in chosen
    ]


def _picked(
    store: Store,
    versions: Ancestry,
    manifest: Manifest,
    place: Place,
    left: dict[str, Any] | None = None,
) -> Picked:
    about = chapter(store, manifest, place)
    if manifest.stage in _REDACTED:
        found = row_of(store, manifest, manifest.stage, _there(manifest), place)
        values: dict[str, Any] = dict(found.values) if found else {}
    else:
        values = _document(store, versions, place)
    named = place._replace(url=values.get("url") or "")
    return Picked(named, values.get("title"), values.get("text"), about, left)


def _there(manifest: Manifest) -> list[str]:
    wanted = ("url", "title", "text")
    return [name for name in wanted if f"{manifest.stage}.{name}" in manifest.columns]


def _document(store: Store, versions: Ancestry, place: Place) -> dict[str, Any]:
    """url, title and redacted text of a document that may not be in the corpus."""
    documents = versions.get("documents")
    if documents is None:
        return {}
    private = versions.get(PRIVATE) or _measured(store, documents)
    found = row_of(store, documents, "documents", ("url", "title", "text"), place)
    values: dict[str, Any] = dict(found.values) if found else {}
    spans = row_of(store, private, "signals", ("spans",), place) if private else None
    if values.get("text") is None or spans is None:
        return values | {"text": None}
    text = pa.array([values["text"]], pa.large_string())
    return values | {"text": redact(text, pa.array([spans.values["spans"]]))[0].as_py()}


def _measured(store: Store, documents: Manifest) -> Manifest | None:
    """Where private data lies in these documents, though what is shown does not stand on it."""
    found = (one for one, read in readers(store, PRIVATE, "documents") if read.ref == documents.ref)
    return next(found, None)


def _documents(store: Store, manifest: Manifest, shard: str) -> Iterable[bytes]:
    """The doc_ids of a shard's main table that are still there."""
    named = next(each for each in manifest.shards if each.name == shard)
    receipt = store.find_receipt(named.stage, named.shard_key)
    if receipt is None or receipt.main is None:
        return
    columns = [DOC_ID, *([receipt.live] if receipt.live else [])]
    for batch in store.batches(receipt, receipt.main, columns):
        for row in batch.to_pylist():
            live = row[receipt.live] if receipt.live else True
            if live is not None and live is not False:
                yield row[DOC_ID]


def _rank(seed: int, doc_id: bytes) -> bytes:
    return hashlib.sha256(b"%d\n%s" % (seed, doc_id)).digest()
