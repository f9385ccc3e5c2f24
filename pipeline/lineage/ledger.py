"""The ledger of a version: what left on the way to it, where, by which rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.lineage.ancestry import Ancestry
from pipeline.store import Store
from schemas.artifact import Manifest
from schemas.ledger import LEDGER, QUARANTINED

TABLE = "ledger"
PLACED = pa.schema(
    [
        pa.field("stage", pa.string(), nullable=False),
        pa.field("shard", pa.string(), nullable=False),
        *(field.remove_metadata() for field in LEDGER),
    ]
)


class Left(NamedTuple):
    """How many documents left at one place for one reason."""

    stage: str
    outcome: str  # dropped, quarantined
    rule: str
    documents: int


def ledger(store: Store, ancestry: Ancestry) -> pa.Table:
    """Every row of the ledger of every stage: `PLACED`, stage by stage, shard by shard."""
    batches = [
        batch for manifest in ancestry.versions.values() for batch in batches_of(store, manifest)
    ]
    return pa.Table.from_batches(batches, schema=PLACED)


def batches_of(store: Store, manifest: Manifest) -> Iterator[pa.RecordBatch]:
    """The rows of one version's ledger, each with its stage and shard."""
    for shard in manifest.shards:
        receipt = store.find_receipt(shard.stage, shard.shard_key)
        if receipt is None or receipt.table(TABLE) is None:
            continue
        for batch in store.batches(receipt, TABLE, LEDGER.names):
            place = [pa.array([text] * batch.num_rows) for text in (manifest.stage, shard.name)]
            yield pa.RecordBatch.from_arrays([*place, *batch.columns], schema=PLACED)


def counts(rows: pa.Table) -> list[Left]:
    """Documents by stage, outcome and rule: in the order of the DAG, then the most first."""
    stages = {stage: n for n, stage in enumerate(pc.unique(rows["stage"]).to_pylist())}
    grouped = rows.group_by(["stage", "outcome", "rule"]).aggregate([([], "count_all")])
    found = [
        Left(row["stage"], row["outcome"], row["rule"], row["count_all"])
        for row in grouped.to_pylist()
    ]
    return sorted(found, key=lambda left: (stages[left.stage], -left.documents, left.rule))


def dropped_by(versions: Iterable[Manifest]) -> dict[tuple[str, str], int]:
    """(stage, rule) -> documents, from the manifests alone; the quarantined are among them."""
    return {(one.stage, rule): n for one in versions for rule, n in one.drops.items()}


def quarantined(rows: pa.Table) -> pa.Table:
    """The documents that broke their parser."""
    return rows.filter(pc.equal(rows["outcome"], QUARANTINED))
