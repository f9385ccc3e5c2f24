"""Drops documents with curly braces, which are hardly prose."""

from typing import ClassVar

from pydantic import NonNegativeInt

from pipeline.select.bounds import above
from pipeline.select.rule import Judgement, Rule, Signals


class CurlyBraces(Rule):
    """Drops documents with more than `most` curly braces, opening and closing ones together.

    C4 drops them at the first (Raffel et al., 2019, arXiv:1910.10683, section 2.2), and with them
    nearly all program code: a recipe that wants code leaves this rule out.
    datatrove and dolma look for the opening one, with the same result on every page measured.
    """

    most: NonNegativeInt = 0
    reads: ClassVar[tuple[str, ...]] = ("words.curly_braces",)
    examples: ClassVar = (
        ({"words.curly_braces": 1}, True),
        ({"words.curly_braces": 0}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare the count."""
        return above(signals["words.curly_braces"], self.most)
