"""Drops documents that are lists of private data."""

from typing import ClassVar

from pydantic import Field

from pipeline.select.bounds import above
from pipeline.select.rule import Judgement, Rule, Signals


class PrivateData(Rule):
    """Drops documents in which more than a share `most` of the text is private data.

    What is left of them after redaction would be little but placeholders. A page of prose with an
    address at its end has under 0.02; 0.1 is an address book.
    """

    most: float = Field(default=0.1, ge=0, le=1)
    reads: ClassVar[tuple[str, ...]] = ("private_data.share",)
    examples: ClassVar = (
        ({"private_data.share": 0.2}, True),
        ({"private_data.share": 0.01}, False),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare the share."""
        return above(signals["private_data.share"], self.most)
