"""What an earlier version has in the place of a shard that is to be made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from pipeline.storage.base import TakenOver, places_of
from schemas.artifact import Receipt, Shard, Table

if TYPE_CHECKING:
    from pipeline.store import Store


@dataclass(frozen=True)
class PredecessorShards:
    """The shards behind a predecessor: its own, and by role those that it was made of, if light."""

    made: Shard
    inputs: Mapping[str, tuple[Shard, ...]]


class Predecessor:
    """The shard that an earlier version has in the place of the one that is made.

    The same code made it, configured alike, of the same shards in every role but the stage's
    `light` ones. What these say is here as it was then: a row about which they say the same now is
    the row that it was.
    """

    def __init__(
        self, receipt: Receipt, inputs: Mapping[str, tuple[Receipt, ...]], store: Store
    ) -> None:
        self._receipt, self._inputs, self._store = receipt, inputs, store

    @classmethod
    def of(cls, shards: PredecessorShards | None, store: Store) -> Predecessor | None:
        """Those shards, if they are all there, or None."""
        if shards is None:
            return None
        made = store.receipt(shards.made)
        inputs = {
            role: tuple(store.receipt(shard) for shard in each)
            for role, each in shards.inputs.items()
        }
        found = {role: tuple(filter(None, each)) for role, each in inputs.items()}
        return cls(made, found, store) if made and found == inputs else None

    def table(self, role: str, table: str, columns: Iterable[str]) -> pa.Table:
        """What a light role said then."""
        names = list(columns)
        receipts = self._inputs[role]
        schema = self._store.schema(receipts[0], table, names)
        batches = (
            batch for receipt in receipts for batch in self._store.batches(receipt, table, names)
        )
        return pa.Table.from_batches(batches, schema)

    def standing(self, table: str) -> TakenOver | None:
        """All rows of a table of the predecessor as rows of a base; None where it can be none.

        That is where it keeps no hashes of its rows, or has none.
        """
        found = self._receipt.table(table)
        if found is None:
            return None
        base: Table = found.base.table if found.base else found
        return TakenOver(base, base.hashes, places_of(found)) if base.hashes else None
