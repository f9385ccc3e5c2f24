"""What the explorer cannot answer."""

from collections.abc import Sequence

from pipeline.errors import PipelineError


class BadQuestion(PipelineError):
    """An address of the explorer asks for what cannot be meant."""

    def __init__(self, name: str, value: str, *, known: str) -> None:
        super().__init__(f"{name} is {value[:80]!r}, and should be {known}.")


class NothingOf(PipelineError):
    """The versions that are looked at have no such part."""

    def __init__(self, what: str, *, have: Sequence[str] = ()) -> None:
        there = f" There are {', '.join(have[:12])}." if have else ""
        super().__init__(f"There is no {what} among these versions.{there}")
