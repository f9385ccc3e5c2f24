"""Errors of training jobs.

PipelineError
  JobError              a job cannot run, or ended without its result
    BadTokenRows        token rows that no network can be trained on
    TooFewRows          a step has fewer rows than there are workers
    ForeignCheckpoint   a run folder holds the checkpoints of another job
    TooFewResources     the machine or cluster can never give what is asked
    RayNotStarted       a Ray of this machine did not come up
    RayLost             the Ray of a run has ended under it
    NoCompiler          a GPU's kernels cannot be compiled
    JobRefused          a worker found that the job cannot be done
    JobFailed           the job's process ended without a result
    JobStopped          the job was asked to stop; its checkpoint is kept
    NotShared           a machine of the cluster does not see the job's folder
    ForeignFolder       the folder for Ray's sessions is open to somebody else
    LongFolder          the folder for Ray's sessions has too long a path
"""

from pipeline.errors import PipelineError


class JobError(PipelineError):
    """A job cannot run, or ended without its result."""


class BadTokenRows(JobError):
    """Token rows that no network can be trained on."""

    def __init__(self, *, problem: str) -> None:
        super().__init__(
            f"These token rows cannot be trained on: {problem}.\n"
            f"Make the tokens again, with the tokenizer that the job names."
        )


class TooFewRows(JobError):
    """A step has fewer rows than there are workers."""

    def __init__(self, rows_per_step: int, *, workers: int) -> None:
        super().__init__(
            f"{rows_per_step} rows a step cannot be shared by {workers} workers.\n"
            f"Raise rows_per_step to {workers} or more, or ask for fewer workers."
        )


class ForeignCheckpoint(JobError):
    """A run folder holds the checkpoints of another job."""

    def __init__(self, folder: object) -> None:
        super().__init__(
            f"{folder} is the checkpoint of another job or of other tokens, so going on from it "
            f"would give neither's model.\nName another run folder, or remove this one."
        )


class TooFewResources(JobError):
    """The machine can never give what is asked, or the cluster has not in all the time it had."""

    def __init__(self, *, asked: dict[str, float], there: dict[str, float], waited: str) -> None:
        def spell(resources: dict[str, float]) -> str:
            return ", ".join(f"{amount:g} {name}" for name, amount in sorted(resources.items()))

        super().__init__(
            f"The job asks for {spell(asked)}, but Ray has {spell(there)}: {waited}.\n"
            f"Ask for fewer workers, or for no GPU, or train on larger machines, or on more."
        )


class NotShared(JobError):
    """A machine of the cluster does not see the job's folder."""

    def __init__(self, folder: object, *, machine: str) -> None:
        super().__init__(
            f"{machine} does not see {folder}, where the job's workers share its checkpoints.\n"
            f"Point PENSTOCK_SCRATCH to a folder that all machines of the cluster share, or train "
            f'on this one: train_address = "local".'
        )


class RayNotStarted(JobError):
    """A Ray of this machine did not come up."""

    def __init__(self, folder: str, *, problem: str) -> None:
        super().__init__(
            f"Ray did not start: {problem}\nIts logs are in {folder}/session_latest/logs; what was "
            f"finished before is kept, and the same command goes on from it."
        )


class RayLost(JobError):
    """The Ray of a run has ended under it."""

    def __init__(self, part: str) -> None:
        super().__init__(
            f"Ray has ended under the run: its {part} was killed, or has crashed, as happens where "
            f"memory runs out.\nWhat is finished is kept: run the same command again."
        )


class NoCompiler(JobError):
    """A GPU's kernels cannot be compiled."""

    def __init__(self, compilers: str, *, headers: object) -> None:
        super().__init__(
            f"Training on a GPU compiles kernels, which needs a C compiler ({compilers}) and "
            f"{headers}; one of them is missing.\n"
            f"Install them (on Debian: apt-get install gcc python3-dev)."
        )


class JobRefused(JobError):
    """A worker found that the job cannot be done; the sentence is the worker's."""


class JobFailed(JobError):
    """The job's process ended without a result."""

    def __init__(self, *, module: str, code: int, log: object, tail: str) -> None:
        super().__init__(
            f"{module} ended with exit code {code} and left no result. Its last words:\n{tail}\n"
            f"All of them are in {log}. The same command goes on from the last checkpoint."
        )


class JobStopped(JobError):
    """The job was asked to stop; its checkpoint is kept."""

    def __init__(self, *, module: str, run: object) -> None:
        super().__init__(
            f"{module} was stopped. Its checkpoint is in {run}: the same command goes on from it."
        )


class ForeignFolder(JobError):
    """The folder for Ray's sessions is open to somebody else."""

    def __init__(self, folder: object, *, variable: str) -> None:
        super().__init__(
            f"{folder} is not this user's alone: others could reach into a Ray whose sessions are "
            f"there.\nRemove it, or point {variable} to a folder of your own with a short path."
        )


class LongFolder(JobError):
    """The folder for Ray's sessions has too long a path."""

    def __init__(self, folder: object, *, longer: int, variable: str) -> None:
        super().__init__(
            f"{folder} is {longer} bytes too long for Ray: its sockets lie below, and could not be "
            f"opened.\nPoint {variable} to a folder of your own with a shorter path."
        )
