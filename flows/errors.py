"""Errors at the front door: what a form, a schedule or a server cannot have.

PipelineError
  Refused            a form asks for what cannot be done here
    FilesGone        a version that was named has lost its files
    TooMuch          the machine has not what the run asks for
    NotApproved      a dear run was refused, or nobody answered
  CannotBackfill     a source cannot tell what was there earlier
  ServerTrouble      a Prefect server cannot be started, reached or exposed
"""

from pipeline.errors import PipelineError


class Refused(PipelineError):
    """A form asks for what cannot be done here; another try would end alike."""


class FilesGone(Refused):
    """A version that was named has lost its files."""

    def __init__(self, name: str, *, missing: int, of: int) -> None:
        super().__init__(
            f"The files of {name} are gone: {missing} of {of} shards are not in the store.\n"
            f"Name a newer version, or run `refresh`, which makes the recipe's corpus again."
        )


class TooMuch(Refused):
    """The machine has not what the run asks for."""

    def __init__(self, what: str, *, asked: str, have: str) -> None:
        super().__init__(
            f"The form asks for {asked} {what}, and this machine has {have}.\n"
            f"Ask for less, or serve the recipe where there is more."
        )


class NotApproved(Refused):
    """A dear run was refused, or nobody answered."""


class CannotBackfill(PipelineError):
    """A source cannot tell what was there earlier."""


class ServerTrouble(PipelineError):
    """A Prefect server cannot be started, reached or exposed."""
