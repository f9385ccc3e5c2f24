"""Drops documents that hold items of a benchmark."""

from typing import ClassVar

from pydantic import Field

from pipeline.select.bounds import above
from pipeline.select.rule import Judgement, Rule, Signals


class BenchmarkOverlap(Rule):
    """Drops documents that hold more than a share `most` of some benchmark item.

    A model that has read the questions of its test is not tested. The default leaves a document
    alone that quotes what an item quotes too, and finds items with some words changed.
    """

    most: float = Field(default=0.5, ge=0, le=1)
    reads: ClassVar[tuple[str, ...]] = ("benchmark_overlap.share",)
    examples: ClassVar = (
        ({"benchmark_overlap.share": 0.51}, True),
        ({"benchmark_overlap.share": 0.5}, False),
        ({"benchmark_overlap.share": 0.0}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare the share."""
        return above(signals["benchmark_overlap.share"], self.most)
