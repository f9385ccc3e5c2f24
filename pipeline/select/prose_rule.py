"""What rules for running text have in common: where they say nothing."""

from typing import ClassVar

from pydantic import Field

from pipeline.select.bounds import (
    CODE,
    CODE_LINES,
    MOST_LINES,
    TABLES,
    UNSEGMENTED,
    code,
    tables,
    unsegmented,
)
from pipeline.select.rule import Judgement, Rule, Signals


class ProseRule(Rule):
    """A rule that knows only words between spaces, in prose.

    It leaves alone what it would misjudge: documents with more than `unsegmented` of their letters
    in a script without spaces (Chinese, Japanese, Thai, ...), those with more than `code` of their
    lines in program code, and those with more than `tables` of their lines in tables.
    """

    unsegmented: float = Field(default=0.3, ge=0, le=1)
    code: float = Field(default=CODE_LINES, ge=0, le=1)
    tables: float = Field(default=MOST_LINES, ge=0, le=1)
    context: ClassVar[tuple[str, ...]] = (UNSEGMENTED, CODE, TABLES)  # what such a rule reads, too

    def in_prose(self, signals: Signals, judgement: Judgement) -> Judgement:
        """The judgement, with documents that are no such prose left alone."""
        return judgement.unless(
            unsegmented(signals, self.unsegmented),
            code(signals, self.code),
            tables(signals, self.tables),
        )
