"""Counting documents as their rows go by: which are there, which are live, and in what order."""

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.storage.row_digests import count_in
from pipeline.versions.digest import OrderedDigest, RowSum
from schemas.artifact import Tally
from schemas.column import DOC_ID


class Census:
    """The documents of one table. `live` names the column that is null or false where one left."""

    def __init__(self, live: str | None = None) -> None:
        self._live = live
        self._kept = RowSum()
        self._order = OrderedDigest()

    def add(self, batch: pa.RecordBatch) -> None:
        """Take in the next rows."""
        ids = batch[DOC_ID]
        count_in(self._order, [ids], len(ids))
        staying = ids.filter(mask_of(batch[self._live])) if self._live else ids
        count_in(self._kept, [staying], len(staying))

    @property
    def kept(self) -> Tally:
        """The documents that are live."""
        return tally(self._kept)

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
