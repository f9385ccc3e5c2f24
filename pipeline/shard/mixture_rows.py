"""What `mixture` reads and writes: all records, the row of each, and why those left that did."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.shard.mixing import Cut, Mixed
from pipeline.shard.sources import sources_of
from pipeline.side_by_side import Columns, side_by_side
from schemas.column import DOC_ID
from schemas.mixture import MIXTURE

if TYPE_CHECKING:
    from pipeline.work import Work

UNKNOWN = "unknown"  # the language of a document of which nobody knows it
_MOST_SOURCES = 1000  # in the report: those that had most
_RECORDS = pa.schema(
    [
        (DOC_ID, pa.binary(16)),
        ("keep", pa.bool_()),
        ("letters", pa.int32()),
        ("language", pa.string()),
        ("source", pa.string()),
    ]
)


class Records(NamedTuple):
    """The records of `clusters`.

    Attributes:
        table: doc_id, keep, letters, language, source; of all shards, in order.
        counts: shard -> its records.
    """

    table: pa.Table
    counts: dict[str, int]

    def present(self) -> NDArray[np.bool_]:
        """Which have not left before."""
        return np.asarray(self.table["keep"].fill_null(False).to_numpy(), np.bool_)


def read_records(work: Work, named: Iterable[str]) -> Records:
    """All records of all shards; of their addresses only the source is held, see `sources_of`."""
    names, batches, counts = tuple(named), [], {}
    for shard in work.unit.shards:
        counts[shard] = 0
        for columns in side_by_side(
            work,
            Columns("clusters", "clusters", ("keep",)),
            Columns("signatures", "signatures", ("letters",)),
            Columns("documents", "documents", ("url",)),
            Columns("language", "signals", ("language",)),
            shard=shard,
        ):
            columns["source"] = sources_of(columns.pop("url"), names)
            columns["language"] = columns["language"].fill_null(UNKNOWN)
            batches.append(pa.table(columns).select(_RECORDS.names).cast(_RECORDS))
            counts[shard] += batches[-1].num_rows
    return Records(pa.concat_tables([_RECORDS.empty_table(), *batches]), counts)


def rows_of(records: Records, mixed: Mixed) -> pa.Table:
    """The rows of `mixture`; all null but the id where a document left before."""
    here = records.present()

    def spread(values: NDArray[Any]) -> pa.Array:
        every = np.zeros(len(here), values.dtype)
        every[here] = values
        return pa.array(every, mask=~here)

    sources, languages = mixed.by_source, mixed.by_language
    return pa.table(
        [
            records.table[DOC_ID],
            spread(languages.stays),
            pc.if_else(pa.array(here), records.table["source"], None),
            spread(mixed.rank),
            spread(sources.shares()[sources.group]),
            spread(languages.shares()[languages.group]),
        ],
        schema=MIXTURE,
    )


class Departure(NamedTuple):
    """Why one of the documents left."""

    place: int  # among all records
    rank: float
    bound: float  # the lowest rank that left
    detail: str


def departures(records: Records, mixed: Mixed, unit: str) -> list[Departure]:
    """Those that left, in the order of their records."""
    places = np.flatnonzero(records.present())
    found = []
    for kind, cut in (("source", mixed.by_source), ("language", mixed.by_language)):
        said = [
            f"The {kind} {name} keeps {share:.1%} of its {unit}."
            for name, share in zip(cut.names, cut.shares().tolist(), strict=True)
        ]
        for row in np.flatnonzero(cut.came & ~cut.stays).tolist():
            group = int(cut.group[row])
            rank, bound = float(mixed.rank[row]), float(cut.bound[group])
            found.append(Departure(int(places[row]), rank, bound, said[group]))
    return sorted(found)


def report(sizes: NDArray[np.int64], mixed: Mixed, named: Iterable[str]) -> bytes:
    """The file beside the table: documents and characters by language and by source, in JSON.

    Both are counted before any cut and after all of them; sources are those that the recipe names
    and those that had most.
    """
    stays = mixed.by_language.stays
    sources = _told(mixed.by_source, sizes, stays)
    largest = sorted(sources, key=lambda name: (-sources[name]["characters_before"], name))
    shown = {*largest[:_MOST_SOURCES], *(name for name in named if name in sources)}
    told = {
        "languages": _told(mixed.by_language, sizes, stays),
        "sources": {name: sources[name] for name in sorted(shown)},
    }
    return json.dumps(told, indent=1, ensure_ascii=False).encode()


def _told(
    cut: Cut, sizes: NDArray[np.int64], stays: NDArray[np.bool_]
) -> dict[str, dict[str, int]]:
    counts = np.zeros((len(cut.names), 4), np.int64)
    for column, those in ((0, np.ones_like(stays)), (1, stays)):
        np.add.at(counts[:, column], cut.group[those], 1)
        np.add.at(counts[:, column + 2], cut.group[those], sizes[those])
    names = ("documents_before", "documents_after", "characters_before", "characters_after")
    return {
        name: dict(zip(names, row, strict=True))
        for name, row in zip(cut.names, counts.tolist(), strict=True)
    }
