"""The store: find, open, read and commit versions. Nothing else opens a data file.

store.json                                      what this is
shards/<stage>/<k2>/<shard key>/receipt.json    created once, last
                                <attempt>-...   Parquet tables and other files
versions/<stage>/<key>.json                     manifests, created once
notes/<stage>/<key>/                            tables beside a version, see pipeline/storage/notes
attempts/  refs/  runs/  equivalences/          see pipeline/storage
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from pipeline.errors import DamagedFile, MissingArtifact, NoStore
from pipeline.storage.files import Files
from pipeline.storage.founding import opened
from pipeline.storage.places import files_at
from pipeline.storage.records import read_record
from pipeline.storage.tables import Tables
from pipeline.storage.whole_files import WholeFiles
from schemas.artifact import ArtifactRef, Manifest, Receipt, Shard, StoredFile, Table


class Store:
    """All versions below one root, named by a folder or a URI: `store`, `file:///data/store`."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._receipts: dict[tuple[str, str], Receipt] = {}
        self.tables = Tables(files)
        self._whole_files = WholeFiles(files)

    @classmethod
    def at(cls, place: str | Path, *, create: bool = True, accept_weak: bool = False) -> Store:
        """The store at a folder or URI; a new one where there is none yet.

        Raises:
            StoreUnreachable: the place cannot be read or written.
            NoStore: there is no store, and `create` is false.
            WrongFormat: it was written by another format version.
            WeakStore: a new one would not be safe there, and `accept_weak` is false.
            EncryptionError: it is encrypted or not, and the keys of this process do not fit that.
        """
        return cls(opened(files_at(str(place)), create=create, accept_weak=accept_weak))

    @classmethod
    def seen_at(cls, place: str | Path) -> Store:
        """The store at a folder or URI, to look at; where there is none, an empty one.

        Nothing is written. Raises the errors of `at`, but for NoStore.
        """
        files = files_at(str(place))
        with suppress(NoStore):
            files = opened(files, create=False)
        return cls(files)

    @property
    def uri(self) -> str:
        """Where it is."""
        return self.files.uri

    # Manifests

    def find(self, ref: ArtifactRef) -> Manifest | None:
        """The manifest of a finished version, or None."""
        try:
            content = self.files.read(f"versions/{ref.stage}/{ref.key}.json")
        except FileNotFoundError:
            return None
        return read_record(Manifest, content, f"The manifest of {ref}")

    def open(self, ref: ArtifactRef) -> Manifest:
        """The manifest of a version that must be there."""
        manifest = self.find(ref)
        if manifest is None:
            raise MissingArtifact(ref, where=self.uri)
        return manifest

    def manifests(self, stage: str) -> Iterator[Manifest]:
        """Every finished version of a stage, the newest first."""
        entries = sorted(
            self.files.entries(f"versions/{stage}"), key=lambda e: (-e.modified, e.path)
        )
        for entry in entries:
            ref = ArtifactRef(stage=stage, key=entry.path.rpartition("/")[2].removesuffix(".json"))
            manifest = self.find(ref)
            if manifest:
                yield manifest

    def create_manifest(self, manifest: Manifest) -> Manifest:
        """Make a version exist; where somebody was first, theirs is what there is."""
        path = f"versions/{manifest.ref.stage}/{manifest.ref.key}.json"
        self.files.create(path, manifest.model_dump_json(indent=1).encode())
        return self.open(manifest.ref)

    def intact(self, manifest: Manifest) -> bool:
        """Whether every file of a version is there, with the recorded size."""
        return not self.missing_shards(manifest)

    def missing_shards(self, manifest: Manifest) -> list[Shard]:
        """The shards of a version that lack a receipt or a file."""
        receipts = self.receipts(manifest.shards)
        return [shard for shard in manifest.shards if receipts[shard] is None]

    # Shards

    def receipt_path(self, stage: str, shard_key: str) -> str:
        """Where the receipt of a shard lies."""
        return f"{shard_folder(stage, shard_key)}/receipt.json"

    def receipt(self, shard: Shard) -> Receipt | None:
        """The receipt of a shard whose files are all there with their sizes, or None."""
        for _ in range(2):  # the second time as it is on disk now
            receipt = self.find_receipt(shard.stage, shard.shard_key)
            if receipt is None or self._whole(receipt):
                return receipt
            self._receipts.pop((shard.stage, shard.shard_key), None)
        return None

    def receipts(self, shards: Iterable[Shard]) -> dict[Shard, Receipt | None]:
        """The receipts of several shards; see `receipt`."""
        wanted = list(shards)
        return dict(zip(wanted, self.files.together(self.receipt, wanted), strict=True))

    def _whole(self, receipt: Receipt) -> bool:
        return all(self.files.size(file.path) == file.size for file in receipt.every_file())

    def find_receipt(self, stage: str, shard_key: str) -> Receipt | None:
        """The receipt of a shard, or None; its files are not looked at."""
        if (stage, shard_key) not in self._receipts:
            try:
                content = self.files.read(self.receipt_path(stage, shard_key))
            except FileNotFoundError:
                return None
            what = f"The receipt of {stage}'s shard {shard_key[:12]}"
            self._receipts[stage, shard_key] = read_record(Receipt, content, what)
        return self._receipts[stage, shard_key]

    def create_receipt(self, receipt: Receipt) -> Receipt:
        """Commit a shard; where somebody was first, theirs is what there is.

        A receipt whose files are not all there any more gives way; it is kept beside.
        """
        path = self.receipt_path(receipt.stage, receipt.shard_key)
        content = receipt.model_dump_json(indent=1).encode()
        shard = Shard(name="", stage=receipt.stage, shard_key=receipt.shard_key)
        if not self.files.create(path, content):
            found = self.receipt(shard)
            if found:
                return found
            self._keep_beside(receipt.stage, receipt.shard_key)
            self.files.replace(path, content)  # at no moment is there none
        self._receipts.pop((receipt.stage, receipt.shard_key), None)
        return self.find_receipt(receipt.stage, receipt.shard_key) or receipt

    def set_aside(self, stage: str, shard_key: str, *, attempt: str = "") -> None:
        """Take back the receipt of a damaged shard; it is kept beside, its files stay.

        The next run makes the shard again. Nothing happens where there is no receipt, or where
        `attempt` is given and another one's receipt has taken the place since.
        """
        self._receipts.pop((stage, shard_key), None)
        if attempt:
            found = self.find_receipt(stage, shard_key)
            if found is None or found.attempt != attempt:
                return
        self._keep_beside(stage, shard_key)
        self.files.delete(self.receipt_path(stage, shard_key))
        self._receipts.pop((stage, shard_key), None)

    def set_manifest_aside(self, ref: ArtifactRef) -> None:
        """Take back a damaged manifest; it is kept beside, and the next run writes it again."""
        path = f"versions/{ref.stage}/{ref.key}.json"
        content, mark = self._legible(path)
        self.files.create(f"aside/{ref.stage}/{ref.key}-{mark}.json", content)
        self.files.delete(path)

    def _keep_beside(self, stage: str, shard_key: str) -> None:
        try:
            content, mark = self._legible(self.receipt_path(stage, shard_key))
        except FileNotFoundError:
            return
        self.files.create(f"{shard_folder(stage, shard_key)}/aside-{mark}.json", content)

    def _legible(self, path: str) -> tuple[bytes, str]:
        """A file that may be damaged, sealed where it does not decrypt; a hash of it as it lies."""
        lying = self.files.lying(path)
        mark = hashlib.sha256(lying).hexdigest()[:12]
        try:
            return self.files.read(path), mark
        except DamagedFile:
            return lying, mark

    # Reading

    def batches(
        self, receipt: Receipt, table: str, columns: Sequence[str]
    ) -> Iterator[pa.RecordBatch]:
        """Rows of a table, in order; every page's checksum is verified.

        Raises:
            DamagedFile: the file is not as it was written; rows before the damage have been given.
        """
        return self.tables.batches(self._table(receipt, table), columns)

    def read(self, manifest: Manifest, table: str, columns: Sequence[str]) -> pa.Table:
        """A table of a whole version, in the order of its shards."""
        pieces = []
        for shard in manifest.shards:
            receipt = self.receipt(shard)
            if receipt is None:
                raise MissingArtifact(f"Shard {shard.name} of {manifest.ref}", where=self.uri)
            if receipt.table(table):
                pieces += [
                    self.schema(receipt, table, columns).empty_table(),
                    pa.Table.from_batches(
                        self.batches(receipt, table, columns),
                        self.schema(receipt, table, columns),
                    ),
                ]
        return pa.concat_tables(pieces) if pieces else pa.table({name: [] for name in columns})

    def schema(self, receipt: Receipt, table: str, columns: Sequence[str]) -> pa.Schema:
        """The types of some columns of a table, as far as it has them."""
        return self.tables.schema(self._table(receipt, table), columns)

    def open_file(self, receipt: Receipt, name: str) -> BinaryIO:
        """A file beside the tables of a shard.

        Raises:
            MissingArtifact: the shard has no such file.
            DamagedFile: its bytes are not those that were written.
        """
        for file in receipt.files:
            if file.name == name:
                return self.open_stored(file)
        raise MissingArtifact(f"The file {name} of {receipt.stage}", where=self.uri)

    def open_stored(self, file: StoredFile) -> BinaryIO:
        """A file, by where it lies.

        Raises:
            DamagedFile: its bytes are not those that were written.
        """
        return self._whole_files.open(file)

    def local(self, file: StoredFile, scratch: Path) -> Path:
        """A file on this machine's disk, to read only.

        Raises:
            FileNotFoundError: it is gone.
            DamagedFile: its bytes are not those that were written.
        """
        return self._whole_files.local(file, scratch)

    def local_table(self, table: Table, scratch: Path) -> Path:
        """A Parquet file with all rows of a table on this machine's disk, to read only.

        Raises:
            FileNotFoundError: a file is gone.
            DamagedFile: its bytes are not those that were written.
        """
        if table.base is None:
            return self.local(table.file, scratch)
        path = scratch / table.file.path.replace("/", "_")
        self.tables.write_whole(table, path)
        return path

    def stored_file(self, manifest: Manifest, name: str) -> StoredFile:
        """A file of a version, by its name; the first shard that has it."""
        for shard in manifest.shards:
            receipt = self.find_receipt(shard.stage, shard.shard_key)
            for file in receipt.files if receipt else ():
                if file.name == name:
                    return file
        raise MissingArtifact(f"The file {name} of {manifest.ref}", where=self.uri)

    def _table(self, receipt: Receipt, table: str) -> Table:
        found = receipt.table(table)
        if found is None:
            raise MissingArtifact(f"The table {table} of {receipt.stage}", where=self.uri)
        return found


def shard_folder(stage: str, shard_key: str) -> str:
    """Where the files of a shard lie."""
    return f"shards/{stage}/{shard_key[:2]}/{shard_key}"
