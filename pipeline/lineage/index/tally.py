"""What facts come to, counted a piece at a time: documents, shards, rows of tokens.

A document's facts lie side by side in the index, and may lie in several segments, so repeats are
left out of each piece first, and what is left is sorted once at the end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.lineage.index.facts import PACKED
from schemas.column import DOC_ID

COLUMNS = (DOC_ID, "kind", "shard", "row")
Rows = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.uint64]
_ROW_BITS = np.uint64(32)  # a row of a shard's table is an int32


class Packed(NamedTuple):
    """Rows of tokens, each once."""

    known: Numbers  # the shards that they are in, ascending
    places: Rows  # of each row: its shard's place among them
    rows: Rows  # in that shard's table


class Tally:
    """Counts facts; those of some kinds are only known to be there."""

    def __init__(self, aside: Collection[str] = ()) -> None:
        self.facts = 0  # of any kind
        self._aside = frozenset(aside)
        self._documents: list[Numbers] = []
        self._of_kind: dict[str, list[Numbers]] = defaultdict(list)
        self._shards: dict[str, list[Numbers]] = defaultdict(list)
        self._packed: list[tuple[Numbers, Rows]] = []

    @classmethod
    def of(cls, facts: pa.Table) -> Self:
        """All of some facts."""
        tally = cls()
        tally.add(facts)
        return tally

    def add(self, facts: pa.Table) -> None:
        """Count some facts, with the columns of `COLUMNS`."""
        for batch in facts.select(COLUMNS).to_batches():
            self._add(batch)

    def _add(self, facts: pa.RecordBatch) -> None:
        self.facts += facts.num_rows
        coded = facts["kind"].dictionary_encode()
        kinds, codes = coded.dictionary.to_pylist(), coded.indices.to_numpy()
        documents, shards = _halves(facts[DOC_ID]), facts["shard"].to_numpy()
        counted = np.array([kind not in self._aside for kind in kinds], bool)[codes]
        self._documents.append(_runs(documents[counted]))
        for code, kind in enumerate(kinds):
            if kind in self._aside:
                continue
            mine = codes == code
            self._of_kind[kind].append(_runs(documents[mine]))
            self._shards[kind].append(shards[mine])
            if kind == PACKED:
                rows = facts["row"].filter(pa.array(mine)).to_numpy()
                self._packed.append((shards[mine], rows.astype(np.int64)))

    def documents(self) -> int:
        """How many documents the facts are of."""
        return len(_distinct(self._documents))

    def records(self) -> dict[str, int]:
        """Kind of fact -> documents."""
        return {kind: len(_distinct(found)) for kind, found in sorted(self._of_kind.items())}

    def shards(self, *kinds: str) -> list[int]:
        """The shards that hold any of them, of some kinds or of all."""
        chosen = kinds or tuple(self._shards)
        found: list[int] = _distinct(
            [piece for kind in chosen for piece in self._shards[kind]]
        ).tolist()
        return found

    def packed(self) -> Packed:
        """The rows of tokens in which the documents lie."""
        shards = np.concatenate([np.empty(0, np.uint64), *(each for each, _ in self._packed)])
        rows = np.concatenate([np.empty(0, np.int64), *(each for _, each in self._packed)])
        known = _distinct([shards])
        places = np.searchsorted(known, shards).astype(np.uint64)
        pairs = _distinct([places << _ROW_BITS | rows.astype(np.uint64)])
        inside = np.uint64((1 << 32) - 1)
        return Packed(
            known, (pairs >> _ROW_BITS).astype(np.int64), (pairs & inside).astype(np.int64)
        )


def _halves(doc_ids: pa.Array) -> Numbers:
    """The first 64 bits of each id: as good as all, to count them, and much faster."""
    ids = np.frombuffer(doc_ids.buffers()[1], np.uint64)
    halves: Numbers = ids[2 * doc_ids.offset :][: 2 * len(doc_ids) : 2]
    return halves


def _runs(values: Numbers) -> Numbers:
    """The same without repeats that lie side by side."""
    if not len(values):
        return values
    kept: Numbers = values[np.concatenate([[True], values[1:] != values[:-1]])]
    return kept


def _distinct(pieces: Sequence[Numbers]) -> Numbers:
    """Each value once, in order; sorting is several times faster here than hashing."""
    return _runs(np.sort(np.concatenate([np.empty(0, np.uint64), *pieces])))
