"""Drops documents with placeholder text."""

from typing import ClassVar

from pydantic import NonNegativeInt

from pipeline.select.bounds import above
from pipeline.select.rule import Judgement, Rule, Signals


class LoremIpsum(Rule):
    """Drops documents that say "lorem ipsum" more than `most` times.

    C4 drops them at the first (Raffel et al., 2019, arXiv:1910.10683, section 2.2).
    """

    most: NonNegativeInt = 0
    reads: ClassVar[tuple[str, ...]] = ("words.lorem_ipsum",)
    examples: ClassVar = (
        ({"words.lorem_ipsum": 1}, True),
        ({"words.lorem_ipsum": 0}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare the count."""
        return above(signals["words.lorem_ipsum"], self.most)
