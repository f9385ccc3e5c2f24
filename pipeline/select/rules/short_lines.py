"""Drops documents made of short lines."""

from typing import ClassVar

import pyarrow.compute as pc
from pydantic import Field

from pipeline.select.bounds import above
from pipeline.select.line_rule import LineRule
from pipeline.select.rule import Judgement, Signals


class ShortLines(LineRule):
    """Drops documents in which more than a share `most` of the lines are at most 30 columns wide.

    The bound is FineWeb's (Penedo et al., 2024, arXiv:2406.17557, section 3.6). A Chinese, Japanese
    or Korean character takes two columns. Menus and lists of names are such documents. Poems,
    tables and program code are, too, and are left alone; and so is a page whose short lines hold
    no more than a share `little` of its text, as the ingredients and headings of a recipe do.
    datatrove has none of these exceptions; where they do not hold, it drops the same documents.
    """

    most: float = Field(default=0.67, ge=0, le=1)
    little: float = Field(default=0.3, ge=0, le=1, description="of the columns of all lines")
    reads: ClassVar[tuple[str, ...]] = (
        *LineRule.context,
        *("words.short_lines", "words.short_line_columns"),
    )
    examples: ClassVar = (
        ({"words.short_lines": 0.68}, True),
        ({"words.short_lines": 0.67}, False),
        ({"words.short_lines": 0.8, "words.short_line_columns": 0.2}, False),
        ({"words.short_lines": 0.9, "words.code_lines": 0.6}, False),
        ({"words.short_lines": 0.9, "words.verse_lines": 0.6}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare the share."""
        short = above(signals["words.short_lines"], self.most)
        beside = pc.less_equal(signals["words.short_line_columns"], self.little)
        return self.in_paragraphs(signals, short.unless(beside))
