"""Errors of what the store writes down about versions."""

from collections.abc import Sequence

from pipeline.errors import DamagedFile, PipelineError, StoreError, StoreUnreachable


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


class Refused(StoreUnreachable):
    """An object store will not do what is asked, or does not answer."""

    def __init__(self, where: str, *, problem: str, remedy: str, status: int = 0) -> None:
        super().__init__(where, problem=problem, remedy=remedy)
        self.status = status  # HTTP's; 0: no answer


class WeakStore(StoreError):
    """The place for a new store lacks what makes a commit safe."""

    def __init__(self, where: str, lacks: Sequence[str]) -> None:
        super().__init__(
            f"{where} is no safe place for a store: {'; '.join(lacks)}.\n"
            f"Take an object store with conditional writes and listings that are never late, or, "
            f"where never two runs work in it at once, say --accept-weak-store "
            f"(accept_weak_store = true below [runtime] in the recipe)."
        )
