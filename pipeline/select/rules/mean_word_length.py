"""Drops documents whose words are too short or too long on average."""

from typing import ClassVar

from pydantic import Field

from pipeline.select.bounds import above, below, by_language, either
from pipeline.select.prose_rule import ProseRule
from pipeline.select.rule import Judgement, Signals


class MeanWordLength(ProseRule):
    """Keeps documents with words of `shortest` to `longest` characters on average.

    The bounds are MassiveText's (Rae et al., 2021, arXiv:2112.11446, appendix A.1.1).
    Korean writes a syllable as one character, and some languages join many parts into one word:
    NTREX-128 has 3.4 characters a word in Korean, 4.9 in English, 7.9 in Finnish, 9.0 in Malayalam
    (Federmann et al., 2022); the bounds by language keep English's distance from that.

    datatrove takes the comma behind a word off; dolma takes the median, where the paper has the
    mean, and so drops more documents with many short words and fewer with some long ones.
    """

    shortest: float = Field(default=3.0, ge=0)
    longest: float = Field(default=10.0, gt=0)
    shortest_by_language: dict[str, float] = Field(
        default={"ko": 2.0, "vi": 2.0, "ur": 2.2, "fa": 2.5, "hi": 2.5, "pa": 2.5, "am": 2.5}
    )
    longest_by_language: dict[str, float] = Field(
        default={
            "fi": 14.0,
            "et": 13.0,
            "ml": 16.0,
            "ta": 16.0,
            "kn": 14.0,
            "te": 14.0,
            "ka": 14.0,
            "tr": 13.0,
            "eu": 13.0,
            "kk": 13.0,
            "ky": 13.0,
            "az": 13.0,
            "hu": 13.0,
            "de": 12.0,
        }
    )
    reads: ClassVar[tuple[str, ...]] = (
        *ProseRule.context,
        "words.mean_word_length",
        "language.language",
    )
    examples: ClassVar = (
        ({"words.mean_word_length": 2.9, "language.language": "en"}, True),
        ({"words.mean_word_length": 2.9, "language.language": "ko"}, False),
        ({"words.mean_word_length": 10.1}, True),
        ({"words.mean_word_length": 10.0}, False),
        ({"words.mean_word_length": 11.0, "language.language": "fi"}, False),
        ({"words.mean_word_length": 38.0, "words.unsegmented": 0.98}, False),
        ({"words.mean_word_length": 12.0, "words.code_lines": 0.8}, False),
        ({"words.mean_word_length": 12.0, "words.table_lines": 0.8}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare the mean length."""
        length, language = signals["words.mean_word_length"], signals["language.language"]
        shortest = by_language(language, self.shortest, self.shortest_by_language)
        longest = by_language(language, self.longest, self.longest_by_language)
        return self.in_prose(signals, either(below(length, shortest), above(length, longest)))
