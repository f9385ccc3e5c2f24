"""What rules for running text have in common: where they say nothing."""

from typing import ClassVar

from pydantic import Field

from pipeline.select.bounds import CODE, CODE_LINES, UNSEGMENTED, code, unsegmented
from pipeline.select.rule import Judgement, Rule, Signals


class ProseRule(Rule):
    """A rule that knows only words between spaces, in prose.

    It leaves alone what it would misjudge: documents with more than `unsegmented` of their letters
    in a script without spaces (Chinese, Japanese, Thai, ...), and those with more than `code` of
    their lines in program code.
    """

    unsegmented: float = Field(default=0.3, ge=0, le=1)
    code: float = Field(default=CODE_LINES, ge=0, le=1)
    context: ClassVar[tuple[str, ...]] = (UNSEGMENTED, CODE)  # to be among what such a rule reads

    def in_prose(self, signals: Signals, judgement: Judgement) -> Judgement:
        """The judgement, with documents that are no such prose left alone."""
        return judgement.unless(unsegmented(signals, self.unsegmented), code(signals, self.code))
