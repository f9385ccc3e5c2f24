"""Counting the documents of a table: which are there, which are live, and in what order."""

from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.storage.row_digests import count_in
from pipeline.versions.digest import OrderedDigest, RowSum
from schemas.artifact import Tally
from schemas.column import DOC_ID


class Roll:
    """The roll of a table's documents, called batch by batch as its rows are written."""

    def __init__(self, live: str | None) -> None:
        """`live` names the column that is null or false where a document has left."""
        self._live = live
        self._batches: list[pa.RecordBatch] = []

    def add(self, batch: pa.RecordBatch) -> None:
        """Note the next rows."""
        ids = batch[DOC_ID]
        live = mask_of(batch[self._live]) if self._live else pa.repeat(True, len(ids))
        self._batches.append(pa.RecordBatch.from_arrays([ids, live], schema=ROLL))

    def table(self) -> pa.Table:
        """All of them: `doc_id` and `live`."""
        return pa.Table.from_batches(self._batches, ROLL)


ROLL = pa.schema([(DOC_ID, pa.binary(16)), ("live", pa.bool_())])


class Census(NamedTuple):
    """What is said of the documents of one table.

    Attributes:
        kept: those that are live.
        sequence: a hash of all doc_ids, in order.
    """

    kept: Tally
    sequence: str

    @classmethod
    def of(cls, roll: pa.Table, every: RowSum) -> "Census":
        """Count a `Roll`; `every` is the sum of its ids, which the table's digests hold."""
        order, left = OrderedDigest(), RowSum()
        ids = roll[DOC_ID].combine_chunks()
        count_in(order, [ids], len(ids))
        gone = ids.filter(pc.invert(roll["live"].combine_chunks()))
        count_in(left, [gone], len(gone))
        return cls(tally(every.minus(left)), order.hexdigest())


def mask_of(live: pa.Array) -> pa.BooleanArray:
    """True where a document is live: where its column is true, or, not being a flag, not null."""
    return pc.fill_null(live, False) if pa.types.is_boolean(live.type) else pc.is_valid(live)


def tally(total: RowSum) -> Tally:
    """What a sum of ids says, to be written down."""
    return Tally(count=total.count, digest=total.hexdigest())
