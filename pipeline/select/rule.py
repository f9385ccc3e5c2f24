"""What a rule is."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Any, ClassVar, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BeforeValidator, SerializeAsAny

from pipeline.block import Block

Signals = dict[str, pa.Array]  # "words.mean_word_length" -> one value a document


def certain(column: pa.BooleanArray) -> pa.BooleanArray:
    """The column with false for null; itself where it has none, which costs nothing."""
    return column.fill_null(False) if column.null_count else column


class Judgement(NamedTuple):
    """What a rule says of each document: whether it should go, for which value, past which bound.

    A null in `drop` means that it may stay.
    """

    drop: pa.BooleanArray
    value: pa.DoubleArray
    threshold: pa.DoubleArray

    def unless(self, *abstain: pa.BooleanArray) -> Judgement:
        """The same, but documents for which any of `abstain` is true may stay."""
        drop = self.drop
        for stays in abstain:
            drop = pc.and_not(certain(drop), certain(stays))
        return self._replace(drop=drop)

    def only(self, where: pa.BooleanArray) -> Judgement:
        """The same, but only documents for which `where` is true may go."""
        return self.unless(pc.invert(certain(where)))


class Rule(Block):
    """Judges documents by their signals, never by their text.

    `examples` are pairs of the signals of a document and whether the rule drops it; signals that
    are not named are null. They are the documentation and the test of the rule.
    """

    home = "pipeline.select.rules"
    reads: ClassVar[tuple[str, ...]]  # "family.signal"
    examples: ClassVar[tuple[tuple[dict[str, Any], bool], ...]]

    @abstractmethod
    def judge(self, signals: Signals) -> Judgement:
        """Judge whole columns; a null signal is no reason to drop a document."""


AnyRule = Annotated[SerializeAsAny[Rule], BeforeValidator(Rule.parse)]
