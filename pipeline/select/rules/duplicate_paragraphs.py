"""Drops documents that repeat their paragraphs."""

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


class DuplicateParagraphs(Rule):
    """Drops documents in which too much is paragraphs that were there before.

    `most` bounds the share of paragraphs, `most_characters` the share of characters in them. The
    bounds are those of Rae et al., 2021, arXiv:2112.11446, table A1. They hold in every script.
    Program code, whose lines are often alike, is left alone; where more than `verse` of the lines
    are verse, the bounds are three times as high, since refrains are meant.

    Paragraphs that differ in white space are different, as they are to datatrove, to which a line
    of white space alone ends none.
    """

    most: float = Field(default=0.3, ge=0, le=1)
    most_characters: float = Field(default=0.2, ge=0, le=1)
    code: float = Field(default=CODE_LINES, ge=0, le=1)
    verse: float = Field(default=MOST_LINES, ge=0, le=1)
    reads: ClassVar[tuple[str, ...]] = (
        "repetition.duplicate_paragraphs",
        "repetition.duplicate_paragraph_characters",
        *(CODE, VERSE),
    )
    examples: ClassVar = (
        ({"repetition.duplicate_paragraphs": 0.31}, True),
        ({"repetition.duplicate_paragraph_characters": 0.21}, True),
        ({"repetition.duplicate_paragraphs": 0.3}, False),
        ({"repetition.duplicate_paragraphs": 0.4, "words.code_lines": 0.9}, False),
        ({"repetition.duplicate_paragraphs": 0.4, "words.verse_lines": 0.9}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare both shares."""
        most = with_refrains(signals, self.most, self.verse)
        most_characters = with_refrains(signals, self.most_characters, self.verse)
        shares = above(signals["repetition.duplicate_paragraphs"], most)
        characters = above(signals["repetition.duplicate_paragraph_characters"], most_characters)
        return either(shares, characters).unless(code(signals, self.code))
