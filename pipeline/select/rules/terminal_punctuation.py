"""Drops documents whose lines do not end as sentences do."""

from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from pipeline.select.bounds import below
from pipeline.select.line_rule import LineRule
from pipeline.select.rule import Judgement, Signals


class TerminalPunctuation(LineRule):
    """Drops documents in which fewer than a share `least` of the lines end with a full stop.

    The bound is FineWeb's (Penedo et al., 2024, arXiv:2406.17557, section 3.6). Full stops of all
    scripts count, with quotes and brackets after them or not. Scripts that hardly use any
    (`without`), program code, tables and verse are left alone.

    To datatrove a line that ends with a quote or bracket ends no sentence, nor does one with white
    space at its end: it drops the dialogues of novels for that, one in forty pieces of books.
    """

    least: float = Field(default=0.12, ge=0, le=1)
    without: tuple[str, ...] = ("th", "lo", "km", "my", "bo", "dz", "am", "ti")
    reads: ClassVar[tuple[str, ...]] = (
        *LineRule.context,
        "words.full_stop_lines",
        "language.language",
    )
    examples: ClassVar = (
        ({"words.full_stop_lines": 0.1, "language.language": "en"}, True),
        ({"words.full_stop_lines": 0.12, "language.language": "en"}, False),
        ({"words.full_stop_lines": 0.0, "language.language": "th"}, False),
        ({"words.full_stop_lines": 0.0, "words.code_lines": 0.9}, False),
        ({"words.full_stop_lines": 0.0, "words.verse_lines": 0.9}, False),
        ({"words.full_stop_lines": 0.0, "words.table_lines": 0.9}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare the share."""
        few = below(signals["words.full_stop_lines"], self.least)
        without = pc.is_in(signals["language.language"], pa.array(self.without, pa.string()))
        return self.in_paragraphs(signals, few.unless(without))
