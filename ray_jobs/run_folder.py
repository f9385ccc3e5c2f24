"""The files of a job's run folder, by which its process and its driver meet."""

import fcntl
from pathlib import Path
from typing import IO

ORDER = "order.json"  # what is asked
RESULT = "result.json"  # what came out, written last
METRICS = "metrics.jsonl"  # a line per logged step, as it goes
REFUSAL = "refusal.txt"  # why the job cannot be done, in a sentence
LOG = "job.log"  # what the process printed
STOP = "stop"  # somebody wants the job to leave a checkpoint and return
CHECKPOINTS = "checkpoints"
LOCK = "lock"  # held by the job's process as long as it lives
ASK_SECONDS = 0.1  # between two writings of the stop file, until the job has ended

_held: list[IO[str]] = []


def become_sole_user(folder: Path) -> None:
    """Wait until no other job works in the folder: one whose driver was killed may still write.

    The lock is this process's until it ends, whatever ends it: no thread of it writes afterwards.
    """
    file = (folder / LOCK).open("w")
    fcntl.flock(file, fcntl.LOCK_EX)
    _held.append(file)
