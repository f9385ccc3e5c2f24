"""Asking the index: facts of an address, a domain or a document, and who holds which shard.

The index lies in the store's folder `index` and is never the truth: it is brought up to date
before it answers, it can be thrown away, and a shard whose files are gone is not spoken of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.lineage.errors import DamagedIndex
from pipeline.lineage.index import build
from pipeline.lineage.index.catalog import Version, names_by_version, version_of
from pipeline.lineage.index.facts import FACTS
from pipeline.lineage.index.segment import TABLES, Reader
from pipeline.sites import Subject
from pipeline.storage.leases import Lease
from pipeline.store import Store
from schemas.artifact import ArtifactRef, Receipt, Shard
from schemas.column import DOC_ID

LEASE = "lineage-index"
_TRIES = 5  # another driver may merge the segments that are being opened


class Held(NamedTuple):
    """A shard of a version."""

    shard: int
    version: ArtifactRef
    name: str


class Index:
    """The index of one store, up to date when it was opened."""

    def __init__(self, store: Store, readers: list[Reader]) -> None:
        self.store = store
        self._readers = readers
        self._present: dict[int, Receipt | None] = {}

    @classmethod
    def of(
        cls, store: Store, *, rebuild: bool = False, say: Callable[[str], None] = lambda _: None
    ) -> Index:
        """The index, with everything that is in the store now.

        Args:
            store: where it lies.
            rebuild: throw away what there is first.
            say: hears that it takes a while.
        """
        if rebuild:
            with Lease(store.files, LEASE):
                build.clear(store)
        for _ in range(_TRIES):
            with suppress(DamagedIndex):
                return cls._current(store, say)
        return cls._current(store, say)

    @classmethod
    def _current(cls, store: Store, say: Callable[[str], None]) -> Index:
        found = cls(store, _readers(store))
        if found._outdated():
            with Lease(store.files, LEASE):
                found = cls(store, _readers(store))
                if build.cover(store, found._covered(), found._readers, say):
                    build.clear(store)
                    found = cls(store, [])
                    build.cover(store, found._covered(), [], say)
                while build.merge(store, readers := _readers(store)):
                    pass
                found = cls(store, readers)
        for reader in found._readers:
            reader.open()  # what is open stays, whoever merges it now
        return found

    # The catalogue

    @cached_property
    def versions(self) -> dict[ArtifactRef, Version]:
        """Every version in the store, the oldest first."""
        rows = self._catalogue("versions").to_pylist()
        found = {one.ref: one for one in map(version_of, rows)}
        made = self._made
        return {
            ref: found[ref] for ref in sorted(made, key=lambda r: (made[r], r.key)) if ref in found
        }

    @cached_property
    def _made(self) -> dict[ArtifactRef, float]:
        return build.there(self.store)

    @cached_property
    def shards(self) -> pa.Table:
        """Every shard whose facts are in the index."""
        rows = self._catalogue("shards")
        return rows.group_by(rows.schema.names).aggregate([])

    @cached_property
    def names(self) -> dict[ArtifactRef, tuple[str, ...]]:
        """Every version's names: moving ones first, then its labels."""
        return names_by_version(self._catalogue("names"))

    @cached_property
    def token_rows(self) -> dict[int, int]:
        """Shard -> its packed rows."""
        rows = self.shards.filter(pc.is_valid(self.shards["token_rows"]))
        return dict(zip(rows["shard"].to_pylist(), rows["token_rows"].to_pylist(), strict=True))

    def made(self, ref: ArtifactRef) -> float:
        """When a version was made, in seconds since 1970."""
        return self._made[ref]

    def receipt(self, shard: int) -> Receipt | None:
        """The receipt of a shard whose files are all there."""
        if shard not in self._present:
            row = self._shard_rows.get(shard)
            named = Shard(name="", stage=row[0], shard_key=row[1]) if row else None
            self._present[shard] = self.store.receipt(named) if named else None
        return self._present[shard]

    def holders(self, shards: Iterable[int]) -> list[Held]:
        """Who holds some shards."""
        wanted = pa.array(sorted(set(shards)), pa.uint64())
        if not len(wanted):
            return []
        rows = pa.concat_tables(reader.of_shards(wanted) for reader in self._readers)
        found = {
            Held(row["shard"], ArtifactRef(stage=row["stage"], key=row["key"]), row["name"])
            for row in rows.to_pylist()
        }
        return sorted(
            (h for h in found if h.version in self._made),
            key=lambda h: (h.version.stage, h.version.key, h.name),
        )

    def alike(self, shards: Iterable[int]) -> list[int]:
        """The shards that hold the same documents in the same order, as those beside them do."""
        rows = self.shards
        sequences = pc.unique(
            rows.filter(pc.is_in(rows["shard"], value_set=_numbers(shards)))["sequence"]
        )
        found: list[int] = rows.filter(pc.is_in(rows["sequence"], value_set=sequences.drop_null()))[
            "shard"
        ].to_pylist()
        return sorted(found)

    # Facts

    def of_subject(self, subject: Subject, columns: Sequence[str] = FACTS.names) -> pa.Table:
        """The facts of an address, of a domain with its subdomains, or of a file."""
        return self._once(self._of_subject(subject, self._whole(columns))).select(list(columns))

    def pieces_of_subject(self, subject: Subject, columns: Sequence[str]) -> Iterator[pa.Table]:
        """What `of_subject` gives, in pieces, where no fact can be in two segments."""
        if self._overlap:
            yield self.of_subject(subject, columns)
            return
        for piece in self._of_subject(subject, [*columns, "shard"]):
            yield piece.select(list(columns))

    def _of_subject(self, subject: Subject, columns: Sequence[str]) -> Iterator[pa.Table]:
        needed = list(dict.fromkeys([*columns, *(["url"] if subject.port else [])]))
        for reader in self._readers:
            for site in dict.fromkeys((subject.site, subject.file or subject.site)):
                for piece in map(self._there, reader.of_sites(site, needed, subject.url)):
                    if subject.port:
                        piece = piece.filter(subject.mask(piece["url"].combine_chunks()))
                    if piece.num_rows:
                        yield piece

    def of_documents(
        self, doc_ids: Iterable[bytes], columns: Sequence[str] = FACTS.names
    ) -> pa.Table:
        """The facts of some documents; addresses only of their pages and tombstones."""
        wanted, needed = pa.array(sorted(set(doc_ids)), pa.binary(16)), self._whole(columns)
        found = (self._there(reader.of_documents(wanted, needed)) for reader in self._readers)
        return self._once(found).select(list(columns))

    def of_prefix(self, digits: str) -> pa.Table:
        """The facts of the documents whose id begins with these hex digits."""
        low, high = (bytes.fromhex(digits.lower().ljust(32, end)) for end in "0f")
        found = (reader.of_ids_between(low, high, FACTS.names) for reader in self._readers)
        return self._once(map(self._there, found))

    def _there(self, rows: pa.Table) -> pa.Table:
        """Those of some facts that are of shards whose files are there."""
        named = pc.unique(rows["shard"]).to_pylist()
        present = [shard for shard in named if self.receipt(shard)]
        if len(present) < len(named):
            rows = rows.filter(pc.is_in(rows["shard"], value_set=_numbers(present)))
        return rows

    def _once(self, pieces: Iterable[pa.Table]) -> pa.Table:
        """Facts, of which two segments may hold some, once each."""
        found = list(pieces)
        rows = pa.concat_tables(found) if found else FACTS.empty_table()
        if self._overlap:
            rows = rows.group_by(rows.schema.names).aggregate([])
        return rows

    def _whole(self, columns: Sequence[str]) -> list[str]:
        """The columns that are asked for, and, where facts can be double, what parts them."""
        needed = (DOC_ID, "kind", "stage", "row", "rule") if self._overlap else ()
        return list(dict.fromkeys([*columns, "shard", *needed]))

    @cached_property
    def _overlap(self) -> bool:
        """Whether two segments hold one shard: two drivers were at work."""
        return bool(self._catalogue("shards").num_rows > self.shards.num_rows)

    @cached_property
    def _shard_rows(self) -> dict[int, tuple[str, str]]:
        columns = (self.shards[name].to_pylist() for name in ("shard", "stage", "shard_key"))
        return {shard: (stage, key) for shard, stage, key in zip(*columns, strict=True)}

    def _catalogue(self, name: str) -> pa.Table:
        pieces = [reader.whole(name) for reader in self._readers]
        return pa.concat_tables([TABLES[name].empty_table(), *pieces])

    def _outdated(self) -> bool:
        covered = self._covered_runs
        names = self._catalogue("names")["path"].to_pylist()
        return (
            covered != build.runs_written(self.store)
            or self._made.keys() > self.versions.keys()
            or not set(names).issuperset(build.name_paths(self.store))
        )

    @property
    def _covered_runs(self) -> int:
        return max((reader.segment.runs for reader in self._readers), default=-1)

    def _covered(self) -> build.Covered:
        holdings = self._catalogue("holdings")
        shards = self.shards["shard"].combine_chunks()
        absent = holdings.filter(pc.invert(pc.is_in(holdings["shard"], value_set=shards)))
        partly = absent.group_by(["stage", "key"]).aggregate([]).to_pylist()
        return build.Covered(
            versions=set(self.versions),
            partly=[ArtifactRef(stage=row["stage"], key=row["key"]) for row in partly],
            shards=set(shards.to_pylist()),
            names=set(self._catalogue("names")["path"].to_pylist()),
            runs=self._covered_runs,
        )


def _readers(store: Store) -> list[Reader]:
    return [Reader(store, segment) for segment in build.segments(store)]


def _numbers(shards: Iterable[int]) -> pa.Array:
    return pa.array(sorted(set(shards)), pa.uint64())
