"""Records that the world has gone past: their URL has a newer record, or is gone."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from schemas.column import DOC_ID


class Overtaken(NamedTuple):
    """What became of each record's URL, (records,) each.

    Attributes:
        superseded: a newer window has a record of this URL.
        removed: a newer window found the URL gone, and none has a record of it since.
        newest: of a superseded record the URL's newest, of several the one with the smallest
            doc_id; of others it says nothing.
    """

    superseded: NDArray[np.bool_]
    removed: NDArray[np.bool_]
    newest: NDArray[np.int64]


def overtaken(records: pa.Table, tombstones: pa.Table) -> Overtaken:
    """Find the records that a newer window has overtaken.

    All records count, also those whose document a policy dropped: what stands at a URL now is
    what the newest window found there.

    Args:
        records: doc_id, url, window (ISO 8601, so that time order is text order).
        tombstones: url, window.
    """
    count = records.num_rows
    found = Overtaken(np.zeros(count, np.bool_), np.zeros(count, np.bool_), np.arange(count))
    again = _among(records["url"], _urls_told_again(records, tombstones))
    # A filter, not `take`: that would first join the URLs, which may be more than one array holds.
    places, some = np.flatnonzero(again), _overtaken(records.filter(pa.array(again)), tombstones)
    found.superseded[places], found.removed[places] = some.superseded, some.removed
    found.newest[places] = places[some.newest]
    return found


def _urls_told_again(records: pa.Table, tombstones: pa.Table) -> pa.Array:
    """The URLs of which a window after the first says something; all that can be overtaken."""
    later = pc.not_equal(records["window"], pc.min(records["window"]))
    return _whole([*records["url"].filter(later).chunks, *tombstones["url"].chunks])


def _among(urls: pa.ChunkedArray, some: pa.Array) -> NDArray[np.bool_]:
    """Which URLs are among some."""
    found = pc.is_in(urls.cast(pa.large_string()), value_set=some)
    return np.asarray(found.to_numpy(), np.bool_)


def _overtaken(records: pa.Table, tombstones: pa.Table) -> Overtaken:
    """The same by looking at every record."""
    urls = _numbers([*records["url"].chunks, *tombstones["url"].chunks])
    windows = _ranks([*records["window"].chunks, *tombstones["window"].chunks])
    here, gone = np.split(urls, [records.num_rows])
    made, ended = np.split(windows, [records.num_rows])
    latest = np.zeros(urls.max(initial=-1) + 1, np.int64)  # of a record; ranks start at 1
    np.maximum.at(latest, here, made)
    last_end = np.zeros(len(latest), np.int64)
    np.maximum.at(last_end, gone, ended)
    superseded = made < latest[here]
    return Overtaken(
        superseded=superseded,
        removed=~superseded & (made < last_end[here]),
        newest=_newest(records[DOC_ID], here, made, len(latest))[here],
    )


def _newest(
    doc_ids: pa.ChunkedArray, urls: NDArray[np.int64], windows: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """The newest record of every URL, (count,); -1 for URLs that only a tombstone has."""
    order = pc.sort_indices(
        pa.table({"url": urls, "window": windows, DOC_ID: doc_ids}),
        [("url", "ascending"), ("window", "descending"), (DOC_ID, "ascending")],
    ).to_numpy()
    present, first = np.unique(urls[order], return_index=True)
    newest = np.full(count, -1, np.int64)
    newest[present] = order[first]
    return newest


def _numbers(chunks: list[pa.Array]) -> NDArray[np.int64]:
    """A number for every string, the same for equal ones."""
    return np.asarray(_whole(chunks).dictionary_encode().indices.to_numpy(), np.int64)


def _ranks(chunks: list[pa.Array]) -> NDArray[np.int64]:
    """The place of every string among the different ones, from 1."""
    return np.asarray(pc.rank(_whole(chunks), tiebreaker="dense").to_numpy(), np.int64)


def _whole(chunks: list[pa.Array]) -> pa.Array:
    """All strings in one array, which may have more than the 2 GiB that 32-bit offsets reach."""
    return pa.concat_arrays(
        [pa.array([], pa.large_string())] + [chunk.cast(pa.large_string()) for chunk in chunks]
    )
