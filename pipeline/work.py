"""What a stage is handed to make its shards with: what it may read, and where it writes."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa

from pipeline.errors import BadStage, UndeclaredColumn
from pipeline.storage.census import Roll
from pipeline.storage.journal import Journal
from pipeline.storage.notes import Notes
from pipeline.storage.table_writer import TableWriter
from pipeline.takedowns import Takedowns
from schemas.ledger import DROPPED, LEDGER, QUARANTINED

if TYPE_CHECKING:
    from pipeline.stage import Stage, Unit
    from pipeline.storage.base import TakenOver
    from pipeline.storage.predecessor import Predecessor
    from pipeline.store import Store
    from schemas.artifact import Receipt
    from schemas.runtime import Runtime

LEDGER_TABLE = "ledger"


class Work:
    """One unit of a stage, on its way. Reading is checked against what the stage declares."""

    def __init__(
        self,
        stage: Stage,
        unit: Unit,
        inputs: dict[str, dict[str, Receipt]],  # role -> shard name -> receipt
        store: Store,
        scratch: Path,
        *,
        runtime: Runtime,
        window: str = "",
        durable: Path | None = None,
        journal: Journal | None = None,
        progress: Callable[[int, int], None] | None = None,
        predecessor: Predecessor | None = None,
        alike: Mapping[str, str] | None = None,
    ) -> None:
        self.unit = unit
        self.predecessor = predecessor  # of a unit whose stage has light roles, where there is one
        self.taken: dict[tuple[str, str], TakenOver] = {}  # (shard, table)
        self.durable = durable or scratch  # outlives a crash: a job's checkpoints
        self._journal = journal
        self.notes = Notes(store.files, stage.name(), alike or {})
        self.runtime = runtime  # may decide where and how fast, never what comes out
        self.window = window  # of an observed stage: the snapshot's, ISO 8601 in UTC
        self.scratch = scratch  # a folder of this unit's own, removed afterwards
        self.writers: dict[tuple[str, str], TableWriter] = {}  # (shard, table)
        self.files: dict[tuple[str, str], Path] = {}  # (shard, name)
        self.environmental: dict[str, list[str]] = {}  # shard -> doc_ids in hex
        self._stage, self._inputs, self._store = stage, inputs, store
        self._reads = stage.reads()
        self._schemas = stage.tables()
        self._progress = progress
        self._open = ExitStack()
        self._left: dict[str, list[tuple[object, ...]]] = {}  # shard -> ledger rows

    # Reading

    def shards(self, role: str) -> tuple[str, ...]:
        """The shards of `role` that this unit reads."""
        return self.unit.inputs.get(role, ())

    def rows(self, role: str, table: str) -> int:
        """How many rows a table has, in all this unit's shards of `role`."""
        receipts = [self._inputs[role][name] for name in self.shards(role)]
        return sum(found.rows for each in receipts if (found := each.table(table)))

    def batches(
        self, role: str, table: str, columns: Iterable[str], *, shard: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The rows of one table, in order; of all this unit's shards of `role`, or of one."""
        wanted = list(columns)
        self._check_declared(role, table, wanted)
        for name in self.shards(role) if shard is None else (shard,):
            yield from self._store.batches(self._inputs[role][name], table, wanted)

    def table(
        self, role: str, table: str, columns: Iterable[str], *, shard: str | None = None
    ) -> pa.Table:
        """The rows of one table, whole: for columns that fit in memory."""
        wanted = list(columns)
        batches = list(self.batches(role, table, wanted, shard=shard))
        if batches:
            return pa.Table.from_batches(batches)
        names = self.shards(role) if shard is None else (shard,)
        return self._store.schema(self._inputs[role][names[0]], table, wanted).empty_table()

    def file_names(self, role: str, *, shard: str) -> tuple[str, ...]:
        """The files beside the tables of a shard."""
        return tuple(file.name for file in self._inputs[role][shard].files)

    def left(self, role: str, among: Container[bytes]) -> set[bytes]:
        """Which of some documents are in the ledgers of `role`: they left on the way to it."""
        receipts = self._inputs.get(role, {})
        shards = [name for name in self.shards(role) if receipts[name].table(LEDGER_TABLE)]
        return {
            doc_id
            for shard in shards
            for batch in self.batches(role, LEDGER_TABLE, ("doc_id",), shard=shard)
            for doc_id in batch["doc_id"].to_pylist()
            if doc_id in among
        }

    def open(self, role: str, name: str, *, shard: str) -> BinaryIO:
        """A file beside the tables of a shard."""
        reads = self._reads[role]
        if not reads.takes(name):
            raise UndeclaredColumn(
                self._stage.name(), role, name, declared=(*reads.files, *reads.carried)
            )
        return self._store.open_file(self._inputs[role][shard], name)

    def local_tables(self, role: str, table: str) -> tuple[Path, ...]:
        """The Parquet files of a table on this machine, for a job in a process of its own.

        All columns of the table are there, so all that are not volatile have to be declared.
        """
        receipts = [self._inputs[role][name] for name in self.shards(role)]
        found = [each for receipt in receipts if (each := receipt.table(table))]
        return tuple(self._store.local_table(each, self.scratch) for each in found)

    def local_file(self, role: str, name: str) -> Path:
        """A file beside the tables on this machine; its name here is not the given one."""
        if name not in self._reads[role].files:
            raise UndeclaredColumn(self._stage.name(), role, name, declared=self._reads[role].files)
        for shard in self.shards(role):
            for file in self._inputs[role][shard].files:
                if file.name == name:
                    return self._store.local(file, self.scratch)
        msg = f"{self._stage.name()} reads the file {name} of {role}, which has none of that name"
        raise BadStage(msg)

    # Writing

    def write(
        self,
        table: str,
        batches: pa.RecordBatch | pa.Table | Iterable[pa.RecordBatch | pa.Table],
        *,
        shard: str | None = None,
    ) -> None:
        """Append rows to a table of a shard; of the unit's only one, unless it is named."""
        writer = self._writer(table, shard)
        pieces = (batches,) if isinstance(batches, pa.RecordBatch | pa.Table) else batches
        for piece in pieces:
            writer.write(piece)

    def take_over(self, table: str, rows: TakenOver, *, shard: str | None = None) -> None:
        """Let rows of a predecessor be rows of a table, among those that are written."""
        self._writer(table, shard)
        self.taken[self._shard(shard), table] = rows

    def add_file(self, name: str, content: Path | bytes, *, shard: str | None = None) -> None:
        """Put a file beside the tables of a shard."""
        if isinstance(content, bytes):
            path = self.scratch / f"{len(self.files)}-{Path(name).name}"
            path.write_bytes(content)
            content = path
        self.files[self._shard(shard), name] = content

    def drop(
        self,
        doc_id: bytes,
        rule: str,
        *,
        value: float | None = None,
        threshold: float | None = None,
        kept: bytes | None = None,
        detail: str | None = None,
        shard: str | None = None,
    ) -> None:
        """Write down that a document leaves the corpus here; `detail` is a sentence for people."""
        self._account(shard, doc_id, DROPPED, rule, value, threshold, kept, detail)

    def drop_all(self, rows: pa.Table, *, shard: str | None = None) -> None:
        """Write down that many documents leave here, as `drop` does one.

        Args:
            rows: their `doc_id` and `rule`, and what else of the ledger's columns there is to say.
            shard: which of the unit's shards; its only one by default.

        Raises:
            BadStage: a column is none of the ledger's.
        """
        unknown = set(rows.column_names) - set(LEDGER.names)
        if unknown:
            msg = f"{self._stage.name()} tells {sorted(unknown)}, which the ledger does not have"
            raise BadStage(msg)
        if rows.num_rows:
            told = dict(zip(rows.column_names, rows.columns, strict=True))
            missing = {field.name: pa.nulls(len(rows), field.type) for field in LEDGER}
            outcome = pa.repeat(DROPPED, len(rows))
            columns = {**missing, **told, "outcome": outcome}
            self._writer(LEDGER_TABLE, shard).write(pa.table(columns, schema=LEDGER))

    def quarantine(
        self,
        doc_id: bytes,
        rule: str,
        detail: str,
        *,
        environmental: bool = False,
        shard: str | None = None,
    ) -> None:
        """Write down that a document broke its parser.

        Args:
            doc_id: the document, 16 bytes.
            rule: the limit or the error, a slug.
            detail: a sentence for people, without text of the document.
            environmental: it was killed by time or memory; another machine may say otherwise.
            shard: which of the unit's shards; its only one by default.
        """
        if environmental:
            self.environmental.setdefault(self._shard(shard), []).append(doc_id.hex())
        self._account(shard, doc_id, QUARANTINED, rule, None, None, None, detail)

    @property
    def journal(self) -> Journal:
        """What an earlier try of the same observed version has done, and where to write on."""
        if self._journal is None:
            msg = f"{self._stage.name()} has no journal: only observed stages have one"
            raise BadStage(msg)
        return self._journal

    def taken_down(self) -> Takedowns:
        """The addresses that nobody may fetch or read any more."""
        return Takedowns.of(self._store.files)

    def progress(self, done: int, of: int) -> None:
        """Say how far this unit is, in documents, steps or bytes."""
        if self._progress:
            self._progress(done, of)

    def close(self) -> None:
        """Finish all tables; what was declared and never written is there, empty."""
        for shard, rows in self._left.items():
            columns = dict(zip(LEDGER.names, zip(*rows, strict=True), strict=True))
            batch = pa.RecordBatch.from_pydict(columns, schema=LEDGER)
            self._writer(LEDGER_TABLE, shard).write(batch)
        for shard in self.made:
            for table in self._schemas:
                self._writer(table, shard)
        self._open.close()

    @property
    def made(self) -> tuple[str, ...]:
        """The shards of this unit: those named before, or, where it is open, those written."""
        written = {shard for shard, _ in (*self.writers, *self.files)} | set(self._left)
        return tuple(sorted(written)) if self.unit.open else self.unit.shards

    def _account(self, shard: str | None, *row: object) -> None:
        self._left.setdefault(self._shard(shard), []).append(row)

    def _writer(self, table: str, shard: str | None) -> TableWriter:
        where = (self._shard(shard), table)
        if where not in self.writers:
            schema = LEDGER if table == LEDGER_TABLE else self._schemas.get(table)
            if schema is None:
                msg = f"{self._stage.name()} writes a table {table!r} that tables() does not name"
                raise BadStage(msg)
            path = self.scratch / f"{len(self.writers)}-{table}.parquet"
            roll = Roll(self._stage.live) if table == self._stage.main else None
            writer = TableWriter(
                self._stage.name(), table, schema, path, roll, lasting=bool(self._stage.light)
            )
            self.writers[where] = self._open.enter_context(writer)
        return self.writers[where]

    def _shard(self, shard: str | None) -> str:
        if self.unit.open and shard is not None:
            return shard
        if shard is None and len(self.unit.shards) != 1:
            msg = f"{self._stage.name()} makes {len(self.unit.shards)} shards at once: say which"
            raise BadStage(msg)
        chosen = self.unit.shards[0] if shard is None else shard
        if chosen not in self.unit.shards:
            msg = f"{self._stage.name()} writes to the shard {chosen}, which is not this unit's"
            raise BadStage(msg)
        return chosen

    def _check_declared(self, role: str, table: str, columns: Iterable[str]) -> None:
        reads = self._reads[role]
        known = (*reads.columns.get(table, ()), *reads.volatile.get(table, ()))
        for column in columns:
            if column != "doc_id" and column not in known:
                raise UndeclaredColumn(self._stage.name(), role, column, declared=known)
