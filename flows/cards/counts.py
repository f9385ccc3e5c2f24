"""What cards need beside the figures of a run: domains, days of fetching, licences, weights."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import JsonValue

from flows.domains import by_domain, hosts
from flows.results.counts import shards
from pipeline.lineage.living import Living
from pipeline.shard.split import TRAIN
from pipeline.store import Store
from schemas.artifact import Manifest
from schemas.card import DomainCount
from schemas.column import DOC_ID

_LICENCE = ("license", "licence")  # how a column would be called
_MOST_HEADER = 100_000_000  # bytes; the format allows no longer one


def domains(store: Store, corpus: Manifest) -> tuple[DomainCount, ...]:
    """The registered domains of the training documents, the one with the most text first."""
    counted = by_domain(_hosts(store, corpus))
    names = {domain for _, domain in counted}
    found = [
        DomainCount(
            domain=name, documents=counted["documents", name], text_bytes=counted["bytes", name]
        )
        for name in names
    ]
    return tuple(sorted(found, key=lambda each: (-each.text_bytes, each.domain)))


def _hosts(store: Store, corpus: Manifest) -> Counter[tuple[str, str]]:
    """(documents | bytes, host, or "" for a text without an address) -> how many."""
    counts: Counter[tuple[str, str]] = Counter()
    for batch in _batches(store, corpus, "corpus", ["url", "text", "split"]):
        training = batch.filter(pc.equal(batch["split"], TRAIN))
        rows = pa.table(
            {
                "host": hosts(training["url"]),
                "bytes": pc.binary_length(training["text"]).cast(pa.int64()),
            }
        )
        sums = rows.group_by("host").aggregate([("bytes", "sum"), ("bytes", "count")])
        for row in sums.to_pylist():
            counts["documents", row["host"]] += row["bytes_count"]
            counts["bytes", row["host"]] += row["bytes_sum"]
    return counts


def fetched(store: Store, pages: Manifest) -> tuple[str | None, str | None]:
    """The days of the first and the last fetch, or None where none was written down."""
    days: list[str] = []
    for _, rows in shards(store, pages, "pages", ["fetched"]):
        bounds = pc.min_max(rows["fetched"]).as_py()
        days += [f"{bounds[end]:%Y-%m-%d}" for end in ("min", "max") if bounds[end]]
    return min(days, default=None), max(days, default=None)


def licences(store: Store, versions: dict[str, Manifest], living: Living) -> dict[str, int] | None:
    """Licence -> living pages, or None where no column of pages or documents holds any."""
    for stage in ("pages", "documents"):
        for name in versions[stage].columns if stage in versions else ():
            table, _, column = name.partition(".")
            if column in _LICENCE:
                return _licences(store, versions[stage], table, column, living)
    return None


def _licences(
    store: Store, manifest: Manifest, table: str, column: str, living: Living
) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for name, rows in shards(store, manifest, table, [DOC_ID, column]):
        past = living.past.ids.get(name)
        here = rows if past is None else rows.filter(pc.invert(pc.is_in(rows[DOC_ID], past)))
        values = pc.fill_null(here[column].cast(pa.string()), "")
        counts.update(
            {pair["values"]: pair["counts"] for pair in pc.value_counts(values).to_pylist()}
        )
    return dict(counts.most_common())


def parameters(store: Store, model: Manifest, file: str) -> int | None:
    """The numbers in a safetensors file, by its header alone; None where it is none."""
    with store.files.open(store.stored_file(model, file).path) as weights:
        size = int.from_bytes(weights.read(8), "little")
        try:
            header: dict[str, JsonValue] = json.loads(weights.read(min(size, _MOST_HEADER)))
        except ValueError:
            return None
    total = 0
    for tensor in header.values():
        shape = tensor.get("shape") if isinstance(tensor, dict) else None
        if isinstance(shape, list):
            count = 1
            for extent in shape:
                count *= int(str(extent))
            total += count
    return total


def _batches(
    store: Store, manifest: Manifest, table: str, columns: list[str]
) -> Iterator[pa.RecordBatch]:
    for shard in manifest.shards:
        receipt = store.find_receipt(shard.stage, shard.shard_key)
        if receipt and receipt.table(table):
            yield from store.batches(receipt, table, columns)
