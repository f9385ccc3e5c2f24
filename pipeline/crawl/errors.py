"""What can go wrong while pages are gathered.

PipelineError
  NothingFound      a visit found no page at all where there has to be one
  BadSourceFile     a file that a source reads is not what it should be
    NoSuchColumn    a file of rows has no column of the name that a recipe gives
    NotText         a column that should hold text holds something else
    DamagedSource   a file ends too soon, or breaks in the middle
  UnreadableFile    this machine cannot read a file, which may well be whole
AddressRefused      an address that no crawl may reach (told as a failed fetch, never raised out)
FetchFailed         one request failed (told in the outcome of its page, never raised out)
"""

import re
from collections.abc import Sequence

from pipeline.errors import PipelineError

_NAME = re.compile(r"[A-Za-z_][\w.-]{0,40}")  # what else a stranger's file has may be its text


class NothingFound(PipelineError):
    """A visit found no page at all: the first one, or one that had to refuse what is there."""

    def __init__(self, tried: str, *, because: str, remedy: str, refused: str = "") -> None:
        """`refused`: what was wrong with the first page that was refused, if one was."""
        first = f" The first that is quarantined: {refused}." if refused else ""
        super().__init__(f"No page was found. Tried: {tried}. {because}{first}\n{remedy}")


class BadSourceFile(PipelineError):
    """A file that a source reads is not what it should be.

    Attributes:
        place: the file, and the line where there is one.
        problem: what is wrong, a sentence without its dot.
        slug: the kind of problem, for the ledger.
    """

    slug = "bad_file"

    def __init__(self, place: str, *, problem: str, remedy: str) -> None:
        super().__init__(f"{place}: {problem}.\n{remedy}")
        self.place, self.problem = place, problem


class NoSuchColumn(BadSourceFile):
    """A file of rows has no column of the name that a recipe gives."""

    slug = "missing_column"

    def __init__(self, place: str, wanted: str, *, have: Sequence[str], lacks: str) -> None:
        super().__init__(
            place,
            problem=f"{lacks} {wanted!r}, only {_told(have)}",
            remedy='Name the right one in the recipe: columns = {text = "..."}.',
        )


class NotText(BadSourceFile):
    """A column that should hold text holds something else."""

    slug = "not_text"


class DamagedSource(BadSourceFile):
    """A file ends too soon, or breaks in the middle."""

    slug = "damaged"


class UnreadableFile(PipelineError):
    """This machine cannot read a file, which may well be whole."""

    def __init__(self, place: str, *, problem: str) -> None:
        super().__init__(
            f"{place} cannot be read here: {problem}. That is no damage of the file's.\n"
            f"Check who may read it, its disk, and how many files a process may open; then run "
            f"again."
        )


class AddressRefused(Exception):
    """An address that no crawl may reach."""

    def __init__(self, host: str, address: str, *, why: str) -> None:
        super().__init__(f"{host} is at {address}, {why}")


class FetchFailed(Exception):
    """One request failed.

    Attributes:
        slug: the kind of failure, for counting.
        passing: trying again later may help.
    """

    def __init__(self, detail: str, *, slug: str, passing: bool) -> None:
        super().__init__(detail)
        self.slug, self.passing = slug, passing


def _told(names: Sequence[str]) -> str:
    """Those that look like names; the others are counted."""
    shown = [name for name in names if _NAME.fullmatch(name)]
    hidden = len(names) - len(shown)
    return ", ".join((*shown, f"{hidden} that are no plain names") if hidden else shown)
