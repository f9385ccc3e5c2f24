"""Bringing the index up to date: a segment for what is new, and small segments merged.

Shards never change, so nothing in a segment ever does. Two drivers at once may index the same
shard twice: equal facts are one fact, and whoever reads takes them once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.lineage.index.catalog import (
    HOLDINGS,
    NAMES,
    SHARDS,
    VERSIONS,
    holding_rows,
    name_row,
    shard_row,
    version_row,
)
from pipeline.lineage.index.facts import FACTS, PAGE, facts_of, number
from pipeline.lineage.index.segment import FOLDER, Contents, Reader, Segment, write_segment
from pipeline.store import Store
from schemas.artifact import ArtifactRef, Manifest, Receipt, Shard
from schemas.column import DOC_ID
from schemas.run import Reference

SEGMENT_ROWS = 1 << 21  # of a segment that is not merged: bounds the memory of building
MERGED_ROWS = 1 << 24  # no segment grows beyond
FAN = 8  # segments of about one size become one

ShardKey = tuple[str, str]  # stage, key
Say = Callable[[str], None]


class Covered(NamedTuple):
    """What the segments that are there cover."""

    versions: set[ArtifactRef]
    partly: list[ArtifactRef]  # of those, the ones that hold shards whose facts are not there
    shards: set[int]  # whose facts are there
    names: set[str]  # paths of the logs' entries
    runs: int  # that were written down then


def segments(store: Store) -> list[Segment]:
    """The segments that count: merged ones take the place of what they were made of."""
    found = {}
    for entry in list(store.files.entries(f"{FOLDER}/segments")):
        try:
            segment = Segment.model_validate_json(store.files.read(entry.path))
        except FileNotFoundError:
            continue  # merged since
        found[segment.number] = segment
    past = {number for segment in found.values() for number in segment.merged}
    return [segment for number, segment in sorted(found.items()) if number not in past]


def there(store: Store) -> dict[ArtifactRef, float]:
    """Every version in the store, and when it was made, in seconds since 1970."""
    found = {}
    for entry in store.files.entries("versions"):
        _, stage, name = entry.path.split("/")
        if name.endswith(".json"):
            found[ArtifactRef(stage=stage, key=name.removesuffix(".json"))] = entry.modified
    return found


def runs_written(store: Store) -> int:
    """How many runs are written down; a run may make anew what a collection took."""
    return sum(1 for _ in store.files.entries("runs"))


def name_paths(store: Store) -> list[str]:
    """Every entry of the logs of names."""
    return [entry.path for entry in store.files.entries("refs") if entry.path.endswith(".json")]


def clear(store: Store) -> None:
    """Throw the index away."""
    for entry in list(store.files.entries(FOLDER)):
        store.files.delete(entry.path)


def cover(store: Store, covered: Covered, readers: list[Reader], say: Say) -> bool:
    """Write segments for what is not covered yet.

    Returns:
        Whether all is to be made anew: pages have come after facts of their documents (from another
        store, say), which now have addresses.
    """
    versions = [ref for ref in there(store) if ref not in covered.versions]
    runs = runs_written(store)
    names = [path for path in name_paths(store) if path not in covered.names]
    if not versions and not names and runs == covered.runs:
        return False
    manifests = [manifest for ref in versions if (manifest := store.find(ref)) is not None]
    again = [manifest for ref in covered.partly if (manifest := store.find(ref)) is not None]
    todo = {(s.stage, s.shard_key): None for each in (*manifests, *again) for s in each.shards}
    fresh = [each for each in todo if number(each[1]) not in covered.shards]
    fresh.sort(key=lambda each: each[0] != "pages")  # pages first: they know the addresses
    say(f"The lineage index takes in {len(manifests):,} versions and {len(fresh):,} shards.")
    known = list(readers)
    homeless = pa.concat_arrays([pa.array([], pa.binary(16)), *(r.homeless() for r in readers)])
    for facts, receipts in _portions(store, fresh):
        if pc.any(pc.is_in(_pages(facts)[DOC_ID], value_set=homeless)).as_py():
            return True
        written = write_segment(
            store, Contents(_addressed(facts, known), *_catalogue([], receipts, []))
        )
        known.append(Reader(store, written))
    rows = [name_row(path, Reference.model_validate_json(store.files.read(path))) for path in names]
    nothing = FACTS.empty_table()
    write_segment(store, Contents(nothing, *_catalogue(manifests, [], rows)), runs=runs)
    return False


def _portions(store: Store, shards: Iterable[ShardKey]) -> Iterator[tuple[pa.Table, list[Receipt]]]:
    """The facts of whole shards, about `SEGMENT_ROWS` at a time; of one stage or two."""
    pieces: list[pa.Table] = []
    receipts: list[Receipt] = []
    pages = True
    for stage, key in shards:
        receipt = store.receipt(Shard(name="", stage=stage, shard_key=key))
        if receipt is None:
            continue  # its data was collected
        full = sum(piece.num_rows for piece in pieces) > SEGMENT_ROWS
        if pieces and (full or (pages and stage != "pages")):
            yield pa.concat_tables(pieces), receipts
            pieces, receipts = [], []
        pages = stage == "pages"
        pieces.append(facts_of(store, receipt))
        receipts.append(receipt)
    if receipts:
        yield pa.concat_tables([FACTS.empty_table(), *pieces]), receipts


def _addressed(facts: pa.Table, readers: list[Reader]) -> pa.Table:
    """The facts with the address of each document, as far as a page of it was ever seen.

    A document has one address, so whichever page tells it; those of a refresh came just before,
    into a small segment, and the large ones are asked only for what is not found there.
    """
    wanted = pc.unique(facts.filter(pc.is_null(facts["url"]))[DOC_ID])
    if not len(wanted):
        return facts
    columns = [DOC_ID, "site", "url", "kind"]
    found = [_pages(facts.select(columns))]
    for reader in sorted(readers, key=lambda each: each.segment.rows):
        known = pc.is_in(wanted, value_set=found[-1][DOC_ID].combine_chunks())
        wanted = wanted.filter(pc.invert(known))
        if not len(wanted):
            break
        found.append(_pages(reader.of_documents(wanted, columns)))
    pages = pa.concat_tables(found).combine_chunks()
    places = pc.index_in(facts[DOC_ID], value_set=pages[DOC_ID].combine_chunks()).combine_chunks()
    for name in ("site", "url"):
        column = facts.schema.get_field_index(name)
        known = pc.coalesce(facts[name].combine_chunks(), pages[name].combine_chunks().take(places))
        facts = facts.set_column(column, name, known)
    return facts


def _pages(facts: pa.Table) -> pa.Table:
    return facts.filter(pc.equal(facts["kind"], PAGE))


def _catalogue(
    manifests: list[Manifest], receipts: list[Receipt], names: list[dict[str, str]]
) -> tuple[pa.Table, ...]:
    return (
        pa.Table.from_pylist([version_row(each) for each in manifests], VERSIONS),
        pa.concat_tables([HOLDINGS.empty_table(), *map(holding_rows, manifests)]),
        pa.Table.from_pylist([shard_row(each) for each in receipts], SHARDS),
        pa.Table.from_pylist(names, NAMES),
    )


def merge(store: Store, readers: list[Reader]) -> bool:
    """Make one segment of those of about one size, where there are many; whether any was."""
    tiers: dict[int, list[Reader]] = {}
    for reader in readers:
        rows = reader.segment.rows
        tiers.setdefault(max(0, rows.bit_length() - 13) // 3, []).append(reader)
    for tier in sorted(tiers):
        chosen: list[Reader] = []
        for reader in tiers[tier]:
            if sum(each.segment.rows for each in chosen) + reader.segment.rows <= MERGED_ROWS:
                chosen.append(reader)
        if len(chosen) >= FAN:
            _merge(store, chosen)
            return True
    return False


def _merge(store: Store, readers: list[Reader]) -> None:
    def all_of(name: str) -> pa.Table:
        return pa.concat_tables(reader.whole(name) for reader in readers)

    facts = all_of("by_site")
    contents = Contents(facts, *(all_of(name) for name in Contents._fields[1:]))
    merged = sorted(reader.segment.number for reader in readers)
    runs = max(reader.segment.runs for reader in readers)
    write_segment(store, contents, merged=merged, runs=runs)
    for reader in readers:  # whoever reads them now reads again
        for file in reader.segment.files.values():
            store.files.delete(file.path)
        store.files.delete(f"{FOLDER}/segments/{reader.segment.number}.json")
