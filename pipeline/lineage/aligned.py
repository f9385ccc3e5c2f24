"""Reading tables of several versions that have the same rows in the same order, as one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.lineage.errors import Askew
from pipeline.lineage.places import receipts_of
from pipeline.store import Store
from schemas.artifact import Manifest, Receipt
from schemas.column import DOC_ID

Columns = Mapping[str, Sequence[str]]  # stage -> columns of its main table


class Rows(NamedTuple):
    """Some rows of a shard, n documents."""

    shard: str
    doc_id: pa.Array
    columns: dict[str, pa.Array]  # "signals.words.characters" -> n values

    def filter(self, here: pa.Array) -> Rows:
        """The rows for which `here` is true."""
        columns = {name: column.filter(here) for name, column in self.columns.items()}
        return Rows(self.shard, self.doc_id.filter(here), columns)


def aligned(
    store: Store,
    versions: Mapping[str, Manifest],
    columns: Columns,
    *,
    past: Mapping[str, pa.Array] | None = None,
    shards: Collection[str] | None = None,
) -> Iterator[Rows]:
    """The rows of stages whose main tables have a row for every document, a batch at a time.

    Args:
        store: where they are.
        versions: stage -> its version; of each stage in `columns` there is one.
        columns: what to read.
        past: shard -> doc_ids to leave out (see `living.Outdated`).
        shards: only these.

    Raises:
        Askew: two of the versions do not have the same documents in the same order.
    """
    receipts = {stage: _receipts(store, versions[stage], shards) for stage in columns}
    first, *others = receipts
    for shard, receipt in receipts[first].items():
        found = {first: receipt}
        for stage in others:
            other = receipts[stage].get(shard)
            if other is None or other.sequence != receipt.sequence:
                raise Askew(shard, versions[first], versions[stage])
            found[stage] = other
        left_out = (past or {}).get(shard)
        for rows in _of_shard(store, shard, found, columns):
            if left_out is None:
                yield rows
            else:
                yield rows.filter(pc.invert(pc.is_in(rows.doc_id, left_out)))


def _receipts(
    store: Store, manifest: Manifest, shards: Collection[str] | None
) -> dict[str, Receipt]:
    if shards is not None:
        some = tuple(shard for shard in manifest.shards if shard.name in shards)
        manifest = manifest.model_copy(update={"shards": some})
    return dict(receipts_of(store, manifest))


def _of_shard(
    store: Store, shard: str, receipts: Mapping[str, Receipt], columns: Columns
) -> Iterator[Rows]:
    streams, names = [], []
    for number, (stage, receipt) in enumerate(receipts.items()):
        wanted = [*([] if number else [DOC_ID]), *columns[stage]]
        if wanted:
            streams.append(store.batches(receipt, receipt.main or "", wanted))
            names.append((stage, wanted))
    for batches in _in_step(streams):
        found = {
            f"{stage}.{name}": batch[name]
            for (stage, wanted), batch in zip(names, batches, strict=True)
            for name in wanted
        }
        yield Rows(shard, found.pop(f"{next(iter(receipts))}.{DOC_ID}"), found)


def _in_step(
    streams: Sequence[Iterator[pa.RecordBatch]],
) -> Iterator[list[pa.RecordBatch]]:
    """Pieces of equal length of several streams of rows."""
    try:
        held = [next(stream) for stream in streams]
        while True:
            count = min(batch.num_rows for batch in held)
            if count:
                yield [batch.slice(0, count) for batch in held]
            held = [
                batch.slice(count) if batch.num_rows > count else next(stream)
                for batch, stream in zip(held, streams, strict=True)
            ]
    except StopIteration:  # of all of them: they have the same rows
        return
