"""The files of a job's run folder, by which its process and its driver meet."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ORDER = "order.json"  # what is asked
RESULT = "result.json"  # what came out, written last
METRICS = "metrics.jsonl"  # a line per logged step, as it goes
REFUSAL = "refusal.txt"  # why the job cannot be done, in a sentence
LOG = "job.log"  # what the process printed
STOP = "stop"  # somebody wants the job to leave a checkpoint and return
CHECKPOINTS = "checkpoints"
LOCK = "lock"  # held by the job's process as long as it lives


@contextmanager
def sole_user(folder: Path) -> Iterator[None]:
    """Wait until no other job works in the folder: one whose driver was killed may still write.

    The lock is the process's, so it falls with it, whatever ends it.
    """
    with (folder / LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
