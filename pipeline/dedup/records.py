"""What `clusters` reads: who all records are, and more of those that may say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.packed_numbers import unpacked
from pipeline.redact import redact
from pipeline.side_by_side import Columns, side_by_side
from schemas.column import DOC_ID

if TYPE_CHECKING:
    from pipeline.work import Work

BANDS = ("bands",)
SIGNED = ("text_sha256", "letters", "shingles", "minhash")
PLACED = ("url", "source", "window")
TEXT, SPANS = ("text",), ("spans",)


class Records(NamedTuple):
    """What `clusters` decides about, and where it lies.

    Attributes:
        table: doc_id, url and window of all shards, in order.
        live: which have a signature, (records,).
        keys: of the bands of those that have, in order, (bands, live); see `bands.band_keys`.
        counts: shard -> its records.
    """

    table: pa.Table
    live: NDArray[np.bool_]
    keys: NDArray[np.uint64]
    counts: dict[str, int]


class Compared(NamedTuple):
    """All that is known of some records, but for their texts.

    Attributes:
        table: doc_id, url, source, window, text_sha256, letters, shingles; no nulls.
        signatures: (records, values).
    """

    table: pa.Table
    signatures: NDArray[np.uint32]


# Reads records again, by their numbers, which ascend; and their redacted texts, batch by batch.
Compare: TypeAlias = Callable[[NDArray[np.int64]], Compared]
Texts: TypeAlias = Callable[[NDArray[np.int64]], Iterator[pa.Array]]


def read_records(work: Work) -> Records:
    """All records of all shards."""
    tables, counts, signed, live = [], {}, 0, []
    keys = np.empty((0, 0), np.uint64)
    for shard in work.unit.shards:
        counts[shard] = 0
        for columns in side_by_side(
            work,
            Columns("signatures", "signatures", BANDS),
            Columns("pages", "pages", ("url", "window")),
            shard=shard,
        ):
            bands = columns.pop("bands")
            live.append(bands.is_valid().to_numpy(zero_copy_only=False))
            if live[-1].any():
                found = unpacked(bands, np.uint64)
                if not signed:  # most of what is held: never twice, as pieces and as one
                    most = work.rows("signatures", "signatures")
                    keys = np.empty((found.shape[1], most), np.uint64)
                keys[:, signed : signed + len(found)] = found.T
                signed += len(found)
            tables.append(pa.table(columns))
            counts[shard] += tables[-1].num_rows
    empty = {DOC_ID: pa.binary(16), "url": pa.string(), "window": pa.string()}
    return Records(
        table=pa.concat_tables(tables) if tables else pa.schema(empty).empty_table(),
        live=np.concatenate([np.empty(0, np.bool_), *live]),
        keys=keys[:, :signed],
        counts=counts,
    )


def read_compared(work: Work, counts: dict[str, int], wanted: NDArray[np.int64]) -> Compared:
    """Some records, all of which have a signature; no shard without one is read.

    Args:
        work: the unit.
        counts: shard -> its records.
        wanted: the numbers of records, ascending; at least one.
    """
    tables, signatures, filled = [], np.empty((0, 0), np.uint32), 0
    sides = Columns("signatures", "signatures", SIGNED), Columns("pages", "pages", PLACED)
    for columns in _chosen(work, counts, wanted, *sides):
        found = unpacked(columns.pop("minhash"), np.uint32)
        if not filled:  # never twice, as pieces and as one
            signatures = np.empty((len(wanted), found.shape[1]), np.uint32)
        signatures[filled : filled + len(found)] = found
        filled += len(found)
        tables.append(pa.table(columns))
    return Compared(pa.concat_tables(tables), signatures)


def read_texts(work: Work, counts: dict[str, int], wanted: NDArray[np.int64]) -> Iterator[pa.Array]:
    """The redacted texts of some records, a batch at a time; no shard without one is read.

    Args:
        work: the unit.
        counts: shard -> its records.
        wanted: the numbers of records, ascending.
    """
    sides = Columns("documents", "documents", TEXT), Columns("private_data", "signals", SPANS)
    for columns in _chosen(work, counts, wanted, *sides):
        yield redact(columns["text"], columns["spans"])


def _chosen(
    work: Work, counts: dict[str, int], wanted: NDArray[np.int64], wide: Columns, thin: Columns
) -> Iterator[dict[str, pa.Array]]:
    """Columns of some records, a batch at a time, of the batches that have any."""
    for shard, here in _shards_of(counts, wanted):
        done = 0
        for columns in side_by_side(work, wide, thin, shard=shard):
            rows = pa.array(here[done : done + len(columns[DOC_ID])])
            done += len(rows)
            if rows.true_count:
                yield {name: column.filter(rows) for name, column in columns.items()}


def _shards_of(
    counts: dict[str, int], wanted: NDArray[np.int64]
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """The shards that have some of the records, and which of their rows these are."""
    start = 0
    for shard, count in counts.items():
        first, last = np.searchsorted(wanted, (start, start + count))
        if first < last:
            here = np.zeros(count, np.bool_)
            here[wanted[first:last] - start] = True
            yield shard, here
        start += count
