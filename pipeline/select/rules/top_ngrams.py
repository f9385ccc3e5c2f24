"""Drops documents that one phrase fills."""

from typing import ClassVar

from pydantic import Field

from pipeline.select.bounds import MOST_LINES, VERSE, above, either, with_refrains
from pipeline.select.prose_rule import ProseRule
from pipeline.select.rule import Judgement, Signals


class TopNgrams(ProseRule):
    """Drops documents in which the most frequent n-gram holds too large a share of the characters.

    The bounds, for n-grams of 2, 3 and 4 words, are those of Rae et al., 2021, arXiv:2112.11446,
    table A1. Where more than `verse` of the lines are verse, they are three times as high,
    since refrains are meant.

    An n-gram that comes once is not frequent: to datatrove and dolma it is, and they drop texts of
    ten words, in which any n-gram is a large share. They count characters in overlapping n-grams
    twice, and signs between spaces are words to them. datatrove counts the white space of the
    whole, but not all of that around the n-grams, and takes the signs around words for words, too.
    """

    most_2: float = Field(default=0.20, ge=0, le=1)
    most_3: float = Field(default=0.18, ge=0, le=1)
    most_4: float = Field(default=0.16, ge=0, le=1)
    verse: float = Field(default=MOST_LINES, ge=0, le=1)
    reads: ClassVar[tuple[str, ...]] = (
        *(*ProseRule.context, VERSE),
        *("repetition.top_2_gram", "repetition.top_3_gram", "repetition.top_4_gram"),
    )
    examples: ClassVar = (
        ({"repetition.top_2_gram": 0.21}, True),
        ({"repetition.top_4_gram": 0.17}, True),
        ({"repetition.top_2_gram": 0.2, "repetition.top_3_gram": 0.18}, False),
        ({"repetition.top_2_gram": 0.5, "words.unsegmented": 0.9}, False),
        ({"repetition.top_2_gram": 0.5, "words.code_lines": 0.9}, False),
        ({"repetition.top_2_gram": 0.4, "words.verse_lines": 0.9}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare each size."""
        filled = (
            above(signals[f"repetition.top_{size}_gram"], with_refrains(signals, most, self.verse))
            for size, most in enumerate((self.most_2, self.most_3, self.most_4), start=2)
        )
        return self.in_prose(signals, either(*filled))
