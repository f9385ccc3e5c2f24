"""Errors a person can act on. Each folder's own errors derive from these.

PipelineError
  BadRecipe             a recipe says something that cannot be meant
    UnknownBlock        a recipe names a block that has no file
  BadColumn             a stage touches a column that it may not, or that is not there
  BadStage              a stage's code breaks what stages promise
  ConservationError     documents were lost or doubled on the way through a stage
  StoreError            the store cannot do what is asked of it
    MissingArtifact     a version is asked for that nobody has finished
    NoStore             there is no store at a place
    DamagedFile         a file is not what its receipt says
    StoreUnreachable    the store's place cannot be read or written
    WrongFormat         the store, or a record in it, was written by another format version
  DriftError            only code or packages changed, and the stage is too dear to run unasked
  StageFailed           a shard could not be made
  Interrupted           somebody pressed Ctrl-C; finished shards are kept
"""

from collections.abc import Sequence
from typing import Any


class PipelineError(Exception):
    """Base of all errors raised on purpose here.

    Errors leave a worker's process as they are: class, words and attributes. Python's own way
    would call the class again with its sentence, and kill the pool where it takes anything else.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.args), self.__dict__


def _restored(kind: type[PipelineError], words: tuple[object, ...]) -> PipelineError:
    """An error that comes from another process."""
    error = kind.__new__(kind)
    error.args = words
    return error


class BadRecipe(PipelineError, ValueError):
    """A recipe says something that cannot be meant."""


class UnknownBlock(BadRecipe):
    """A recipe names a block that has no file."""

    def __init__(self, name: str, *, known: Sequence[str], home: str, nearest: str | None) -> None:
        guess = f" Did you mean {nearest!r}?" if nearest else ""
        kind = home.rpartition(".")[2].removesuffix("s").replace("ie", "y")  # families: family
        remedy = (
            f"A name with dots is a module of yours: install its package where penstock is, or put "
            f"the folder of {name.partition('.')[0]} on PYTHONPATH."
            if "." in name
            else f"To add it, write {home.replace('.', '/')}/{name}.py with one class in it."
        )
        super().__init__(
            f"No {kind} is called {name!r}.{guess} "
            f"Known are {', '.join(sorted(known)) or 'none'}.\n{remedy}"
        )


class BadColumn(PipelineError):
    """A stage touches a column that it may not, or that is not there."""


class UndeclaredColumn(BadColumn):
    """A stage reads a column that its version would not depend on."""

    def __init__(self, stage: str, role: str, column: str, *, declared: Sequence[str]) -> None:
        super().__init__(
            f"{stage} reads the column {column!r} of {role}, but declares only "
            f"{', '.join(declared) or 'none'}, so its version would not notice a change there.\n"
            f"Add {column!r} to what {stage}.reads() returns for {role}."
        )


class WrongSchema(BadColumn):
    """A stage writes a table in another shape than it declares."""

    def __init__(self, stage: str, table: str, *, difference: str) -> None:
        super().__init__(
            f"{stage} wrote the table {table!r} in another shape than it declares: {difference}.\n"
            f"Make tables() of {stage} and what it writes agree."
        )


class BadStage(PipelineError):
    """A stage's code breaks what stages promise."""


class ConservationError(PipelineError):
    """Documents were lost or doubled on the way through a stage."""


class StoreError(PipelineError):
    """The store cannot do what is asked of it."""


class MissingArtifact(StoreError):
    """A version is asked for that nobody has finished."""

    def __init__(self, name: object, *, where: str, known: Sequence[str] = ()) -> None:
        have = f" There are {', '.join(known)}." if known else ""
        super().__init__(
            f"{name} is not in the store {where}.{have}\n"
            f"Run the recipe that makes it, or point --store to where it is."
        )


class NoStore(StoreError):
    """There is no store at a place."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"There is no store at {where}: `penstock run` makes one; --store names another."
        )


class DamagedFile(StoreError):
    """A file is not what its receipt says."""

    def __init__(self, path: str, *, stage: str, problem: str) -> None:
        super().__init__(
            f"{path} is damaged: {problem}.\n"
            f"`penstock verify --repair` sets the damaged shard of {stage} aside, and the next run "
            f"makes it again from what it was made of."
        )


class StoreUnreachable(StoreError):
    """The store's place cannot be read or written."""

    def __init__(self, where: str, *, problem: str, remedy: str) -> None:
        super().__init__(f"{where}: {problem}.\n{remedy}")


class WrongFormat(StoreError):
    """The store, or a record in it, was written by another format version."""

    def __init__(self, what: str, *, found: object, known: int) -> None:
        super().__init__(
            f"{what} is of format {found}, but this code reads and writes format {known}.\n"
            f"Use the code that wrote it, or write it anew with this one (a store: --store NEW)."
        )


class DriftError(PipelineError):
    """Only code or packages changed, and the stage is too dear to run unasked."""


class StageFailed(PipelineError):
    """A shard could not be made."""

    def __init__(self, stage: str, shard: str, *, problem: str) -> None:
        super().__init__(
            f"{stage} could not make its shard {shard}: {problem}\n"
            f"What is finished is kept: mend the cause and run the same command again."
        )


class Interrupted(PipelineError):
    """Somebody pressed Ctrl-C; finished shards are kept."""
