"""What every job's process does around its work: read the order, heed the parent, leave a result.

The result is the file `result.json` in the run folder. An error to act on is one sentence on
stderr and exit code 1. When the parent dies, its end of stdin closes: then the stop file is
written, and after the order's `stop_seconds` the whole process group ends, so that no job outlives
its driver for long.

A job may find its folder in use: by one whose driver was killed, and which leaves its checkpoint.
It waits, and only then takes away what that one left, the stop file too. Whoever asks a job to stop
writes the file again and again until the job has ended, so that this takes nobody's wish away.
"""

import os
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pipeline.errors import PipelineError
from ray_jobs.checkpoint import write_synced
from ray_jobs.run_folder import ASK_SECONDS, REFUSAL, RESULT, STOP, become_sole_user
from schemas.jobs import Resources
from schemas.record import Record

GRACE_SECONDS = 20  # of an order that does not say


OrderT = TypeVar("OrderT", bound=Record)


def run_job(kind: type[OrderT], work: Callable[[OrderT], Record]) -> None:
    """Do the work that the order in the file named on the command line asks for."""
    path = Path(sys.argv[1])
    order = kind.model_validate_json(path.read_bytes())
    run = path.parent
    if stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):  # started by ray_jobs.launch
        resources: Resources | None = getattr(order, "resources", None)
        grace = resources.stop_seconds if resources else GRACE_SECONDS
        threading.Thread(target=_outlive_nobody, args=(run, grace), daemon=True).start()
    try:
        become_sole_user(run)
        for name in (RESULT, REFUSAL, STOP):
            (run / name).unlink(missing_ok=True)
        result = work(order)
    except PipelineError as error:
        sys.exit(str(error))
    write_synced(run / RESULT, result.model_dump_json(indent=2).encode())


def _outlive_nobody(run: Path, grace_seconds: float) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    until = time.monotonic() + grace_seconds
    while time.monotonic() < until:
        (run / STOP).touch()
        time.sleep(ASK_SECONDS)
    os.killpg(0, signal.SIGKILL)
