"""Drops documents with hardly more words than lines."""

from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from pipeline.select.bounds import UNSEGMENTED, above, unsegmented
from pipeline.select.line_rule import LineRule
from pipeline.select.rule import Judgement, Signals

WORDS = "words.words_and_marks"
CHARACTERS = 5.0  # of a word, where spaces show none


class ListRatio(LineRule):
    """Drops documents with more than `most` line ends per word.

    The bound is that of FineWeb's code, datatrove's `FineWebQualityFilter` (the paper, Penedo et
    al., 2024, arXiv:2406.17557, keeps to three other rules), and so is nearly what it counts: the
    ends of blank lines as well, and as words the signs before and behind words, too. In scripts
    without spaces, where words cannot be counted, five characters are a word.

    Several signs at one end of a word are one here and may be several to datatrove, which also
    parts words (don't: do, n't; well-known: well, -, known), by which it drops a little less.
    """

    most: float = Field(default=0.3, ge=0)
    unsegmented: float = Field(default=0.3, ge=0, le=1)
    reads: ClassVar[tuple[str, ...]] = (
        *(*LineRule.context, UNSEGMENTED),
        *("words.line_ends", WORDS, "words.characters"),
    )
    examples: ClassVar = (
        ({"words.line_ends": 31, WORDS: 100}, True),
        ({"words.line_ends": 30, WORDS: 100}, False),
        ({"words.line_ends": 31, WORDS: 100, "words.verse_lines": 0.9}, False),
        (
            {"words.line_ends": 9, WORDS: 9, "words.characters": 300, UNSEGMENTED: 0.9},
            False,
        ),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare the ratio."""
        ends = signals["words.line_ends"].cast(pa.float64())
        characters = pc.divide(signals["words.characters"].cast(pa.float64()), CHARACTERS)
        spaceless = unsegmented(signals, self.unsegmented).fill_null(False)
        words = signals[WORDS].cast(pa.float64())
        ratio = pc.divide(ends, pc.max_element_wise(pc.if_else(spaceless, characters, words), 1.0))
        return self.in_paragraphs(signals, above(ratio, self.most))
