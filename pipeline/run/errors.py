"""Errors of running stages."""

from pipeline.errors import PipelineError
from schemas.artifact import ArtifactRef


class CodeEdited(PipelineError):
    """What a worker runs is not the code that the run began with."""

    def __init__(self, stage: str) -> None:
        super().__init__(
            f"The code of {stage}, or a package that it uses, was changed while the run was under "
            f"way: what comes out now would bear the name of the code as it was, so it is not "
            f"kept.\nRun the same command again; finished shards that the change does not reach "
            f"are taken as they are."
        )


class OlderInput(PipelineError):
    """A version lacks a column that its stage writes today, and that a stage reads."""

    def __init__(self, stage: str, version: ArtifactRef, column: str) -> None:
        super().__init__(
            f"{stage} reads {column}, which {version} does not have: it was made by older code.\n"
            f"Run the recipe, which makes {version.stage} and what comes of it anew, or use the "
            f"code that made it."
        )
