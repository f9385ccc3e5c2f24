"""A segment of the index: the facts of some shards twice, by site and by document."""

from __future__ import annotations

import hashlib
import secrets
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.lineage.errors import DamagedIndex
from pipeline.lineage.index.catalog import HOLDINGS, NAMES, SHARDS, VERSIONS
from pipeline.lineage.index.facts import FACTS, PAGE
from pipeline.sites import AFTER
from pipeline.storage.parquet import footer_sha256, open_parquet
from pipeline.store import Store
from schemas.column import DOC_ID
from schemas.record import Record

FOLDER = "index"
GROUP_ROWS = 1 << 16  # of a row group: what one lookup reads
BY_SITE, BY_DOCUMENT = "by_site", "by_document"
_ORDERS = {
    BY_SITE: [("site", "ascending"), ("url", "ascending"), (DOC_ID, "ascending")],
    BY_DOCUMENT: [(DOC_ID, "ascending")],
    "holdings": [("shard", "ascending")],
}
_REPEATED = ("site", "kind", "stage", "shard", "window", "rule", "threshold", "name", "key")
TABLES = {
    BY_SITE: FACTS,
    BY_DOCUMENT: FACTS,
    "versions": VERSIONS,
    "holdings": HOLDINGS,
    "shards": SHARDS,
    "names": NAMES,
}


class IndexFile(Record):
    """One Parquet file of a segment."""

    path: str
    footer: str  # SHA-256
    rows: int
    size: int  # bytes


class Segment(Record):
    """What is written last: a segment without its record does not exist."""

    number: str  # a hash of what it covers, so that two drivers make one
    files: dict[str, IndexFile]
    merged: tuple[str, ...] = ()  # the segments whose place it takes
    runs: int = 0  # that were written down when it was made

    @property
    def rows(self) -> int:
        """Facts."""
        return self.files[BY_DOCUMENT].rows


class Contents(NamedTuple):
    """What a segment is made of."""

    facts: pa.Table
    versions: pa.Table
    holdings: pa.Table
    shards: pa.Table
    names: pa.Table


def write_segment(
    store: Store, contents: Contents, *, merged: Sequence[str] = (), runs: int = 0
) -> Segment:
    """Sort and store a segment; where somebody was first, theirs is what there is."""
    facts = contents.facts
    paged = pc.is_in(facts["kind"], value_set=pa.array([PAGE, "gone", "linked"]))
    thin = facts
    for name in ("site", "url"):  # documents are asked for by page, or by id
        place = thin.schema.get_field_index(name)
        thin = thin.set_column(place, name, pc.if_else(paged, thin[name], None))
    tables = {BY_SITE: facts, BY_DOCUMENT: thin, **contents._asdict()}
    scratch = store.files.scratch()
    token = secrets.token_hex(8)
    try:
        files = {name: _put(store, scratch, token, name, tables[name]) for name in TABLES}
    finally:
        for path in scratch.iterdir():
            path.unlink()
        scratch.rmdir()
    covered = hashlib.sha256("\n".join(merged).encode())
    for name, column in (("versions", "key"), ("shards", "shard_key"), ("names", "path")):
        covered.update("\n".join(sorted(contents._asdict()[name][column].to_pylist())).encode())
    segment = Segment(number=covered.hexdigest()[:32], files=files, merged=tuple(merged), runs=runs)
    record = f"{FOLDER}/segments/{segment.number}.json"
    if not store.files.create(record, segment.model_dump_json(indent=1).encode()):
        for file in files.values():
            store.files.delete(file.path)
    return segment


def _put(store: Store, scratch: Path, token: str, name: str, rows: pa.Table) -> IndexFile:
    if name in _ORDERS:
        rows = rows.sort_by(_ORDERS[name])
    path = scratch / name
    pq.write_table(
        rows.cast(TABLES[name]),
        path,
        compression="zstd",
        write_page_checksum=True,
        row_group_size=GROUP_ROWS,
        use_dictionary=[name for name in rows.schema.names if name in _REPEATED],
        data_page_size=1 << 18,
    )
    with path.open("rb") as file:
        footer = footer_sha256(file)
    where = f"{FOLDER}/files/{token}-{name}.parquet"
    size = path.stat().st_size
    store.files.put(where, path)
    return IndexFile(path=where, footer=footer, rows=rows.num_rows, size=size)


