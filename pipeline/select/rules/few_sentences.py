"""Drops documents of which C4 would keep too few sentences."""

from typing import ClassVar

from pydantic import Field, PositiveInt

from pipeline.select.bounds import MOST_LINES, VERSE, below, verse
from pipeline.select.prose_rule import ProseRule
from pipeline.select.rule import Judgement, Signals


class FewSentences(ProseRule):
    """Drops documents with fewer than `fewest` sentences in the lines that C4 would keep.

    The bound is C4's (Raffel et al., 2019, arXiv:1910.10683, section 2.2), which takes the other
    lines out of the documents that stay; here they stay as they are. Verse, whose lines end inside
    sentences, is left alone.

    A curly quote ends a line as a straight one does; datatrove takes such a line out. Its sentences
    are spaCy's, which end at more abbreviations, and inside some words.
    """

    fewest: PositiveInt = 5
    verse: float = Field(default=MOST_LINES, ge=0, le=1)
    reads: ClassVar[tuple[str, ...]] = (*ProseRule.context, VERSE, "c4.sentences")
    examples: ClassVar = (
        ({"c4.sentences": 4}, True),
        ({"c4.sentences": 5}, False),
        ({"c4.sentences": 0, "words.unsegmented": 0.9}, False),
        ({"c4.sentences": 0, "words.verse_lines": 0.9}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare the count."""
        few = below(signals["c4.sentences"], self.fewest)
        return self.in_prose(signals, few.unless(verse(signals, self.verse)))
