"""What `clusters` reads: all records of all shards, and the texts of some of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.redact import redact
from pipeline.side_by_side import Columns, side_by_side
from schemas.column import DOC_ID

if TYPE_CHECKING:
    from pipeline.work import Work

SIGNED = ("text_sha256", "letters", "shingles", "minhash")
PLACED = ("url", "source", "window")
TEXT, SPANS = ("text",), ("spans",)


class Records(NamedTuple):
    """What `clusters` decides about, and where it lies.

    Attributes:
        table: doc_id, url, source, window, text_sha256, letters, shingles of all shards, in order.
        signatures: of the records that are live, in order, (live, values).
        counts: shard -> its records.
    """

    table: pa.Table
    signatures: NDArray[np.uint32]
    counts: dict[str, int]


def read_records(work: Work) -> Records:
    """All records of all shards, each with what is known of its page."""
    tables, counts, live = [], {}, 0
    signatures = np.empty((0, 0), np.uint32)
    for shard in work.unit.shards:
        counts[shard] = 0
        for columns in side_by_side(
            work,
            Columns("signatures", "signatures", SIGNED),
            Columns("pages", "pages", PLACED),
            shard=shard,
        ):
            signed = columns.pop("minhash").drop_null()
            if len(signed):
                values = signed.flatten().to_numpy().reshape(len(signed), -1)
                if not live:  # they are most of what is held: never twice, as pieces and as one
                    most = work.rows("signatures", "signatures")
                    signatures = np.empty((most, values.shape[1]), np.uint32)
                signatures[live : live + len(values)] = values
                live += len(values)
            tables.append(pa.table(columns))
            counts[shard] += tables[-1].num_rows
    empty = pa.schema(
        [
            (DOC_ID, pa.binary(16)),
            ("text_sha256", pa.binary(32)),
            ("letters", pa.int32()),
            ("shingles", pa.int32()),
            *((name, pa.string()) for name in PLACED),
        ]
    ).empty_table()
    return Records(
        table=pa.concat_tables(tables) if tables else empty,
        signatures=signatures[:live],
        counts=counts,
    )


def read_texts(work: Work, counts: dict[str, int], wanted: NDArray[np.int64]) -> Iterator[pa.Array]:
    """The redacted texts of some records, a batch at a time; no shard without one is read.

    Args:
        work: the unit.
        counts: shard -> its records.
        wanted: the numbers of records, ascending.
    """
    start = 0
    for shard, count in counts.items():
        first, last = np.searchsorted(wanted, (start, start + count))
        if first < last:
            here = np.zeros(count, np.bool_)
            here[wanted[first:last] - start] = True
            yield from _texts_of(work, shard, here)
        start += count


def _texts_of(work: Work, shard: str, wanted: NDArray[np.bool_]) -> Iterator[pa.Array]:
    """The redacted texts of the records of one shard for which `wanted`, (records,), is true."""
    done = 0
    for columns in side_by_side(
        work,
        Columns("documents", "documents", TEXT),
        Columns("private_data", "signals", SPANS),
        shard=shard,
    ):
        rows = pa.array(wanted[done : done + len(columns[DOC_ID])])
        yield redact(columns["text"].filter(rows), columns["spans"].filter(rows))
        done += len(rows)
