"""Drops documents full of hash signs and ellipses."""

from typing import ClassVar

from pydantic import Field

from pipeline.select.bounds import above
from pipeline.select.prose_rule import ProseRule
from pipeline.select.rule import Judgement, Signals


class SymbolRatio(ProseRule):
    """Drops documents with more than `most` hash signs to a word, or as many ellipses.

    The bound is MassiveText's (Rae et al., 2021, arXiv:2112.11446, appendix A.1.1). As in
    datatrove, with which FineWeb used it, the signs around a word are words to it, the # of `#tag`
    and each comma among them. Several at one end of a word are one here and may be several to
    datatrove, which also parts words, and to which nine dots are three ellipses. dolma counts what
    stands between spaces and holds either sign, among all that stands between spaces, and does not
    know the ellipsis of three dots.
    """

    most: float = Field(default=0.1, ge=0)
    reads: ClassVar[tuple[str, ...]] = (
        *ProseRule.context,
        "words.symbol_word_ratio",
    )
    examples: ClassVar = (
        ({"words.symbol_word_ratio": 0.11}, True),
        ({"words.symbol_word_ratio": 0.1}, False),
        ({"words.symbol_word_ratio": 0.3, "words.unsegmented": 0.9}, False),
        ({"words.symbol_word_ratio": 0.3, "words.code_lines": 0.9}, False),
        ({"words.symbol_word_ratio": 0.3, "words.table_lines": 0.9}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare the ratio."""
        return self.in_prose(signals, above(signals["words.symbol_word_ratio"], self.most))
