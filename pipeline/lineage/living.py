"""Counting documents as people do: without the records that the world has gone past.

Older shards never change, so after a refresh the tables still hold a row for every record of an
earlier window, also where its URL has a newer one, or is gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.ledger import batches_of
from pipeline.lineage.places import receipts_of
from pipeline.overtaken import overtaken
from pipeline.store import Store
from schemas.artifact import Manifest
from schemas.column import DOC_ID
from schemas.ledger import QUARANTINED

_RECORD, _TOMBSTONE = (DOC_ID, "url", "window"), ("url", "window")
_DECIDES = "clusters"  # whoever stays there, and after it, is living


class Outdated(NamedTuple):
    """The records of some pages that the world has gone past."""

    ids: dict[str, pa.Array]  # shard -> doc_ids
    replaced: int = 0  # the URL has a newer record
    gone: int = 0  # the URL is gone


# Of each store what was asked for last: a run asks several times, and reads all addresses for it.
_LAST: WeakKeyDictionary[Store, tuple[str, Outdated]] = WeakKeyDictionary()


class Count(NamedTuple):
    """What became of the living documents at one stage."""

    kept: int
    dropped: int = 0
    quarantined: int = 0


def outdated(store: Store, pages: Manifest | None) -> Outdated:
    """The outdated records of a version of `pages`; none where it has one window."""
    if pages is None or "earlier" not in pages.inputs:
        return Outdated({})
    last = _LAST.get(store)
    if last is None or last[0] != pages.ref.key:
        last = _LAST[store] = (pages.ref.key, _outdated(store, pages))
    return last[1]


def _outdated(store: Store, pages: Manifest) -> Outdated:
    shards = dict(_tables(store, pages, "pages", _RECORD))
    tombstones = [rows for _, rows in _tables(store, pages, "tombstones", _TOMBSTONE)]
    if not shards or not tombstones:
        return Outdated({})
    found = overtaken(pa.concat_tables(shards.values()), pa.concat_tables(tombstones))
    past, start, ids = found.superseded | found.removed, 0, {}
    for name, rows in shards.items():
        here = past[start : start + rows.num_rows]
        if here.any():
            ids[name] = rows[DOC_ID].combine_chunks().filter(pa.array(here))
        start += rows.num_rows
    return Outdated(ids, int(np.sum(found.superseded)), int(np.sum(found.removed)))


class Living:
    """The living documents of versions that belong together, counted from their ledgers."""

    def __init__(
        self, store: Store, versions: Mapping[str, Manifest], past: Outdated | None = None
    ) -> None:
        self._store, self._versions = store, Ancestry(dict(versions))
        self.past = outdated(store, versions.get("pages")) if past is None else past
        self._left: dict[str, Counter[tuple[str, str]]] = {}
        self._past_here: dict[str, frozenset[bytes]] = {}

    def pages(self) -> int:
        """Pages that are there now."""
        pages = self._versions.get("pages")
        rows = pages.rows.get("pages", 0) if pages else 0
        return rows - self.past.replaced - self.past.gone

    def count(self, stage: str) -> Count | None:
        """What became of them at a stage, or None where it does not account for documents."""
        manifest = self._versions.get(stage)
        if manifest is None or manifest.account is None:
            return None
        account = manifest.account
        if not self.past.ids:
            return Count(account.kept.count, account.dropped.count, account.quarantined.count)
        by_outcome: Counter[str] = Counter()
        for (outcome, _), documents in self.left(stage).items():
            by_outcome[outcome] += documents
        quarantined = by_outcome.pop(QUARANTINED, 0)
        return Count(self._kept(manifest), by_outcome.total(), quarantined)

    def drops(self, stage: str) -> dict[str, int]:
        """Rule -> living documents that left by it; the quarantined are among them."""
        manifest = self._versions.versions[stage]
        if not self.past.ids:
            return manifest.drops
        counts: Counter[str] = Counter()
        for (_, rule), documents in self.left(stage).items():
            counts[rule] += documents
        return dict(sorted(counts.items()))

    def is_past(self, shard: str, doc_id: bytes) -> bool:
        """Whether a record is outdated."""
        if shard not in self._past_here:
            ids = self.past.ids.get(shard)
            self._past_here[shard] = frozenset(ids.to_pylist() if ids is not None else ())
        return doc_id in self._past_here[shard]

    def left(self, stage: str) -> Counter[tuple[str, str]]:
        """(outcome, rule) -> living documents that left at a stage."""
        if stage not in self._left:
            counts: Counter[tuple[str, str]] = Counter()
            for batch in batches_of(self._store, self._versions.versions[stage]):
                past = self.past.ids.get(batch["shard"][0].as_py()) if batch.num_rows else None
                there = batch
                if past is not None:
                    there = batch.filter(pc.invert(pc.is_in(batch[DOC_ID], past)))
                pairs = zip(there["outcome"].to_pylist(), there["rule"].to_pylist(), strict=True)
                counts.update(pairs)
            self._left[stage] = counts
        return self._left[stage]

    def _kept(self, manifest: Manifest) -> int:
        """Every page is a document until it leaves, at one stage of those up to here."""
        before = self._versions.upto(manifest.stage).versions
        if _DECIDES in before or "pages" not in before:
            return manifest.account.kept.count if manifest.account else 0
        left = sum(self.left(name).total() for name in before if name != "pages")
        return self.pages() - left


def _tables(
    store: Store, manifest: Manifest, table: str, columns: tuple[str, ...]
) -> Iterator[tuple[str, pa.Table]]:
    for name, receipt in receipts_of(store, manifest):
        if receipt.table(table):
            batches = store.batches(receipt, table, columns)
            yield name, pa.Table.from_batches(batches, store.schema(receipt, table, columns))
