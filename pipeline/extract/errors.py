"""Errors of extraction, and the reasons for which a page is set aside."""

from enum import StrEnum

from pipeline.errors import PipelineError


class SandboxFailed(PipelineError):
    """The process that parses pages could not be started."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"The process that parses pages did not start: {problem}.\n"
            f"Run `python -m pipeline.extract.sandbox_child` to see why, and mend the extractor "
            f"or the installation."
        )


class Reason(StrEnum):
    """Why a page is quarantined. All but the last three are the same on every machine."""

    NOT_HTML = "not_html"
    TOO_MANY_BYTES = "too_many_bytes"
    UNDECODABLE = "undecodable"
    TOO_MANY_TAGS = "too_many_tags"
    TOO_DEEP = "too_deep"
    TOO_MANY_ATTRIBUTES = "too_many_attributes"
    PARSER_FAILED = "parser_failed"
    KILLED_BY_TIME = "killed_by_time"
    KILLED_BY_MEMORY = "killed_by_memory"
    CRASHED = "crashed"

    @property
    def environmental(self) -> bool:
        """Whether another machine may say otherwise."""
        return self in (Reason.KILLED_BY_TIME, Reason.KILLED_BY_MEMORY, Reason.CRASHED)


class Refused(PipelineError):
    """One page cannot be made a document; the others go on."""

    def __init__(self, reason: Reason, problem: str) -> None:
        super().__init__(problem)
        self.reason = reason
        self.problem = problem
