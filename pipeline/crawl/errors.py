"""What can go wrong while pages are gathered.

PipelineError
  NothingFound      the first visit to a source found no page at all
  BadSourceFile     a file that a source reads is not what it should be
    NoSuchColumn    a file of rows has no column of the name that a recipe gives
    NotText         a column that should hold text holds something else
    DamagedSource   a file ends too soon, or breaks in the middle
AddressRefused      an address that no crawl may reach (told as a failed fetch, never raised out)
FetchFailed         one request failed (told in the outcome of its page, never raised out)
"""

from pipeline.errors import PipelineError


class NothingFound(PipelineError):
    """The first visit to a source found no page at all."""

    def __init__(self, tried: str, *, because: str, remedy: str) -> None:
        super().__init__(f"No page was found. Tried: {tried}. {because}\n{remedy}")


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


class NotText(BadSourceFile):
    """A column that should hold text holds something else."""

    slug = "not_text"


class DamagedSource(BadSourceFile):
    """A file ends too soon, or breaks in the middle."""

    slug = "damaged"


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
