"""Drops documents that ask for JavaScript."""

from typing import ClassVar

from pydantic import NonNegativeInt

from pipeline.select.bounds import above
from pipeline.select.rule import Judgement, Rule, Signals


class JavascriptLines(Rule):
    """Drops documents in which more than `most` lines name JavaScript.

    C4 takes such lines out and keeps the rest (Raffel et al., 2019, arXiv:1910.10683, section 2.2).
    Here no rule changes a text; where the line is all that a page has, `few_sentences` drops it.
    dolma looks for the word alone: not for JavaScript's, nor for "JavaScript." at a sentence's end.
    """

    most: NonNegativeInt = 0
    reads: ClassVar[tuple[str, ...]] = ("c4.javascript_lines",)
    examples: ClassVar = (
        ({"c4.javascript_lines": 1}, True),
        ({"c4.javascript_lines": 0}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare the count."""
        return above(signals["c4.javascript_lines"], self.most)
