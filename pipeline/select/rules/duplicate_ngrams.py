"""Drops documents that say long phrases again and again."""

from typing import ClassVar

from pydantic import Field

from pipeline.select.bounds import MOST_LINES, VERSE, above, either, with_refrains
from pipeline.select.prose_rule import ProseRule
from pipeline.select.rule import Judgement, Signals


class DuplicateNgrams(ProseRule):
    """Drops documents in which n-grams that were there before hold too many of the characters.

    The bounds, for n-grams of 5 to 10 words, are those of Rae et al., 2021, arXiv:2112.11446,
    table A1. Where more than `verse` of the lines are verse, they are three times as high,
    since refrains are meant.

    What is measured is nearly what datatrove measures, with which FineWeb used the bounds: n-grams
    of words and of the signs around them, none of which overlaps another, so that a longer
    repetition may lose its end, and all characters of the document, white space among them. Of
    words alone, without white space, and to the end of each repetition a tenth more would be
    dropped. Several signs at one end of a word are one here and may be several to datatrove, which
    also parts words. dolma counts the first of equal n-grams, too, overlaps twice, and divides by
    the characters of all n-grams.
    """

    most_5: float = Field(default=0.15, ge=0, le=1)
    most_6: float = Field(default=0.14, ge=0, le=1)
    most_7: float = Field(default=0.13, ge=0, le=1)
    most_8: float = Field(default=0.12, ge=0, le=1)
    most_9: float = Field(default=0.11, ge=0, le=1)
    most_10: float = Field(default=0.10, ge=0, le=1)
    verse: float = Field(default=MOST_LINES, ge=0, le=1)
    reads: ClassVar[tuple[str, ...]] = (
        *(*ProseRule.context, VERSE),
        *(f"repetition.duplicate_{size}_grams" for size in range(5, 11)),
    )
    examples: ClassVar = (
        ({"repetition.duplicate_5_grams": 0.16}, True),
        ({"repetition.duplicate_10_grams": 0.11}, True),
        ({"repetition.duplicate_5_grams": 0.15, "repetition.duplicate_10_grams": 0.1}, False),
        ({"repetition.duplicate_5_grams": 0.5, "words.unsegmented": 0.9}, False),
        ({"repetition.duplicate_5_grams": 0.5, "words.code_lines": 0.9}, False),
        ({"repetition.duplicate_5_grams": 0.5, "words.table_lines": 0.9}, False),
        ({"repetition.duplicate_5_grams": 0.3, "words.verse_lines": 0.9}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare each size."""
        bounds = (self.most_5, self.most_6, self.most_7, self.most_8, self.most_9, self.most_10)
        repeated = (
            above(
                signals[f"repetition.duplicate_{size}_grams"],
                with_refrains(signals, most, self.verse),
            )
            for size, most in enumerate(bounds, start=5)
        )
        return self.in_prose(signals, either(*repeated))
