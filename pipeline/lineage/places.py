"""Finding documents: by URL, by the beginning of a doc_id, or by shard and row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.errors import NoPages, NoRow, NoShard
from pipeline.store import Store
from schemas.artifact import Manifest, Receipt
from schemas.column import DOC_ID

ROW_MAP = "row_map"
_ID_DIGITS = 32
_PAGE = (DOC_ID, "url", "window")


class Place(NamedTuple):
    """A record of a document: the same document can lie in the shards of several windows."""

    shard: str
    doc_id: bytes
    url: str  # "" where no page is left of it
    window: str = ""


Match = Callable[[pa.RecordBatch], pa.Array]


def by_urls(store: Store, ancestry: Ancestry, urls: Collection[str]) -> list[Place]:
    """The records of these URLs, the newest window first."""
    wanted = pa.array(sorted(urls), pa.string())
    return _pages(store, ancestry, lambda batch: pc.is_in(batch["url"], value_set=wanted))


def by_ids(store: Store, ancestry: Ancestry, doc_ids: Collection[bytes]) -> list[Place]:
    """The records of these documents, the newest window first."""
    wanted = pa.array(sorted(doc_ids), pa.binary(16))
    return _pages(store, ancestry, lambda batch: pc.is_in(batch[DOC_ID], value_set=wanted))


def by_prefix(store: Store, ancestry: Ancestry, digits: str) -> list[Place]:
    """The records whose doc_id begins with these hex digits, the newest window first."""
    low, high = (bytes.fromhex(digits.lower().ljust(_ID_DIGITS, end)) for end in "0f")

    def match(batch: pa.RecordBatch) -> pa.Array:
        ids = batch[DOC_ID].cast(pa.binary())
        return pc.and_(pc.greater_equal(ids, low), pc.less_equal(ids, high))

    return _pages(store, ancestry, match)


def by_row(
    store: Store, ancestry: Ancestry, manifest: Manifest, shard: str, row: int
) -> list[Place]:
    """The records that lie in one row of a version: one document, or those packed in a row.

    Raises:
        NoShard, NoRow: the version has no such shard, or the shard no such row.
    """
    receipts = dict(receipts_of(store, manifest, shard))
    if shard not in receipts:
        names = [each.name for each in manifest.shards]
        raise NoShard(shard, manifest, where=store.uri, known=names[:8])
    found = _ids_in_row(store, receipts[shard], row)
    if not found:
        raise NoRow(row, shard, manifest, where=store.uri)
    places = by_ids(store, ancestry, set(found))
    same = [place for place in places if place.shard == shard]
    return sorted(same or places, key=lambda place: found.index(place.doc_id))


def receipts_of(store: Store, manifest: Manifest, first: str = "") -> Iterator[tuple[str, Receipt]]:
    """The shards of a version; the one of a name before the others."""
    for shard in sorted(manifest.shards, key=lambda shard: shard.name != first):
        receipt = store.find_receipt(shard.stage, shard.shard_key)
        if receipt is None:
            raise NoShard(shard.name, manifest, where=store.uri)
        yield shard.name, receipt


class Found(NamedTuple):
    """A row of a table, and where it lies."""

    shard: str
    row: int
    values: Mapping[str, Any]


def row_of(
    store: Store, manifest: Manifest, table: str, columns: Collection[str], place: Place
) -> Found | None:
    """The row of a document in a table of a version: in the shard of its page, or any other."""
    shards = {shard.name for shard in manifest.shards}
    for name, receipt in receipts_of(store, manifest, place.shard):
        found = _row_in(store, receipt, table, columns, place.doc_id)
        if found:
            return Found(name, *found)
        if name == place.shard and name in shards:
            return None  # a stage keeps its input's shards: it can be nowhere else
    return None


def _row_in(
    store: Store, receipt: Receipt, table: str, columns: Collection[str], doc_id: bytes
) -> tuple[int, Mapping[str, Any]] | None:
    if receipt.table(table) is None:
        return None
    start = 0
    for batch in store.batches(receipt, table, [DOC_ID, *columns]):
        at = pc.index(batch[DOC_ID], pa.scalar(doc_id, batch[DOC_ID].type)).as_py()
        if at >= 0:
            return start + at, batch.slice(at, 1).to_pylist()[0]
        start += batch.num_rows
    return None


def _pages(store: Store, ancestry: Ancestry, match: Match) -> list[Place]:
    pages = ancestry.get("pages")
    if pages is None:
        raise NoPages(where=store.uri)
    found = []
    for shard, receipt in receipts_of(store, pages):
        for batch in store.batches(receipt, "pages", _PAGE):
            rows = batch.filter(match(batch)).to_pylist()
            found += [Place(shard, row[DOC_ID], row["url"], row["window"]) for row in rows]
    return sorted(found, key=lambda place: place.window, reverse=True)


def _ids_in_row(store: Store, receipt: Receipt, row: int) -> list[bytes]:
    if receipt.table(ROW_MAP):
        rows = pa.Table.from_batches(
            store.batches(receipt, ROW_MAP, [DOC_ID, "row", "start"]),
            store.schema(receipt, ROW_MAP, [DOC_ID, "row", "start"]),
        )
        inside = rows.filter(pc.equal(rows["row"], row)).sort_by("start")
        return list(dict.fromkeys(inside[DOC_ID].to_pylist()))
    start = 0
    for batch in store.batches(receipt, receipt.main, [DOC_ID]) if receipt.main else ():
        if 0 <= row - start < batch.num_rows:
            return [batch[DOC_ID][row - start].as_py()]
        start += batch.num_rows
    return []
