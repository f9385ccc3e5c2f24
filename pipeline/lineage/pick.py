"""Some documents to look at: chosen by hashes, so that the same seed shows the same ones."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.chapters import Chapter, chapter
from pipeline.lineage.ledger import batches_of
from pipeline.lineage.living import Living
from pipeline.lineage.places import Place, row_of
from pipeline.lineage.readable import Readable, readable
from pipeline.store import Store
from schemas.artifact import Manifest
from schemas.column import DOC_ID

_PAST = ("superseded", "removed")  # rules that take records which the world has gone past
_REDACTED = ("corpus", "validation")  # whose texts are fit to show as they are


Left = dict[str, Any]  # a row of the ledger


class Picked(NamedTuple):
    """A document to show."""

    place: Place
    title: str | None  # redacted
    text: str | None  # redacted; None where there is none, or nobody knows what is private in it
    about: Chapter | None = None  # what the stage says of it
    left: Left | None = None  # its row in the stage's ledger


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
    chosen = heapq.nsmallest(count, rows, key=lambda row: rank(row[1], seed))
    places = [(Place(shard, one, ""), None) for shard, one in chosen]
    return _with_facts(store, manifest, _shown(store, versions, manifest, places))


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
    chosen = heapq.nsmallest(count, rows, key=lambda row: rank(row[DOC_ID], seed))
    return _with_facts(store, manifest, _shown(store, versions, manifest, _places(chosen)))


def lowest_by_rule(
    store: Store, versions: Ancestry, stage: str, count: int, living: Living
) -> dict[str, list[Left]]:
    """Rule -> rows of the ledger of living documents: those that `pick_left` picks of each."""
    lowest: dict[str, Lowest] = {}
    for batch in batches_of(store, versions.versions[stage]):
        for row in batch.to_pylist():
            if not living.is_past(row["shard"], row[DOC_ID]):
                lowest.setdefault(row["rule"], Lowest(count)).add(rank(row[DOC_ID]), row)
    return {rule: those.found() for rule, those in lowest.items()}


class Lowest:
    """Of many the few with the lowest ranks, without keeping the others."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._kept: list[tuple[bytes, dict[str, Any]]] = []

    def add(self, at: bytes, row: dict[str, Any]) -> None:
        """Keep it, as long as it may be among them."""
        self._kept.append((at, row))
        if len(self._kept) > 4 * self._count + 64:
            self._kept = heapq.nsmallest(self._count, self._kept, key=lambda pair: pair[0])

    def found(self) -> list[dict[str, Any]]:
        """They, the lowest first."""
        return [row for _, row in sorted(self._kept, key=lambda pair: pair[0])[: self._count]]


def rank(doc_id: bytes, seed: int = 0) -> bytes:
    """Where a document stands among those to choose from: a hash."""
    return hashlib.sha256(b"%d\n%s" % (seed, doc_id)).digest()


def _places(rows: Iterable[Left]) -> list[tuple[Place, Left | None]]:
    return [(Place(row["shard"], row[DOC_ID], ""), row) for row in rows]


def _shown(
    store: Store,
    versions: Ancestry,
    manifest: Manifest,
    chosen: Sequence[tuple[Place, Left | None]],
) -> list[Picked]:
    """The documents with what people may read of them."""
    if manifest.stage in _REDACTED:
        return [_as_it_is(store, manifest, place, left) for place, left in chosen]
    wanted: dict[str, list[bytes]] = {}
    for place, _ in chosen:
        wanted.setdefault(place.shard, []).append(place.doc_id)
    found = readable(store, versions, wanted)
    unknown = Readable("", None, None)
    picked = []
    for place, left in chosen:
        each = found.get((place.shard, place.doc_id), unknown)
        picked.append(Picked(place._replace(url=each.url), each.title, each.text, None, left))
    return picked


def _as_it_is(store: Store, manifest: Manifest, place: Place, left: Left | None) -> Picked:
    """A document of a stage that holds texts without private data."""
    found = row_of(store, manifest, manifest.stage, _there(manifest), place)
    values: dict[str, Any] = dict(found.values) if found else {}
    named = place._replace(url=values.get("url") or "")
    return Picked(named, values.get("title"), values.get("text"), None, left)


def _with_facts(store: Store, manifest: Manifest, picked: Iterable[Picked]) -> list[Picked]:
    return [each._replace(about=chapter(store, manifest, each.place)) for each in picked]


def _there(manifest: Manifest) -> list[str]:
    wanted = ("url", "title", "text")
    return [name for name in wanted if f"{manifest.stage}.{name}" in manifest.columns]


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
