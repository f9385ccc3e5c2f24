"""The stage that applies the policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import pyarrow.compute as pc

from pipeline.errors import ConservationError
from pipeline.select.policy import verdicts
from pipeline.select.rule import AnyRule, Signals
from pipeline.stage import Reads, Stage, Unit, one_to_one
from schemas.column import DOC_ID
from schemas.verdict import VERDICTS

if TYPE_CHECKING:
    import pyarrow as pa

    from pipeline.block import Block
    from pipeline.work import Work
    from schemas.artifact import Manifest

LEDGER_COLUMNS = [DOC_ID, "rule", "value", "threshold"]
MEASURED = "measured"  # the column that every family has: null where a document was quarantined


class Verdicts(Stage):
    """Keeps or drops every document by rules over signals; reads no text.

    A changed threshold therefore costs a scan of small columns. Rules are asked in the recipe's
    order: the first that drops a document is its reason, and all that would are written down.
    Without rules every document stays.
    """

    rules: tuple[AnyRule, ...] = ()
    main: ClassVar[str | None] = "verdicts"
    follows: ClassVar[str | None] = "documents"
    aligned: ClassVar[bool] = True
    live: ClassVar[str | None] = "keep"

    def name(self) -> str:
        """`verdicts`."""
        return "verdicts"

    def reads(self) -> dict[str, Reads]:
        """Of each family the signals that a rule reads; of the documents only who they are."""
        if not self.rules:
            return {"documents": Reads(columns={"documents": ("text",)})}
        families = {
            family: Reads(columns={"signals": (MEASURED, *signals)})
            for family, signals in self.signals_read().items()
        }
        return {"documents": Reads(columns={"documents": ()}), **families}

    def signals_read(self) -> dict[str, tuple[str, ...]]:
        """Family -> the signals of it that any rule reads, in order of name."""
        found: dict[str, set[str]] = {}
        for rule in self.rules:
            for name in rule.reads:
                family, _, signal = name.rpartition(".")
                found.setdefault(family, set()).add(signal)
        return {family: tuple(sorted(found[family])) for family in sorted(found)}

    def tables(self) -> dict[str, pa.Schema]:
        """One verdict for every document."""
        return {"verdicts": VERDICTS}

    def units(self, inputs: Mapping[str, Manifest]) -> Sequence[Unit]:
        """One shard for every shard of documents."""
        return one_to_one(inputs, "documents")

    def blocks(self) -> tuple[Block, ...]:
        """The rules."""
        return self.rules

    def make(self, work: Work) -> None:
        """Judge one shard at once: its signals are small."""
        columns = self.reads()["documents"].columns["documents"]
        documents = work.table("documents", "documents", (DOC_ID, *columns))
        doc_id = documents[DOC_ID].combine_chunks()
        if self.rules:
            signals, there = self._signals(work, doc_id)
        else:
            signals, there = {}, pc.is_valid(documents["text"].combine_chunks())
        table = verdicts(self.rules, signals, doc_id, there)
        work.write("verdicts", table)
        work.drop_all(table.filter(pc.is_valid(table["rule"])).select(LEDGER_COLUMNS))

    def _signals(self, work: Work, doc_id: pa.Array) -> tuple[Signals, pa.Array]:
        """The columns that the rules read, and which documents were measured."""
        signals: Signals = {}
        for family, names in self.signals_read().items():
            table = work.table(family, "signals", (DOC_ID, MEASURED, *names))
            if not table[DOC_ID].combine_chunks().equals(doc_id):
                msg = (
                    f"signals.{family} and documents do not have the same documents in the same "
                    f"order in shard {work.unit}.\n`penstock verify` says which of their files "
                    f"are not what they were."
                )
                raise ConservationError(msg)
            there = table[MEASURED].combine_chunks()
            signals |= {f"{family}.{name}": table[name].combine_chunks() for name in names}
        return signals, there
