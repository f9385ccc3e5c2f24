"""Token rows in memory, and which of them a step sees.

The order of rows is a pure function of (seed, epoch, place in the epoch). It knows nothing of
workers: a step takes the next `rows_per_step` rows, and every worker its slice of those. So a
run can go on from any step at once, on any number of workers, with the rows it would have seen.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from ray_jobs.errors import BadTokenRows

NO_TARGET = -100  # what torch's cross-entropy leaves out
Ids = npt.NDArray[np.uint32]
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """Some rows as a network takes them, each (B, T)."""

    inputs: Longs
    targets: Longs  # the next token; NO_TARGET where it is another document's, or padding
    documents: npt.NDArray[np.int32]  # which document of its row a token belongs to


@dataclass(frozen=True)
class TokenRows:
    """All rows of a split."""

    ids: Ids  # (rows, context + 1)
    document: npt.NDArray[np.int32]  # (rows, context + 1), counted from 0 in every row
    used: npt.NDArray[np.int32]  # (rows,) tokens that are no padding
    vocabulary: int

    @classmethod
    def read(cls, paths: Sequence[str], *, vocabulary: int) -> Self:
        """The rows of these Parquet files, in order (schemas.tokens.ROWS).

        Raises:
            BadTokenRows: rows of several lengths, no rows, or ids beyond the vocabulary.
        """
        tables = [pq.read_table(path, page_checksum_verification=True) for path in paths]
        return cls.of_table(pa.concat_tables(tables), vocabulary=vocabulary)

    @classmethod
    def of_table(cls, table: pa.Table, *, vocabulary: int) -> Self:
        """The rows of a table with the columns `ids`, `starts` and `used`."""
        table = table.select(["ids", "starts", "used"]).combine_chunks()
        if not table.num_rows:
            raise BadTokenRows(problem="there are none")
        ids, starts = (_only_chunk(table[name]) for name in ("ids", "starts"))
        lengths = sorted(ids.value_lengths().unique().to_pylist())
        if len(lengths) != 1 or lengths[0] < 2:
            raise BadTokenRows(problem=f"they have {lengths} tokens; all need as many, 2 or more")
        flat = ids.flatten().to_numpy()
        if flat.max() >= vocabulary:
            raise BadTokenRows(problem=f"id {flat.max()} is beyond the {vocabulary} there are")
        firsts = np.zeros((table.num_rows, lengths[0]), np.int32)
        row_of_start = np.repeat(np.arange(table.num_rows), starts.value_lengths().to_numpy())
        firsts[row_of_start, starts.flatten().to_numpy()] = 1
        document = np.cumsum(firsts, axis=1, dtype=np.int32) - firsts[:, :1]
        used = table["used"].to_numpy().astype(np.int32)
        return cls(flat.reshape(firsts.shape), document, used, vocabulary)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def context(self) -> int:
        """Tokens that a network sees of a row."""
        return int(self.ids.shape[1]) - 1

    def is_target(self, rows: npt.NDArray[np.intp] | slice = slice(None)) -> npt.NDArray[np.bool_]:
        """(B, T): whether the token after each is to be foretold from it."""
        within = self.document[rows, 1:] == self.document[rows, :-1]
        there: npt.NDArray[np.bool_] = np.arange(1, self.context + 1) < self.used[rows, None]
        found: npt.NDArray[np.bool_] = within & there
        return found

    @cached_property
    def targets(self) -> npt.NDArray[np.int64]:
        """(rows,) how many targets each row has."""
        found: npt.NDArray[np.int64] = self.is_target().sum(axis=1)
        return found

    def batch(self, rows: npt.NDArray[np.intp]) -> Batch:
        """These rows, shifted and masked."""
        ids = self.ids[rows].astype(np.int64)
        targets = np.where(self.is_target(rows), ids[:, 1:], NO_TARGET)
        return Batch(ids[:, :-1], targets, self.document[rows, :-1])

    def fingerprint(self) -> str:
        """Sixteen hex digits that other rows would not have; reads at most 1,024 rows."""
        some = np.linspace(0, len(self) - 1, min(len(self), 1024)).astype(np.intp)
        found = hashlib.sha256(f"{self.ids.shape} {self.vocabulary}".encode())
        found.update(self.used.tobytes())
        found.update(self.ids[some].tobytes())
        return found.hexdigest()[:16]


def rows_of_step(step: int, *, rows: int, rows_per_step: int, seed: int) -> npt.NDArray[np.intp]:
    """The rows that all workers together see in a step, (rows_per_step,), in their order."""
    place = np.arange(step * rows_per_step, (step + 1) * rows_per_step)
    orders = [
        epoch_order(int(epoch), rows, seed)[place[place // rows == epoch] % rows]
        for epoch in np.unique(place // rows)
    ]
    return np.concatenate(orders).astype(np.intp)


def slice_of_rank(
    step_rows: npt.NDArray[np.intp], *, rank: int, world_size: int
) -> npt.NDArray[np.intp]:
    """One worker's share of a step's rows; shares differ by one row at most."""
    return np.array_split(step_rows, world_size)[rank]


def pieces(rows: npt.NDArray[np.intp], at_once: int) -> Iterator[npt.NDArray[np.intp]]:
    """The rows in pieces that fit through the network at once."""
    for start in range(0, len(rows), at_once):
        yield rows[start : start + at_once]


@lru_cache(maxsize=2)
def epoch_order(epoch: int, rows: int, seed: int) -> npt.NDArray[np.intp]:
    """All rows, shuffled by hashes, so that no library's random stream decides the order."""
    key = splitmix(np.uint64(seed) ^ splitmix(np.array([epoch], np.uint64)))
    return np.argsort(splitmix(np.arange(rows, dtype=np.uint64) ^ key), kind="stable")


def splitmix(x: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """SplitMix64's output function (Steele, Lea and Flood, 2014, doi:10.1145/2660193.2660195)."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _only_chunk(column: pa.ChunkedArray) -> pa.ListArray:
    return column.chunk(0)
