"""What rules for lines of running text have in common: where they say nothing."""

from typing import ClassVar

from pydantic import Field

from pipeline.select.bounds import (
    CODE,
    CODE_LINES,
    MOST_LINES,
    TABLES,
    VERSE,
    code,
    tables,
    verse,
)
from pipeline.select.rule import Judgement, Rule, Signals


class LineRule(Rule):
    """A rule that takes a line for a paragraph, as pages have them.

    It leaves alone what ends its lines for other reasons: documents with more than `code` of their
    lines in program code, more than `tables` of them in tables, or more than `verse` of them in
    verse.
    """

    code: float = Field(default=CODE_LINES, ge=0, le=1)
    tables: float = Field(default=MOST_LINES, ge=0, le=1)
    verse: float = Field(default=MOST_LINES, ge=0, le=1)
    context: ClassVar[tuple[str, ...]] = (CODE, TABLES, VERSE)  # what such a rule reads, too

    def in_paragraphs(self, signals: Signals, judgement: Judgement) -> Judgement:
        """The judgement, with documents that are no such text left alone."""
        return judgement.unless(
            code(signals, self.code), tables(signals, self.tables), verse(signals, self.verse)
        )
