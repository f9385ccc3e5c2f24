"""Drops documents that resemble bad text."""

from typing import ClassVar

from pydantic import Field

from pipeline.select.bounds import below
from pipeline.select.rule import Judgement, Rule, Signals


class Quality(Rule):
    """Drops documents with a score of less than `least`, by the recipe's `quality_model`.

    What the score means depends on the examples, and so does a sensible bound: `penstock sample
    verdicts --rule quality` shows what one drops.
    """

    least: float = Field(default=0.2, ge=0, le=1)
    reads: ClassVar[tuple[str, ...]] = ("quality.score",)
    examples: ClassVar = (
        ({"quality.score": 0.19}, True),
        ({"quality.score": 0.2}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare the score."""
        return below(signals["quality.score"], self.least)
