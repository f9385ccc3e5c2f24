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
