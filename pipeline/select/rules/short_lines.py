"""Drops documents made of short lines."""

from typing import ClassVar

from pydantic import Field

from pipeline.select.bounds import CODE_LINES, above, code
from pipeline.select.rule import Judgement, Rule, Signals


class ShortLines(Rule):
    """Drops documents in which more than a share `most` of the lines are at most 30 columns wide.

    The bound is FineWeb's (Penedo et al., 2024, arXiv:2406.17557, section 3.6). A Chinese, Japanese
    or Korean character takes two columns. Menus and lists of names are such documents, but so are
    poems, and program code, which is left alone.
    """

    most: float = Field(default=0.67, ge=0, le=1)
    code: float = Field(default=CODE_LINES, ge=0, le=1)
    reads: ClassVar[tuple[str, ...]] = (
        "words.short_lines",
        "words.code_lines",
    )
    examples: ClassVar = (
        ({"words.short_lines": 0.68}, True),
        ({"words.short_lines": 0.67}, False),
        ({"words.short_lines": 0.9, "words.code_lines": 0.6}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare the share."""
        return above(signals["words.short_lines"], self.most).unless(code(signals, self.code))
