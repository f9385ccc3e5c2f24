"""Counting over all documents of some versions: by columns, shard by shard, and never by text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.lineage.living import Living
from pipeline.lineage.places import receipts_of
from pipeline.signals.private.kinds import KIND_NAMES
from pipeline.store import Store
from schemas.artifact import Manifest
from schemas.column import DOC_ID

UNKNOWN = ""  # the language of a text that nobody could tell


def shards(
    store: Store, manifest: Manifest, table: str, columns: Sequence[str]
) -> Iterator[tuple[str, pa.Table]]:
    """Each shard's name and rows; a shard that has no such table is left out."""
    for name, receipt in receipts_of(store, manifest):
        if receipt.table(table):
            batches = store.batches(receipt, table, columns)
            yield name, pa.Table.from_batches(batches, store.schema(receipt, table, columns))


def documents_by_language(
    store: Store, manifest: Manifest, table: str, live: str, living: Living
) -> Counter[str]:
    """Language -> living documents whose column `live` is neither null nor false."""
    counts: Counter[str] = Counter()
    for name, rows in shards(store, manifest, table, sorted({"language", live, DOC_ID})):
        past = living.past.ids.get(name)
        there = rows.filter(_true(rows[live]))
        if past is not None and table != "corpus":  # nobody is outdated there
            there = there.filter(pc.invert(pc.is_in(there[DOC_ID], past)))
        counts.update(_counts(there["language"]))
    return counts


def tokens_by_language(store: Store, manifest: Manifest) -> dict[str, tuple[int, int]]:
    """Language -> tokens, the ends of documents included, and the bytes of text they spell."""
    tokens: Counter[str] = Counter()
    spelled: Counter[str] = Counter()
    for _, rows in shards(store, manifest, "row_map", ["language", "start", "stop", "text_bytes"]):
        sizes = pc.subtract(rows["stop"], rows["start"]).cast(pa.int64())
        named = pa.table(
            {
                "language": rows["language"].fill_null(UNKNOWN),
                "tokens": sizes,
                "bytes": rows["text_bytes"].cast(pa.int64()),
            }
        )
        sums = named.group_by("language").aggregate([("tokens", "sum"), ("bytes", "sum")])
        for row in sums.to_pylist():
            tokens[row["language"]] += row["tokens_sum"]
            spelled[row["language"]] += row["bytes_sum"]
    return {language: (tokens[language], spelled[language]) for language in tokens}


def private_data(store: Store, measured: Manifest, last: Manifest | None) -> dict[str, int]:
    """Kind -> spans in the documents that stay: those are redacted in the corpus.

    Args:
        store: where the versions are.
        measured: the family `private_data`.
        last: the version that decided last who stays, of clusters or of a mixture.
    """
    kinds = [kind for kind in KIND_NAMES if f"signals.{kind}" in measured.columns]
    stays = dict(shards(store, last, last.stage, ["keep"])) if last else {}
    counts: Counter[str] = Counter()
    for name, rows in shards(store, measured, "signals", kinds):
        if name in stays:  # the same rows in the same order
            rows = rows.filter(_true(stays[name]["keep"]))
        counts.update({kind: pc.sum(rows[kind]).as_py() or 0 for kind in kinds})
    return {kind: counts[kind] for kind in kinds if counts[kind]}


def windows(store: Store, pages: Manifest) -> list[str]:
    """The windows that the pages, and the tombstones, are from; the oldest first."""
    found: set[str] = set()
    for table in ("pages", "tombstones"):
        for _, rows in shards(store, pages, table, ["window"]):
            found.update(pc.unique(rows["window"]).to_pylist())
    return sorted(found)


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    counted = pc.value_counts(column.fill_null(UNKNOWN))
    return {pair["values"]: pair["counts"] for pair in counted.to_pylist()}


def _true(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Where a flag is true, or any other column has a value."""
    flag = column if pa.types.is_boolean(column.type) else column.is_valid()
    return pc.fill_null(flag, False)
