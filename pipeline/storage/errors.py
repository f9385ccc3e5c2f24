"""Errors of what the store writes down about versions."""

from pipeline.errors import DamagedFile, PipelineError, StoreError


class DamagedRecord(DamagedFile):
    """A receipt, manifest or reference is not what was written."""

    def __init__(self, what: str, *, problem: str) -> None:
        StoreError.__init__(
            self,
            f"{what} is damaged: {problem}.\n"
            f"`penstock verify --repair` moves it aside, and the next run writes it again.",
        )


class NotRepeatable(PipelineError):
    """A version cannot be made a second time to be compared."""


class JournalTaken(StoreError):
    """Somebody else goes on with the same unit."""

    def __init__(self, folder: str) -> None:
        super().__init__(
            f"Another process goes on with {folder}, which this one was at work on.\n"
            f"Nothing is lost: leave that one alone, or stop it and run again."
        )


class DamagedJournal(StoreError):
    """What an unfinished unit had written down is not what was written."""

    def __init__(self, folder: str, name: str, *, problem: str) -> None:
        super().__init__(
            f"{folder}/{name} is damaged: {problem}.\n"
            f"Delete the folder {folder} in the store: the next run begins that window anew."
        )
