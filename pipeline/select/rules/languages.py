"""Keeps documents in the languages that are wanted."""

from typing import ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from pipeline.select.bounds import below
from pipeline.select.rule import Judgement, Rule, Signals


class Languages(Rule):
    """Drops documents in other languages than `keep`, or of which the language is not sure enough.

    Where nobody knows the language, `unknown` decides. The value in the ledger is the confidence,
    the threshold `least_sure`.
    """

    keep: tuple[str, ...] = Field(min_length=1, description="BCP 47 primary subtags: en, zh")
    unknown: Literal["keep", "drop"] = "drop"
    least_sure: float = Field(default=0.0, ge=0, le=1)
    reads: ClassVar[tuple[str, ...]] = (
        "language.language",
        "language.confidence",
    )
    examples: ClassVar = (
        ({"language.language": "en", "language.confidence": 0.9}, False),
        ({"language.language": "xh", "language.confidence": 0.9}, True),
        ({"language.language": None, "language.confidence": 0.0}, True),
    )

    def judge(self, signals: Signals) -> Judgement:
        """Compare with the list."""
        language = signals["language.language"]
        unwanted = pc.invert(pc.is_in(language, pa.array(self.keep)))
        if self.unknown == "keep":
            unwanted = pc.and_(unwanted, pc.is_valid(language))
        unsure = below(signals["language.confidence"], self.least_sure)
        unsure = unsure.unless(pc.is_null(language))
        return unsure._replace(drop=pc.or_(unwanted, unsure.drop.fill_null(False)))
