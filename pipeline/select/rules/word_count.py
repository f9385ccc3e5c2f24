"""Drops documents that are too short or too long to be prose."""

from typing import ClassVar

from pydantic import Field, PositiveInt

from pipeline.select.bounds import above, below, by_language, either, unsegmented
from pipeline.select.prose_rule import ProseRule
from pipeline.select.rule import Judgement, Signals


class WordCount(ProseRule):
    """Keeps documents of `fewest` to `most` words; of `fewest_characters` where no spaces are.

    The bounds are MassiveText's (Rae et al., 2021, arXiv:2112.11446, appendix A.1.1). Languages
    with longer words say the same with fewer: `fewest_by_language` is the default times their
    words in NTREX-128 over those of its English (Federmann et al., 2022). 100 characters are what
    50 English words take in Chinese there.

    To datatrove a word is a token of spaCy's (do, n't), to dolma all that stands between spaces,
    signs too: both count a few more, and leave short documents that this drops, or drop long ones.
    """

    fewest: PositiveInt = 50
    most: PositiveInt = 100_000
    fewest_characters: PositiveInt = 100
    tables: float = Field(default=1.0, ge=0, le=1, description="a table has words to count, too")
    fewest_by_language: dict[str, int] = Field(
        default={
            "am": 38,
            "et": 39,
            "fi": 36,
            "ka": 39,
            "kk": 40,
            "kn": 38,
            "ko": 36,
            "ky": 40,
            "ml": 36,
            "ta": 39,
            "te": 38,
            "tr": 41,
            "lt": 41,
            "he": 41,
            "eu": 42,
            "az": 43,
        }
    )
    reads: ClassVar[tuple[str, ...]] = (
        *ProseRule.context,
        *("words.words", "words.characters", "language.language"),
    )
    examples: ClassVar = (
        ({"words.words": 49, "language.language": "en"}, True),
        ({"words.words": 50, "language.language": "en"}, False),
        ({"words.words": 40, "language.language": "ko"}, False),
        ({"words.words": 100_001}, True),
        ({"words.words": 9, "words.characters": 300, "words.unsegmented": 1.0}, False),
        ({"words.words": 9, "words.characters": 30, "words.unsegmented": 1.0}, True),
        ({"words.words": 20, "words.code_lines": 0.9}, False),
        ({"words.words": 20, "words.table_lines": 0.9}, True),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare the words, or the characters where words cannot be counted."""
        words = signals["words.words"]
        fewest = by_language(signals["language.language"], self.fewest, self.fewest_by_language)
        prose = self.in_prose(signals, either(below(words, fewest), above(words, self.most)))
        short = below(signals["words.characters"], self.fewest_characters)
        return either(prose, short.only(unsegmented(signals, self.unsegmented)))
