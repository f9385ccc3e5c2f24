"""Facts: what one shard says of documents, one row each, without what decides nothing here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.sites import sites_of
from pipeline.store import Store
from schemas.artifact import Receipt
from schemas.column import DOC_ID

PAGE, GONE, LINKED, KEPT, PACKED = "page", "gone", "linked", "kept", "packed"
LEFT = ("dropped", "quarantined")
TAKEN_DOWN = "taken_down"  # a source still holds it, and nothing of it was read
KEEPERS = ("corpus", "validation")  # whose rows are the documents that are in

FACTS = pa.schema(
    [
        ("site", pa.string()),  # null where no page of the document is left
        ("url", pa.string()),
        (DOC_ID, pa.binary(16)),  # of `linked`: the page that links there
        ("kind", pa.string()),  # one of those above
        ("stage", pa.string()),
        ("shard", pa.uint64()),  # see `number`
        ("row", pa.int32()),  # in the shard's table; of `packed` the row of tokens
        ("window", pa.string()),
        ("rule", pa.string()),  # of `gone`: why
        ("value", pa.float64()),
        ("threshold", pa.float64()),
        ("kept", pa.binary(16)),
    ]
)
Read = Callable[[str, list[str]], pa.Table]


def number(shard_key: str) -> int:
    """A shard in a column: the first 64 bits of its key."""
    return int(shard_key[:16], 16)


def facts_of(store: Store, receipt: Receipt) -> pa.Table:
    """All that one shard says; only pages know their addresses."""

    def read(table: str, columns: list[str]) -> pa.Table:
        if receipt.table(table) is None:
            return pa.table({name: pa.nulls(0) for name in columns})
        schema = store.schema(receipt, table, columns)
        return pa.Table.from_batches(store.batches(receipt, table, columns), schema)

    pieces = [_filled(each, receipt) for each in _all(read, receipt) if each.num_rows]
    return pa.concat_tables([FACTS.empty_table(), *pieces])


def _all(read: Read, receipt: Receipt) -> Iterator[pa.Table]:
    if receipt.table("ledger"):
        columns = [DOC_ID, "outcome", "rule", "value", "threshold", "kept"]
        left = _numbered(read("ledger", columns).rename_columns({"outcome": "kind"}))
        refused = pc.fill_null(pc.equal(left["rule"], TAKEN_DOWN), False)
        kind = pc.if_else(refused, TAKEN_DOWN, left["kind"])
        yield left.set_column(left.schema.get_field_index("kind"), "kind", kind)
    if receipt.main in KEEPERS and receipt.main:
        yield _of(KEPT, _numbered(read(receipt.main, [DOC_ID])))
    if receipt.table("row_map"):
        rows = read("row_map", [DOC_ID, "row"]).group_by([DOC_ID, "row"]).aggregate([])
        yield _of(PACKED, rows)
    if receipt.table("pages"):
        pages = _numbered(read("pages", [DOC_ID, "url", "window"]))
        yield _of(PAGE, pages)
        yield _links(read("pages", [DOC_ID, "links"]), pages["url"])
    if receipt.table("tombstones"):
        gone = read("tombstones", [DOC_ID, "url", "window", "why"])
        yield _of(GONE, gone.rename_columns({"why": "rule"}))


def _links(pages: pa.Table, urls: pa.ChunkedArray) -> pa.Table:
    """The addresses that pages link to and that are none of them, each once."""
    links = pages["links"].combine_chunks()
    target = pc.list_flatten(links)
    source = pages[DOC_ID].combine_chunks().take(pc.list_parent_indices(links))
    outside = pc.invert(pc.is_in(target, value_set=urls.combine_chunks()))
    found = pa.table({"url": target.filter(outside), DOC_ID: source.filter(outside)})
    first = found.group_by("url").aggregate([(DOC_ID, "min")])
    return _of(LINKED, first.rename_columns({f"{DOC_ID}_min": DOC_ID}))


def _of(kind: str, rows: pa.Table) -> pa.Table:
    return rows.append_column("kind", pa.repeat(kind, rows.num_rows))


def _numbered(rows: pa.Table) -> pa.Table:
    return rows.append_column("row", pa.array(np.arange(rows.num_rows, dtype=np.int32)))


def _filled(rows: pa.Table, receipt: Receipt) -> pa.Table:
    """The rows with every column of `FACTS`."""
    count = rows.num_rows
    there = {name: rows[name] for name in rows.schema.names}
    there["stage"] = pa.repeat(receipt.stage, count)
    there["shard"] = pa.repeat(pa.scalar(number(receipt.shard_key), pa.uint64()), count)
    if "url" in there:
        there["site"] = sites_of(there["url"].combine_chunks())
    columns = [
        there[field.name].cast(field.type) if field.name in there else pa.nulls(count, field.type)
        for field in FACTS
    ]
    return pa.table(columns, schema=FACTS)
