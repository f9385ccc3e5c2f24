"""Drops documents without text."""

from typing import ClassVar

from pydantic import PositiveInt

from pipeline.select.bounds import below
from pipeline.select.rule import Judgement, Rule, Signals


class EmptyText(Rule):
    """Drops documents with fewer than `fewest` words, in any script: 1 means no text at all."""

    fewest: PositiveInt = 1
    reads: ClassVar[tuple[str, ...]] = ("words.words",)
    examples: ClassVar = (({"words.words": 0}, True), ({"words.words": 1}, False))

    def judge(self, signals: Signals) -> Judgement:
        """Compare the words."""
        return below(signals["words.words"], self.fewest)
