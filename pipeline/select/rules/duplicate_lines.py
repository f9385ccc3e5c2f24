"""Drops documents that repeat their lines."""

from typing import ClassVar

from pydantic import Field

from pipeline.select.bounds import CODE_LINES, above, code, either
from pipeline.select.rule import Judgement, Rule, Signals


class DuplicateLines(Rule):
    """Drops documents in which too much is lines that were there before.

    `most` bounds the share of lines, `most_characters` the share of characters in them. The bounds
    are those of Rae et al., 2021, arXiv:2112.11446, table A1. They hold in every script.
    Program code, whose lines are often alike, is left alone.
    """

    most: float = Field(default=0.3, ge=0, le=1)
    most_characters: float = Field(default=0.2, ge=0, le=1)
    code: float = Field(default=CODE_LINES, ge=0, le=1)
    reads: ClassVar[tuple[str, ...]] = (
        "repetition.duplicate_lines",
        "repetition.duplicate_line_characters",
        "words.code_lines",
    )
    examples: ClassVar = (
        ({"repetition.duplicate_lines": 0.31}, True),
        ({"repetition.duplicate_line_characters": 0.21}, True),
        ({"repetition.duplicate_lines": 0.3}, False),
        ({"repetition.duplicate_lines": 0.4, "words.code_lines": 0.9}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare both shares."""
        shares = above(signals["repetition.duplicate_lines"], self.most)
        characters = above(signals["repetition.duplicate_line_characters"], self.most_characters)
        return either(shares, characters).unless(code(signals, self.code))