class Reader:
    """One open segment."""

    def __init__(self, store: Store, segment: Segment) -> None:
        self.segment = segment
        self._store = store
        self._open: dict[str, pq.ParquetFile] = {}

    def open(self) -> None:
        """Open every file now, so that it can be read though it is deleted."""
        for name in self.segment.files:
            self._file(name)

    def whole(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """A table of the segment."""
        file = self._file(name)
        return self._read(name, list(range(file.metadata.num_row_groups)), columns)

    def of_sites(self, site: str, columns: Sequence[str], url: str = "") -> Iterator[pa.Table]:
        """The facts of a site and those below it; of one address of it, where it is given.

        They come a row group at a time: a site of millions of facts is never in memory whole, and
        what a row group holds stays in a processor's cache. Row groups with nulls among their sites
        are edges: nulls lie behind all sites.
        """
        if url:
            rows = self._between(BY_SITE, {"site": (site, site), "url": (url, url)}, columns)
            yield rows.filter(pc.equal(rows["url"], url)).select(list(columns))
            return
        for n, least, most in self._bounds(BY_SITE, "site"):
            if least is not None and (most < site or least >= site + chr(ord(AFTER) + 1)):
                continue
            if least is not None and least == most and _below(least, site) and not self._nulls(n):
                yield self._read(BY_SITE, [n], columns)
                continue
            rows = self._read(BY_SITE, [n], [*columns, "site"])
            sites = rows["site"]
            meant = pc.or_(pc.equal(sites, site), pc.starts_with(sites, site + AFTER))
            yield rows.filter(pc.fill_null(meant, False)).select(list(columns))

    def homeless(self) -> pa.Array:
        """The documents whose address was not known when their facts came."""
        groups = range(self._file(BY_SITE).metadata.num_row_groups)
        rows = self._read(BY_SITE, [n for n in groups if self._nulls(n)], [DOC_ID, "site"])
        return pc.unique(rows.filter(pc.is_null(rows["site"]))[DOC_ID])

    def of_documents(self, doc_ids: pa.Array, columns: Sequence[str]) -> pa.Table:
        """The facts of some documents."""
        wanted = pc.sort_indices(doc_ids)
        ids = doc_ids.take(wanted).to_pylist()
        groups = [
            n for n, least, most in self._bounds(BY_DOCUMENT, DOC_ID) if _any(ids, least, most)
        ]
        rows = self._read(BY_DOCUMENT, groups, [*columns, DOC_ID])
        found = rows.filter(pc.is_in(rows[DOC_ID], value_set=doc_ids))
        return found.select(list(columns))

    def of_ids_between(self, low: bytes, high: bytes, columns: Sequence[str]) -> pa.Table:
        """The facts of the documents whose ids lie between two."""
        rows = self._between(BY_DOCUMENT, {DOC_ID: (low, high)}, [*columns, DOC_ID])
        ids = rows[DOC_ID].cast(pa.binary())
        inside = pc.and_(pc.greater_equal(ids, low), pc.less_equal(ids, high))
        return rows.filter(inside).select(list(columns))

    def of_shards(self, shards: pa.Array) -> pa.Table:
        """Which versions hold some shards."""
        numbers = sorted(shards.to_pylist())
        groups = [
            n for n, least, most in self._bounds("holdings", "shard") if _any(numbers, least, most)
        ]
        rows = self._read("holdings", groups, None)
        return rows.filter(pc.is_in(rows["shard"], value_set=shards))

    def _between(
        self, name: str, bounds: dict[str, tuple[Any, Any]], columns: Sequence[str]
    ) -> pa.Table:
        """The row groups that may hold rows within bounds; not every row in them does."""
        inside: set[int] | None = None
        for column, (low, high) in bounds.items():
            here = {
                n
                for n, least, most in self._bounds(name, column)
                if least is None or not (most < low or least > high)
            }
            inside = here if inside is None else inside & here
        return self._read(name, sorted(inside or ()), [*columns, *bounds])

    def _bounds(self, name: str, column: str) -> Iterator[tuple[int, Any, Any]]:
        """The least and the most value of every row group; None where Parquet does not say."""
        metadata = self._file(name).metadata
        place = TABLES[name].get_field_index(column)
        for n in range(metadata.num_row_groups):
            known = metadata.row_group(n).column(place).statistics
            if known is None or not known.has_min_max:
                yield n, None, None
            else:
                yield n, known.min, known.max

    def _nulls(self, group: int) -> bool:
        """Whether a row group may hold rows without a site."""
        known = self._file(BY_SITE).metadata.row_group(group).column(0).statistics
        return known is None or bool(known.null_count)

    def _file(self, name: str) -> pq.ParquetFile:
        if name not in self._open:
            file = self.segment.files[name]
            try:
                self._open[name] = open_parquet(self._store.files.open(file.path), file.footer)
            except (OSError, ValueError) as error:
                raise DamagedIndex(file.path, problem=str(error)) from error
        return self._open[name]

    def _read(self, name: str, groups: list[int], columns: Sequence[str] | None) -> pa.Table:
        names = list(dict.fromkeys(columns)) if columns is not None else TABLES[name].names
        if not groups:
            return pa.schema([TABLES[name].field(each) for each in names]).empty_table()
        try:
            return self._file(name).read_row_groups(groups, columns=names).select(names)
        except (OSError, pa.ArrowException) as error:
            raise DamagedIndex(self.segment.files[name].path, problem=str(error)) from error


def _below(site: str, top: str) -> bool:
    return site == top or site.startswith(top + AFTER)


def _any(values: Sequence[Any], least: Any, most: Any) -> bool:
    """Whether any of some sorted values lies between two, both included."""
    if least is None:
        return bool(values)
    place = bisect_left(values, least)
    return place < len(values) and not values[place] > most
