"""Drops documents without a few long lines."""

from typing import ClassVar

from pydantic import PositiveInt

from pipeline.select.bounds import below
from pipeline.select.prose_rule import ProseRule
from pipeline.select.rule import Judgement, Signals


class FewParagraphs(ProseRule):
    """Drops documents with fewer than `fewest` lines of at least 200 characters.

    The bound is mC4's (Xue et al., 2020, arXiv:2010.11934, section 3.1). It is a strict one, and
    takes lines for paragraphs: text that is broken into lines has none.
    datatrove has the same rule, and no exceptions for code, tables and scripts without spaces.
    """

    fewest: PositiveInt = 3
    reads: ClassVar[tuple[str, ...]] = (*ProseRule.context, "c4.paragraphs")
    examples: ClassVar = (
        ({"c4.paragraphs": 2}, True),
        ({"c4.paragraphs": 3}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare the count."""
        return self.in_prose(signals, below(signals["c4.paragraphs"], self.fewest))
