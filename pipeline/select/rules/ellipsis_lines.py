"""Drops documents made of teasers."""

from typing import ClassVar

from pydantic import Field

from pipeline.select.bounds import above
from pipeline.select.rule import Judgement, Rule, Signals


class EllipsisLines(Rule):
    """Drops documents in which more than a share `most` of the lines end with an ellipsis.

    The bound is MassiveText's (Rae et al., 2021, arXiv:2112.11446, appendix A.1.1).
    It holds in every script. Blank lines do not count; to datatrove they do, and teasers with a
    blank line between them pass. dolma does not know the ellipsis of three dots.
    """

    most: float = Field(default=0.3, ge=0, le=1)
    reads: ClassVar[tuple[str, ...]] = ("words.ellipsis_lines",)
    examples: ClassVar = (
        ({"words.ellipsis_lines": 0.31}, True),
        ({"words.ellipsis_lines": 0.3}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare the share."""
        return above(signals["words.ellipsis_lines"], self.most)
