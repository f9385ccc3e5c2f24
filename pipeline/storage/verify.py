"""Verifying versions: every file is there and is, to the bit, what its receipt says.

A damaged shard is set aside by `repair`; the next run makes it again from what it was made of, or,
where it holds what the world gave, fetches it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import BinaryIO

from pipeline.errors import DamagedFile
from pipeline.run.digests import digests_of
from pipeline.storage.committed import committed
from pipeline.storage.gc import collections
from pipeline.storage.parquet import open_parquet
from pipeline.storage.table_digest import TableDigest
from pipeline.store import Store
from pipeline.versions.key import KeyParts
from schemas.artifact import ArtifactRef, Exactness, Manifest, Receipt, Shard, StoredFile, Table
from schemas.record import Record


class Damage(Record):
    """One thing that is not what was written."""

    ref: ArtifactRef  # a version that it is part of
    shard: Shard | None  # None: the manifest itself
    attempt: str  # of the receipt that was verified; empty where it cannot be read
    path: str
    problem: str
    exactness: Exactness | None  # None: the manifest cannot be read

    def __str__(self) -> str:
        place = (
            f"shard {self.shard.name} of {self.ref}" if self.shard else f"manifest of {self.ref}"
        )
        return f"{self.path} ({place}): {self.problem}"


class Verification(Record):
    """What was looked at, and what was found."""

    versions: int
    shards: int
    files: int
    size: int  # bytes
    collected: tuple[ArtifactRef, ...]  # versions whose data was deleted on purpose
    damages: tuple[Damage, ...]


def verify(
    store: Store,
    refs: Iterable[ArtifactRef] | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Verification:
    """Read every file of some versions, or of all.

    Args:
        store: where they are.
        refs: the versions; all, if it is left out.
        progress: hears how many of how many versions are done.
    """
    look = _Look(Store(store.files))  # at what is on disk now, not at what was read before
    wanted = list(_every_ref(store) if refs is None else refs)
    for done, ref in enumerate(wanted):
        look.at_version(ref)
        if progress:
            progress(done + 1, len(wanted))
    return Verification(
        versions=len(wanted),
        shards=len(look.shards),
        files=look.files,
        size=look.size,
        collected=tuple(look.collected),
        damages=tuple(look.damages),
    )


def repair(damages: Iterable[Damage], store: Store) -> None:
    """Set what is damaged aside, so that the next run makes it again.

    With a damaged file all shards go that have it, also those of other versions: one could be made
    again out of the other.
    """
    paths: dict[str, set[str]] = {}  # stage -> damaged files
    for damage in damages:
        if damage.shard:
            paths.setdefault(damage.shard.stage, set()).add(damage.path)
            store.set_aside(damage.shard.stage, damage.shard.shard_key, attempt=damage.attempt)
        else:
            store.set_manifest_aside(damage.ref)
    for stage, damaged in paths.items():
        for shard_key, receipt in _receipts(stage, store):
            if any(file.path in damaged for file in receipt.every_file()):
                store.set_aside(stage, shard_key, attempt=receipt.attempt)


def _receipts(stage: str, store: Store) -> Iterator[tuple[str, Receipt]]:
    """All of a stage that can be read."""
    for _, shard_key, _ in committed(store.files, stage):
        with suppress(DamagedFile):
            receipt = store.find_receipt(stage, shard_key)
            if receipt:
                yield shard_key, receipt


class _Look:
    """One walk over a store; shards that several versions share are read once."""

    def __init__(self, store: Store) -> None:
        self.shards: set[Shard] = set()
        self.files = self.size = 0
        self.collected: list[ArtifactRef] = []
        self.damages: list[Damage] = []
        self._store = store
        log = collections(store)
        self._taken = {ref for number in log.numbers() for ref in log.get(number).versions}

    def at_version(self, ref: ArtifactRef) -> None:
        path = f"versions/{ref.stage}/{ref.key}.json"
        try:
            manifest = self._store.open(ref)
        except DamagedFile as error:
            self._add(ref, path, str(error).splitlines()[0])
            return
        if ref in self._taken and not self._store.intact(manifest):
            self.collected.append(ref)
            return
        before = len(self.damages)
        for shard in manifest.shards:
            if shard not in self.shards:
                self.shards.add(shard)
                self._at_shard(manifest, shard)
        if len(self.damages) == before:
            self._at_digests(manifest, path)

    def _at_shard(self, manifest: Manifest, shard: Shard) -> None:
        path = self._store.receipt_path(shard.stage, shard.shard_key)
        try:
            receipt = self._store.find_receipt(shard.stage, shard.shard_key)
            problem = "" if receipt else "it is gone"
        except DamagedFile as error:
            receipt, problem = None, str(error).splitlines()[0]
        if receipt is None:
            self._add(manifest.ref, path, problem, manifest, shard)
            return
        for file, table in _files(receipt):
            self.files += 1
            self.size += file.size
            problem = _problem(file, table, self._store)
            if problem:
                self._add(manifest.ref, file.path, problem, manifest, shard, receipt.attempt)

    def _at_digests(self, manifest: Manifest, path: str) -> None:
        """The files are right: what was written about them has to agree with them."""
        receipts = {}
        for shard in manifest.shards:
            receipt = self._store.find_receipt(shard.stage, shard.shard_key)
            if receipt:
                receipts[shard] = receipt
        found = digests_of((shard.name, receipt) for shard, receipt in receipts.items())
        key = KeyParts.from_json(manifest.parts).key()
        if found == manifest.digests and key == manifest.ref.key.partition("~")[0]:
            return
        problem, count = "it does not agree with what it stands for", len(self.damages)
        for shard, receipt in receipts.items():
            if not _true(receipt, self._store):
                where = self._store.receipt_path(shard.stage, shard.shard_key)
                self._add(manifest.ref, where, problem, manifest, shard, receipt.attempt)
        if len(self.damages) == count:
            self._add(manifest.ref, path, problem, manifest)

    def _add(
        self,
        ref: ArtifactRef,
        path: str,
        problem: str,
        manifest: Manifest | None = None,
        shard: Shard | None = None,
        attempt: str = "",
    ) -> None:
        exactness = manifest.exactness if manifest else None
        damage = Damage(
            ref=ref, shard=shard, attempt=attempt, path=path, problem=problem, exactness=exactness
        )
        self.damages.append(damage)


def _every_ref(store: Store) -> Iterator[ArtifactRef]:
    for entry in store.files.entries("versions"):
        _, stage, name = entry.path.split("/")
        if name.endswith(".json"):
            yield ArtifactRef(stage=stage, key=name.removesuffix(".json"))


def _files(receipt: Receipt) -> Iterator[tuple[StoredFile, Table | None]]:
    for table in receipt.tables:
        yield from _table_files(table)
    yield from ((file, None) for file in receipt.files)


def _table_files(table: Table) -> Iterator[tuple[StoredFile, Table | None]]:
    yield table.file, table
    if table.hashes:
        yield table.hashes, None
    if table.base:
        yield from _table_files(table.base.table)


def _problem(file: StoredFile, table: Table | None, store: Store) -> str:
    """What is wrong with a file; nothing, if it is as it was written."""
    size = store.files.size(file.path)
    if size is None:
        return "it is gone"
    if size != file.size:
        return f"it has {size} bytes of {file.size}"
    try:
        with store.files.open(file.path) as content:
            if _sha256(content) != file.sha256:
                return "its bytes are not those that were written"
            rows = open_parquet(content, table.footer).metadata.num_rows if table else 0
    except (DamagedFile, ValueError) as error:  # it does not decrypt, or is no such table
        return str(error).splitlines()[0]
    if table and rows != table.own_rows:
        return f"it has {rows} rows of {table.own_rows}"
    return ""


def _sha256(content: BinaryIO) -> str:
    total = hashlib.sha256()
    while block := content.read(2**20):
        total.update(block)
    return total.hexdigest()


def _true(receipt: Receipt, store: Store) -> bool:
    """Whether the digests in a receipt are those of its rows and files, which are undamaged."""
    for table in receipt.tables:
        schema = store.tables.schema(table)
        digest = TableDigest(schema)
        for batch in store.tables.batches(table, schema.names):
            digest.add(batch)
        if digest.hexdigests() != table.digests:
            return False
    return True
