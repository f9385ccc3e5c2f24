"""The commit of a shard: its accounts are checked, its files put down, its receipt created last."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.errors import ConservationError
from pipeline.storage.base import TakenOver, digests_over
from pipeline.storage.census import Census, Roll, mask_of, tally
from pipeline.storage.parquet import footer_sha256
from pipeline.storage.row_digests import count_in
from pipeline.storage.table_digest import short_columns
from pipeline.storage.table_writer import TableWriter
from pipeline.store import Store, shard_folder
from pipeline.versions.digest import RowSum
from pipeline.work import LEDGER_TABLE, Work
from schemas.artifact import Account, Base, Receipt, StoredFile, Table, Tally
from schemas.column import DOC_ID, is_ordered
from schemas.ledger import DROPPED, QUARANTINED

if TYPE_CHECKING:
    from pipeline.stage import Stage


class Effort(NamedTuple):
    """Who made a unit, and what it cost."""

    attempt: str
    started: str  # UTC, ISO 8601
    wall_seconds: float
    cpu_seconds: float


class _Place(NamedTuple):
    """Where the files of a shard go."""

    folder: str
    attempt: str
    store: Store

    def put(self, name: str, path: Path) -> StoredFile:
        """Store a file, with its hash."""
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        where = f"{self.folder}/{self.attempt}-{name.replace('/', '_')}"
        size = path.stat().st_size
        self.store.files.put(where, path)
        return StoredFile(name=name, path=where, size=size, sha256=sha256)


class _Written(NamedTuple):
    """A table that was written, with the rows that it takes over, if it does."""

    name: str
    writer: TableWriter
    taken: TakenOver | None

    @property
    def rows(self) -> int:
        """How many it has, those taken over among them."""
        return len(self.taken.places) if self.taken else self.writer.rows

    def digests(self, store: Store) -> dict[str, str]:
        """Its digests, by column group."""
        taken, schema = self.taken, self.writer.schema
        if taken is None:
            return self.writer.digest.hexdigests()
        short = short_columns(schema)
        with store.open_stored(taken.hashes) as file:
            hashes = file.read()
        shorter = pa.schema([schema.field(name) for name in short])
        base = pa.Table.from_batches(store.tables.batches(taken.base, short), shorter)
        left = base.take(taken.left()).to_batches()
        return digests_over(self.writer.digest.sums, taken, left, hashes, schema)

    def put(self, place: _Place, digests: dict[str, str]) -> Table:
        """Store its files."""
        writer, taken = self.writer, self.taken
        return Table(
            name=self.name,
            file=place.put(f"{self.name}.parquet", writer.path),
            footer=_footer(writer.path),
            rows=self.rows,
            digests=digests,
            ordered=is_ordered(writer.schema),
            hashes=place.put(f"{self.name}.hashes", writer.hashes) if writer.hashes else None,
            base=Base(table=taken.base, runs=taken.runs()) if taken else None,
        )


def commit_shard(
    stage: Stage,
    work: Work,
    shard: str,
    shard_key: str,
    followed: Receipt | None,
    effort: Effort,
    store: Store,
) -> Receipt:
    """Check the accounts of one shard, store its files and create its receipt.

    Raises:
        ConservationError: documents were lost or doubled, or stand in another order.
    """
    written = [
        _Written(table, writer, work.taken.get((shard, table)))
        for (where, table), writer in sorted(work.writers.items())
        if where == shard
    ]
    digests = {each.name: each.digests(store) for each in written}
    account, sequence, drops = _accounts(stage, work, shard, followed, digests, store)
    place = _Place(shard_folder(stage.name(), shard_key), effort.attempt, store)
    tables = [each.put(place, digests[each.name]) for each in written]
    files = [
        place.put(name, path)
        for (where, name), path in sorted(work.files.items())
        if where == shard
    ]
    return store.create_receipt(
        Receipt(
            stage=stage.name(),
            shard_key=shard_key,
            tables=tuple(tables),
            files=tuple(files),
            account=account,
            sequence=sequence,
            main=stage.main,
            live=stage.live,
            drops=dict(sorted(drops.items())),
            environmental=tuple(sorted(work.environmental.get(shard, ()))),
            **effort._asdict(),
        )
    )


def _accounts(
    stage: Stage,
    work: Work,
    shard: str,
    followed: Receipt | None,
    digests: Mapping[str, Mapping[str, str]],
    store: Store,
) -> tuple[Account | None, str | None, Counter[str]]:
    ledger = _ledger(work, shard)
    drops = Counter(ledger["rule"].to_pylist()) if ledger else Counter()
    if stage.main is None:
        return None, None, drops
    roll = _roll(stage, work, shard, store)
    every = RowSum.parse(digests[stage.main][DOC_ID], roll.num_rows)
    census = Census.of(roll, every)
    left = {outcome: RowSum() for outcome in (DROPPED, QUARANTINED)}
    for outcome, total in left.items():
        if ledger:
            ids = ledger[DOC_ID].filter(pc.equal(ledger["outcome"], outcome)).combine_chunks()
            count_in(total, [ids], len(ids))
    entered, kept = _entered(followed), census.kept
    if entered is None:
        entered = Tally.total([kept, *(tally(total) for total in left.values())])
    elif stage.aligned and stage.live is None:
        kept = entered  # one row for one row: the order, checked below, is the proof
    account = Account(
        entered=entered,
        kept=kept,
        dropped=tally(left[DROPPED]),
        quarantined=tally(left[QUARANTINED]),
    )
    _check(stage, work, shard, account, census.sequence, followed, store)
    return account, census.sequence, drops


def _check(
    stage: Stage,
    work: Work,
    shard: str,
    account: Account,
    sequence: str,
    followed: Receipt | None,
    store: Store,
) -> None:
    out = Tally.total([account.kept, account.dropped, account.quarantined])
    if out != account.entered:
        detail = _difference(stage, work, shard, followed, store)
        msg = (
            f"{stage.name()} does not account for every document of shard {shard}: "
            f"{account.entered.count} came in; {account.kept.count} kept + "
            f"{account.dropped.count} dropped + {account.quarantined.count} quarantined = "
            f"{out.count} went out; {detail}.\nThe shard is not committed. This is a fault of the "
            f"stage's code: every document must be written, dropped or quarantined once."
        )
        raise ConservationError(msg)
    if stage.aligned and followed and sequence != followed.sequence:
        msg = (
            f"{stage.name()} writes other rows, or another order of rows, than {followed.stage} "
            f"has in shard {shard}.\nThe shard is not committed: write one row for every row read, "
            f"null where the document has left."
        )
        raise ConservationError(msg)


def _difference(
    stage: Stage, work: Work, shard: str, followed: Receipt | None, store: Store
) -> str:
    """Which documents are lost, and which are there too often: a few of each."""
    came: Counter[bytes] = Counter()
    if followed and followed.main:
        columns = [DOC_ID, *([followed.live] if followed.live else [])]
        for batch in store.batches(followed, followed.main, columns):
            live = batch.filter(mask_of(batch[followed.live])) if followed.live else batch
            came.update(live[DOC_ID].to_pylist())
    went: Counter[bytes] = Counter()
    if stage.main:
        here = _roll(stage, work, shard, store)
        went.update(here[DOC_ID].filter(here["live"]).to_pylist())
    ledger = _ledger(work, shard)
    went.update(ledger[DOC_ID].to_pylist() if ledger else ())
    parts = []
    for word, counts in (("lost", came - went), ("too many", went - came)):
        if counts:
            some = ", ".join(each.hex() for each in sorted(counts)[:3])
            parts.append(f"{counts.total()} {word} ({some}{', ...' if len(counts) > 3 else ''})")
    return "; ".join(parts) or "the ids agree, their hashes do not"


def _roll(stage: Stage, work: Work, shard: str, store: Store) -> pa.Table:
    """The documents of the main table that is about to be committed; see `census.Roll`."""
    where = shard, str(stage.main)
    own, taken = work.writers[where].roll, work.taken.get(where)
    assert own is not None
    if taken is None:
        return own.table()
    base = Roll(stage.live)
    for batch in store.tables.batches(taken.base, [DOC_ID, *([stage.live] if stage.live else [])]):
        base.add(batch)
    return taken.laid_out(own.table(), base.table())


def _entered(followed: Receipt | None) -> Tally | None:
    return followed.account.kept if followed and followed.account else None


def _ledger(work: Work, shard: str) -> pa.Table | None:
    writer = work.writers.get((shard, LEDGER_TABLE))
    return pq.ParquetFile(writer.path).read(use_threads=False) if writer else None


def _footer(path: Path) -> str:
    with path.open("rb") as file:
        return footer_sha256(file)


def followed_receipt(
    stage: Stage, shard: str, inputs: Mapping[str, Mapping[str, Receipt]]
) -> Receipt | None:
    """The receipt of the shard whose documents this shard accounts for."""
    return inputs.get(stage.follows, {}).get(shard) if stage.follows else None
