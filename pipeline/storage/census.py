"""Counting documents as their rows go by: which are there, which are live, and in what order."""

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.storage.row_digests import count_in
from pipeline.versions.digest import OrderedDigest, RowSum
from schemas.artifact import Tally
from schemas.column import DOC_ID


class Census:
    """The documents of one table."""

    def __init__(self, every: RowSum, live: str | None = None) -> None:
        """Begin to count.

        Args:
            every: all documents of the table, its digest of ids.
            live: names the column that is null or false where a document has left.
        """
        self._every, self._live = every, live
        self._left = RowSum()
        self._order = OrderedDigest()

    def add(self, batch: pa.RecordBatch) -> None:
        """Take in the next rows."""
        ids = batch[DOC_ID]
        count_in(self._order, [ids], len(ids))
        if self._live:
            left = ids.filter(pc.invert(mask_of(batch[self._live])))
            count_in(self._left, [left], len(left))

    @property
    def kept(self) -> Tally:
        """The documents that are live."""
        return tally(self._every.minus(self._left))

    @property
    def sequence(self) -> str:
        """A hash of all doc_ids, in order."""
        return self._order.hexdigest()


def mask_of(live: pa.Array) -> pa.BooleanArray:
    """True where a document is live: where its column is true, or, not being a flag, not null."""
    return pc.fill_null(live, False) if pa.types.is_boolean(live.type) else pc.is_valid(live)


def tally(total: RowSum) -> Tally:
    """What a sum of ids says, to be written down."""
    return Tally(count=total.count, digest=total.hexdigest())
