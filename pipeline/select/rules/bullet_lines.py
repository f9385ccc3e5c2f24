"""Drops documents that are little but lists."""

from typing import ClassVar

from pydantic import Field

from pipeline.select.bounds import above
from pipeline.select.rule import Judgement, Rule, Signals


class BulletLines(Rule):
    """Drops documents in which more than a share `most` of the lines begin with a bullet.

    The bound is MassiveText's (Rae et al., 2021, arXiv:2112.11446, appendix A.1.1).
    It holds in every script. Blank lines do not count, and an asterisk is a bullet before white
    space only (before a word it makes it bold). datatrove counts blank lines among the whole, so
    that a list with blank lines between its entries passes. It knows - and • only, dolma - and *.
    """

    most: float = Field(default=0.9, ge=0, le=1)
    reads: ClassVar[tuple[str, ...]] = ("words.bullet_lines",)
    examples: ClassVar = (
        ({"words.bullet_lines": 0.95}, True),
        ({"words.bullet_lines": 0.9}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare the share."""
        return above(signals["words.bullet_lines"], self.most)
