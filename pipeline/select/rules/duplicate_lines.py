"""Drops documents that repeat their lines."""

from typing import ClassVar

from pydantic import Field

from pipeline.select.bounds import (
    CODE,
    CODE_LINES,
    MOST_LINES,
    VERSE,
    above,
    code,
    either,
    with_refrains,
)
from pipeline.select.rule import Judgement, Rule, Signals


class DuplicateLines(Rule):
    """Drops documents in which too much is lines that were there before.

    `most` bounds the share of lines, `most_characters` the share of characters in them. The bounds
    are those of Rae et al., 2021, arXiv:2112.11446, table A1. They hold in every script.
    Program code, whose lines are often alike, is left alone; where more than `verse` of the lines
    are verse, the bounds are three times as high, since refrains are meant.

    Lines that differ in white space are different, as they are to datatrove and dolma, and white
    space counts among the characters. Both count lines of white space alone, which are none here.
    dolma counts the first of equal lines, too, and so drops more, and leaves white space out of the
    whole. FineWeb's rule is this one with `most` of 1 and `most_characters` of 0.01, as its code
    has it, which leaves the ends of lines out of the whole; the text of its paper says 0.1 (Penedo
    et al., 2024, arXiv:2406.17557, section 3.6).
    """

    most: float = Field(default=0.3, ge=0, le=1)
    most_characters: float = Field(default=0.2, ge=0, le=1)
    code: float = Field(default=CODE_LINES, ge=0, le=1)
    verse: float = Field(default=MOST_LINES, ge=0, le=1)
    reads: ClassVar[tuple[str, ...]] = (
        "repetition.duplicate_lines",
        "repetition.duplicate_line_characters",
        *(CODE, VERSE),
    )
    examples: ClassVar = (
        ({"repetition.duplicate_lines": 0.31}, True),
        ({"repetition.duplicate_line_characters": 0.21}, True),
        ({"repetition.duplicate_lines": 0.3}, False),
        ({"repetition.duplicate_lines": 0.4, "words.code_lines": 0.9}, False),
        ({"repetition.duplicate_lines": 0.4, "words.verse_lines": 0.9}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare both shares."""
        most = with_refrains(signals, self.most, self.verse)
        most_characters = with_refrains(signals, self.most_characters, self.verse)
        shares = above(signals["repetition.duplicate_lines"], most)
        characters = above(signals["repetition.duplicate_line_characters"], most_characters)
        return either(shares, characters).unless(code(signals, self.code))
