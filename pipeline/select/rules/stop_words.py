"""Drops documents without the small words of any language."""

from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, PositiveInt

from pipeline.select.bounds import below
from pipeline.select.prose_rule import ProseRule
from pipeline.select.rule import Judgement, Signals


class StopWords(ProseRule):
    """Drops documents with fewer than `fewest` different stop words of one language.

    MassiveText asks for two of eight English ones (Rae et al., 2021, arXiv:2112.11446, appendix
    A.1.1), which English documents need here. In others the words of every list count, the language
    with most of them, and documents in a language without a list are left alone; those whose
    language is unknown are judged.

    datatrove and dolma do not know the eight with a capital letter, as headings have them, and know
    no other language; to dolma one of them said twice is enough.
    """

    fewest: PositiveInt = 2
    languages: tuple[str, ...] = Field(
        default=(
            *("ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he"),
            *("hi", "hu", "id", "it", "ko", "lt", "lv", "nl", "no", "pl", "pt", "ro", "ru", "sk"),
            *("sl", "sr", "sv", "tr", "uk", "vi"),
        ),
        description="languages that the family `words` has a list for",
    )
    reads: ClassVar[tuple[str, ...]] = (
        *ProseRule.context,
        *("words.stop_words", "words.english_stop_words"),
        "language.language",
    )
    examples: ClassVar = (
        ({"words.english_stop_words": 1, "language.language": "en"}, True),
        ({"words.english_stop_words": 2, "language.language": "en"}, False),
        ({"words.stop_words": 1, "language.language": "de"}, True),
        ({"words.stop_words": 2, "language.language": "de"}, False),
        ({"words.stop_words": 0, "language.language": None}, True),
        ({"words.stop_words": 0, "language.language": "mi"}, False),
        ({"words.stop_words": 0, "language.language": "ja", "words.unsegmented": 1.0}, False),
        ({"words.stop_words": 0, "language.language": "de", "words.code_lines": 0.9}, False),
        ({"words.stop_words": 0, "language.language": "de", "words.table_lines": 0.9}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare the count, in languages that have a list."""
        language = signals["language.language"]
        listed = pc.or_(pc.is_null(language), pc.is_in(language, pa.array(self.languages)))
        english = pc.equal(language, "en").fill_null(False)
        count = signals["words.stop_words"]
        few = below(pc.if_else(english, signals["words.english_stop_words"], count), self.fewest)
        return self.in_prose(signals, few.only(listed))
