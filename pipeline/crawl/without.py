"""Pages without some addresses: versions anew, in which only the shards that held any are written.

What is left lies as it lay: the same rows in the same order, the same WARC records byte for byte,
moved up where others went. A version that takes another's place has its configuration and window,
so the next run goes on from it; its earlier windows are rewritten in the same way.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.commit import Effort, commit_shard
from pipeline.crawl.earlier import ROLE
from pipeline.crawl.stage import Pages
from pipeline.errors import MissingArtifact
from pipeline.run.assemble import assemble
from pipeline.run.digests import groups_read
from pipeline.run.resolve import Resolution
from pipeline.stage import Unit
from pipeline.store import Store
from pipeline.takedowns import PART
from pipeline.versions.key import KeyParts
from pipeline.work import Work
from schemas.artifact import ArtifactRef, Manifest, Receipt, Shard
from schemas.column import DOC_ID
from schemas.ledger import DROPPED, LEDGER
from schemas.page import PAGES, TOMBSTONES
from schemas.runtime import Runtime

Mask = Callable[[pa.Array], pa.Array]  # addresses -> which of them go
_PIECE = 1 << 20  # bytes copied at once


class Cutter:
    """Rewrites versions of pages in one store; shards that versions share are written once."""

    def __init__(self, store: Store, goes: Mask) -> None:
        self._store, self._goes = store, goes
        self._shards: dict[str, Shard] = {}  # shard key -> what became of it
        self._versions: dict[ArtifactRef, Manifest] = {}

    def holds(self, manifest: Manifest) -> int:
        """How many records of a version would go; counts tombstones too."""
        return sum(self._held(receipt) for _, receipt in self._receipts(manifest))

    def rewritten(self, stage: Pages, manifest: Manifest) -> Manifest:
        """The version that takes the place of one; the same where nothing of it goes.

        A shard of which nothing is left stays, empty.

        Raises:
            MissingArtifact: a shard of it is gone.
        """
        if manifest.ref not in self._versions:
            self._versions[manifest.ref] = self._rewrite(stage, manifest)
        return self._versions[manifest.ref]

    def _rewrite(self, stage: Pages, manifest: Manifest) -> Manifest:
        kept = [self._cut(stage, shard, receipt) for shard, receipt in self._receipts(manifest)]
        if tuple(kept) == manifest.shards:
            return manifest
        ref = manifest.inputs.get(ROLE)
        before = self._store.find(ref) if ref else None
        inputs = {}
        if before:
            inputs[ROLE] = self.rewritten(stage, before)
        parts = self._parts(stage, manifest, inputs, kept)
        there = self._store.find(ArtifactRef(stage=stage.name(), key=parts.key()))
        if there and self._store.intact(there):
            return there
        carried = {shard for one in inputs.values() for shard in one.shards}
        own = tuple(shard for shard in kept if shard not in carried)
        made = ArtifactRef(stage=stage.name(), key=parts.key())
        return assemble(Resolution(stage, inputs, parts, made, None, ()), own, self._store)

    def _parts(
        self, stage: Pages, old: Manifest, inputs: Mapping[str, Manifest], kept: list[Shard]
    ) -> KeyParts:
        """What the old version was asked for, and which shards are left of it."""
        parts = KeyParts.from_json(old.parts)
        wanted = groups_read(stage.reads()[ROLE], old.columns, by=stage.name())
        digests = {
            role: {name: one.digests[name] for name in wanted if name in one.digests}
            for role, one in inputs.items()
        }
        left = hashlib.sha256("\n".join(shard.shard_key for shard in kept).encode()).hexdigest()
        extra = dict(parts.extra) | {PART: {"of": old.ref.key, "left": left}}
        return replace(parts, inputs=digests, extra=extra)

    def _cut(self, stage: Pages, shard: Shard, receipt: Receipt) -> Shard:
        if shard.shard_key not in self._shards:
            held = self._held(receipt)
            without = self._written(stage, shard, receipt) if held else shard
            self._shards[shard.shard_key] = without
        return self._shards[shard.shard_key]

    def _held(self, receipt: Receipt) -> int:
        found = 0
        for table in ("pages", "tombstones"):
            for batch in (
                self._store.batches(receipt, table, ["url"]) if receipt.table(table) else ()
            ):
                found += pc.sum(self._goes(batch["url"])).as_py() or 0
        return found

    def _written(self, stage: Pages, shard: Shard, receipt: Receipt) -> Shard:
        """The shard without what goes; made once, whoever asks again."""
        tables = {
            name: _table(self._store, receipt, name, schema)
            for name, schema in (("pages", PAGES), ("tombstones", TOMBSTONES))
        }
        masks = {name: self._goes(rows["url"].combine_chunks()) for name, rows in tables.items()}
        gone = tables["pages"].filter(masks["pages"])
        tables = {name: rows.filter(pc.invert(masks[name])) for name, rows in tables.items()}
        ledger = _table(self._store, receipt, "ledger", LEDGER)
        key = _key(shard, tables)
        found = Shard(name=shard.name, stage=shard.stage, shard_key=key)
        if self._store.receipt(found) is None:
            scratch = self._store.files.scratch()
            try:
                self._write(stage, found, receipt, tables, gone, ledger, scratch)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
        return found

    def _write(
        self,
        stage: Pages,
        shard: Shard,
        receipt: Receipt,
        tables: dict[str, pa.Table],
        gone: pa.Table,
        ledger: pa.Table,
        scratch: Path,
    ) -> None:
        began, cpu = time.monotonic(), time.process_time()
        started = datetime.now(UTC).isoformat(timespec="seconds")
        runtime = Runtime(store=self._store.uri)
        work = Work(stage, Unit(open=True), {}, self._store, scratch, runtime=runtime)
        pages = tables["pages"]
        for file in receipt.files:
            pages = self._copied(work, receipt, file.name, pages, gone, shard.name)
        work.write("pages", pages.cast(PAGES), shard=shard.name)
        work.write("tombstones", tables["tombstones"].cast(TOMBSTONES), shard=shard.name)
        for row in ledger.to_pylist():
            if row["outcome"] == DROPPED:
                told = {name: row[name] for name in ("value", "threshold", "kept")}
                work.drop(row[DOC_ID], row["rule"], shard=shard.name, **told)
            else:
                work.quarantine(row[DOC_ID], row["rule"], row["detail"] or "", shard=shard.name)
        work.close()
        wall, spent = time.monotonic() - began, time.process_time() - cpu
        effort = Effort(secrets.token_hex(10), started, round(wall, 6), round(spent, 6))
        commit_shard(stage, work, shard.name, shard.shard_key, None, effort, self._store)

    def _copied(
        self, work: Work, receipt: Receipt, name: str, pages: pa.Table, gone: pa.Table, shard: str
    ) -> pa.Table:
        """Copy a WARC file without the records that go; the pages, with where theirs lie now."""
        mine = gone.filter(pc.fill_null(pc.equal(gone["warc_file"], name), False))
        ranges = sorted(
            zip(mine["warc_offset"].to_pylist(), mine["warc_length"].to_pylist(), strict=True)
        )
        if not pc.any(pc.fill_null(pc.equal(pages["warc_file"], name), False)).as_py():
            return pages  # nobody's records are left in it
        path = work.scratch / f"{len(work.files)}.copy"
        with self._store.open_file(receipt, name) as source, path.open("wb") as target:
            _copy_without(source, target, ranges)
        work.add_file(name, path, shard=shard)
        starts = np.array([start for start, _ in ranges], np.int64)
        before = np.concatenate([[0], np.cumsum([size for _, size in ranges])]).astype(np.int64)
        offsets = pages["warc_offset"].fill_null(0).to_numpy()
        moved = pa.array(offsets - before[np.searchsorted(starts, offsets)])
        here = pc.fill_null(pc.equal(pages["warc_file"], name), False)
        column = pages.schema.get_field_index("warc_offset")
        placed = pc.if_else(here, moved, pages["warc_offset"])
        return pages.set_column(column, PAGES.field("warc_offset"), placed)

    def _receipts(self, manifest: Manifest) -> list[tuple[Shard, Receipt]]:
        found = []
        for shard in manifest.shards:
            receipt = self._store.receipt(shard)
            if receipt is None:
                raise MissingArtifact(
                    f"Shard {shard.name} of {manifest.ref}", where=self._store.uri
                )
            found.append((shard, receipt))
        return found


def _copy_without(source: BinaryIO, target: BinaryIO, ranges: list[tuple[int, int]]) -> None:
    """Copy a file but for some ranges of bytes, (start, size), in order."""
    place = 0
    for start, size in [*ranges, (-1, 0)]:
        left = start - place if start >= 0 else None
        while left is None or left > 0:
            piece = source.read(_PIECE if left is None else min(_PIECE, left))
            if not piece:
                break
            target.write(piece)
            left = None if left is None else left - len(piece)
        if start >= 0:
            place = start + size
            source.seek(place)


def _table(store: Store, receipt: Receipt, name: str, schema: pa.Schema) -> pa.Table:
    if receipt.table(name) is None:
        return schema.empty_table()
    there = store.schema(receipt, name, schema.names)
    found = pa.Table.from_batches(store.batches(receipt, name, there.names), there)
    for field in schema:  # what shards of older windows did not have yet
        if field.name not in there.names:
            found = found.append_column(field, pa.nulls(len(found), field.type))
    return found.select(schema.names)


def _key(shard: Shard, tables: Mapping[str, pa.Table]) -> str:
    """The key of a shard without what went: of the old one, and of what is left of it."""
    left = hashlib.sha256(f"penstock shard without 1\0{shard.shard_key}".encode())
    for name, rows in tables.items():
        left.update(f"\0{name}\0".encode())
        for doc_id, url in zip(rows[DOC_ID].to_pylist(), rows["url"].to_pylist(), strict=True):
            left.update(doc_id + url.encode() + b"\0")
    return left.hexdigest()
