"""The stage that measures one family of signals."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.block import Block
from pipeline.signals.family import AnyFamily, Measure
from pipeline.stage import Reads, Stage, Unit, one_to_one
from pipeline.work import Work
from schemas.artifact import Manifest
from schemas.column import DOC_ID, column, doc_id

MEASURED = "measured"


class Signals(Stage):
    """Measures every document; a family is a version of its own, so a new one costs only itself.

    The table has a row for every document, in the same order. `measured` is true on each, and
    null, like every signal, where the document was quarantined before.
    """

    family: AnyFamily
    main: ClassVar[str | None] = "signals"
    follows: ClassVar[str | None] = "documents"
    aligned: ClassVar[bool] = True
    live: ClassVar[str | None] = MEASURED

    def name(self) -> str:
        """`signals.words`."""
        return f"signals.{self.family.kind()}"

    def reads(self) -> dict[str, Reads]:
        """The text, what else of the documents the family asks for, and what it has learnt."""
        learnt = {stage: Reads(files=(file,)) for stage, file in self.family.learnt.items()}
        return {"documents": Reads(columns={"documents": self._columns()}), **learnt}

    def learns(self) -> tuple[str, ...]:
        """The stages that the family learns from."""
        return tuple(self.family.learnt)

    def tables(self) -> dict[str, pa.Schema]:
        """The family's columns, all in one group of its name."""
        group = self.family.kind()
        signals = [column(field.name, field.type, group) for field in self.family.columns]
        return {"signals": pa.schema([doc_id(), column(MEASURED, pa.bool_(), group), *signals])}

    def units(self, inputs: Mapping[str, Manifest]) -> Sequence[Unit]:
        """One shard for every shard of documents."""
        return one_to_one(inputs, "documents")

    def blocks(self) -> tuple[Block, ...]:
        """The family."""
        return (self.family,)

    def assets(self) -> dict[str, str]:
        """The family's files by their content."""
        return self.family.assets()

    def config(self) -> dict[str, Any]:
        """The family's settings, without the paths of its files."""
        return {"family": self.family.config()}

    def make(self, work: Work) -> None:
        """Measure one shard, batch by batch."""
        done, measure = 0, self.family.ready(self._learnt(work))
        for batch in work.batches("documents", "documents", (DOC_ID, *self._columns())):
            work.write("signals", self.signals(batch, measure))
            done += batch.num_rows
            work.progress(done, 0)

    def signals(self, batch: pa.RecordBatch, measure: Measure) -> pa.RecordBatch:
        """The rows of `signals` for a batch of documents."""
        there = pc.is_valid(batch["text"])
        measured = measure(batch.filter(there).select(list(self.family.reads)))
        counted = pc.subtract(pc.cumulative_sum(pc.cast(there, pa.int64())), 1)
        spread = measured.take(pc.if_else(there, counted, None))
        schema = self.tables()["signals"]
        columns = [batch[DOC_ID], pc.if_else(there, True, None), *spread.columns]
        return pa.RecordBatch.from_arrays(columns, schema=schema)

    def _learnt(self, work: Work) -> dict[str, bytes]:
        """The files that the family asks for, by stage."""
        found = {}
        for stage, file in self.family.learnt.items():
            with work.open(stage, file, shard=work.shards(stage)[0]) as opened:
                found[stage] = opened.read()
        return found

    def _columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(("text", *self.family.reads)))
