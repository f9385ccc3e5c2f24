"""Drops documents with too few words that have letters."""

from typing import ClassVar

from pydantic import Field

from pipeline.select.bounds import below
from pipeline.select.prose_rule import ProseRule
from pipeline.select.rule import Judgement, Signals


class AlphabeticWords(ProseRule):
    """Drops documents in which fewer than a share `least` of the words have a letter.

    The bound is MassiveText's (Rae et al., 2021, arXiv:2112.11446, appendix A.1.1). Signs between
    spaces, bars and dashes, are words without a letter, as they are to dolma; but not those of
    formulas, or texts on mathematics would go. To datatrove each comma and each quote is such a
    word, and one in seven pieces of English books falls below the bound.
    """

    least: float = Field(default=0.8, ge=0, le=1)
    reads: ClassVar[tuple[str, ...]] = (
        *ProseRule.context,
        "words.alphabetic_words",
    )
    examples: ClassVar = (
        ({"words.alphabetic_words": 0.79}, True),
        ({"words.alphabetic_words": 0.8}, False),
        ({"words.alphabetic_words": 0.5, "words.unsegmented": 0.9}, False),
        ({"words.alphabetic_words": 0.5, "words.code_lines": 0.9}, False),
        ({"words.alphabetic_words": 0.5, "words.table_lines": 0.9}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare the share."""
        return self.in_prose(signals, below(signals["words.alphabetic_words"], self.least))
