"""Versions, and what is written down about them: receipts of shards, manifests of versions."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from pydantic import Field

from schemas.record import Record

FORMAT = 1  # of everything in a store; a store of another format is refused


class Exactness(StrEnum):
    """What a second run of a stage may give."""

    EXACT = "exact"  # equal digests
    TOLERANCE = "tolerance"  # equal within stated bounds
    OBSERVED = "observed"  # whatever the world gave


class ArtifactRef(Record):
    """The name of one immutable version, printed as `verdicts@3f9c0a12b4de`."""

    stage: str
    key: str  # 64 hex digits; a second outcome of the same key ends in ~2

    def __str__(self) -> str:
        key, _, attempt = self.key.partition("~")
        return f"{self.stage}@{key[:12]}" + (f"~{attempt}" if attempt else "")


class StoredFile(Record):
    """One file of a shard."""

    name: str  # as the stage calls it: tokenizer.json, documents.parquet
    path: str  # below the store's root
    size: int  # bytes
    sha256: str


class Table(Record):
    """One table of a shard: the rows of a Parquet file, or of two (see `Base`)."""

    name: str
    file: StoredFile
    footer: str  # SHA-256 of the Parquet footer, which no page checksum covers
    rows: int
    digests: dict[str, str]  # column group -> digest
    ordered: bool = False  # the positions of rows are part of the digests
    hashes: StoredFile | None = None  # of the file's rows, see pipeline/storage/table_digest
    base: Base | None = None

    @property
    def own_rows(self) -> int:
        """The rows of its own file."""
        return self.rows - (self.base.rows if self.base else 0)

    def files(self) -> tuple[StoredFile, ...]:
        """All that have to be there for it to be read, and for a later one to stand on it."""
        lasting = (self.file, self.hashes) if self.hashes else (self.file,)
        return (*lasting, *(self.base.table.files() if self.base else ()))


class Base(Record):
    """Rows of an earlier shard's file that a table takes over, so that they are not written again.

    The table's rows are, run by run, some of its own file, then some of the base's. What of the
    base is in no run has left.
    """

    table: Table  # as that shard has it; it has no base itself
    runs: tuple[tuple[int, int, int], ...]  # own rows, the first row of the base, how many of these

    @property
    def rows(self) -> int:
        """How many are taken over."""
        return sum(count for _, _, count in self.runs)


class Tally(Record):
    """A set of documents: how many, and the sum of the hashes of their ids."""

    count: int
    digest: str

    @classmethod
    def total(cls, tallies: Iterable[Tally]) -> Tally:
        """All of them together."""
        every = tuple(tallies)
        digest = sum(int(each.digest, 16) for each in every) % 2**256
        return cls(count=sum(each.count for each in every), digest=f"{digest:064x}")


class Account(Record):
    """What became of the documents that entered a shard: entered = kept + dropped + quarantined."""

    entered: Tally
    kept: Tally
    dropped: Tally
    quarantined: Tally


class Receipt(Record):
    """One committed shard. Created once; whoever comes second takes what is there."""

    format: int = FORMAT
    stage: str
    shard_key: str
    attempt: str
    tables: tuple[Table, ...] = ()
    files: tuple[StoredFile, ...] = ()
    account: Account | None = None
    sequence: str | None = None  # hash of the main table's doc_ids, in order
    main: str | None = None  # the table whose rows are the documents
    live: str | None = None  # its column that is null or false where a document has left
    drops: dict[str, int] = Field(default_factory=dict)  # rule -> documents
    environmental: tuple[str, ...] = ()  # documents killed by time or memory: not reproducible
    started: str  # UTC, ISO 8601
    wall_seconds: float
    cpu_seconds: float

    def table(self, name: str) -> Table | None:
        """The table of that name, or None."""
        return next((table for table in self.tables if table.name == name), None)

    def every_file(self) -> tuple[StoredFile, ...]:
        """All files: of the tables and beside them."""
        return (*(file for table in self.tables for file in table.files()), *self.files)


class Shard(Record):
    """A shard of a version: its name there, and the receipt that holds it."""

    name: str
    stage: str
    shard_key: str


class Manifest(Record):
    """What was made of what. It is written last: a version without a manifest does not exist."""

    format: int = FORMAT
    ref: ArtifactRef
    exactness: Exactness
    parts: dict[str, Any]  # the key's parts in full, `KeyParts.to_json()`
    inputs: dict[str, ArtifactRef]  # role -> version; their content enters by digest, in `parts`
    shards: tuple[Shard, ...]
    digests: dict[str, str]  # "table.group" -> digest; "file NAME" -> digest
    columns: dict[str, str]  # "table.column" -> its group
    rows: dict[str, int]  # table -> rows
    drops: dict[str, int] = Field(default_factory=dict)
    account: Account | None = None
    reproducible: bool = True

    @property
    def stage(self) -> str:
        """The stage that made it."""
        return self.ref.stage

    def by_name(self) -> dict[str, Shard]:
        """Its shards, by their names."""
        return {shard.name: shard for shard in self.shards}

    def digest(self) -> str:
        """One line for all digests, to compare two versions by."""
        return ",".join(f"{name}={self.digests[name][:16]}" for name in sorted(self.digests))
