"""Jobs in processes of their own: started, followed, stopped, and none left behind.

This module imports neither Ray nor Torch, so a flow can use it. A driver and its job meet in the
run folder (`ray_jobs.run_folder`). A job that is stopped, by Ctrl-C or by any exception out of
`progress`, leaves a checkpoint: the same order on the same folder goes on from there.
"""

import contextlib
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, TypeVar

from packaging.version import Version

from ray_jobs.errors import JobFailed, JobStopped
from ray_jobs.follower import Follower, Progress
from ray_jobs.job_log import JobLog
from ray_jobs.run_folder import ASK_SECONDS, LOG, METRICS, ORDER, RESULT, STOP
from schemas.jobs import EvaluateOrder, GenerateOrder, Passage, PretrainOrder, Scores, TrainResult
from schemas.record import Record

ResultT = TypeVar("ResultT", bound=Record)

ROOT = Path(__file__).parents[1]
POLL_SECONDS = 0.1
LEAVE_SECONDS = 10.0  # for killed processes to be gone
# The C library gives large blocks back to the kernel and asks for them anew, zeroed, at each step:
# on a CPU that took a tenth of a training's time. Older ones heed no threshold above 32 MiB.
RECENT = platform.libc_ver()[0] == "glibc" and Version(platform.libc_ver()[1]) >= Version("2.35")
KEEPING = {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30 if RECENT else 32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 31),
}
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "DO_NOT_TRACK": "1", "PYTHONUNBUFFERED": "1"}


def ignore(metrics: dict[str, Any]) -> None:
    """No progress is wanted."""


def pretrain(order: PretrainOrder, *, progress: Progress = ignore) -> TrainResult:
    """Train a model with Ray Train; `order.output` holds it afterwards.

    Args:
        order: what to train, on what, with what.
        progress: gets each line of metrics: step, loss, tokens, tokens_per_second.

    Raises:
        JobStopped: somebody wrote the stop file.
        JobFailed: the process ended without a result.
    """
    result = run("ray_jobs.pretrain", order, order.run, TrainResult, progress, _grace(order))
    if result.outcome == "stopped":
        raise JobStopped(module="ray_jobs.pretrain", run=order.run)
    return result


def evaluate(order: EvaluateOrder, *, progress: Progress = ignore) -> Scores:
    """Score an exported model; see `pretrain` for progress and errors."""
    return run("ray_jobs.evaluate", order, order.run, Scores, progress, 0.0)


def generate(order: GenerateOrder) -> str:
    """Go on with a prompt."""
    return run("ray_jobs.generate", order, order.run, Passage, ignore, 0.0).text


def run(
    module: str,
    order: Record,
    folder: str,
    result: type[ResultT],
    progress: Progress,
    grace_seconds: float,
) -> ResultT:
    """Run a job's module on an order, and wait for its result."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    (place / ORDER).write_text(order.model_dump_json(indent=2), encoding="utf-8")
    listen = JobLog(place / LOG, module.rpartition(".")[2])
    following = contextlib.closing(Follower(place / METRICS, progress))
    with following as follow, (place / LOG).open("wb") as log:
        job = _start(module, place / ORDER, log)
        try:
            while job.poll() is None:
                follow()
                listen()
                time.sleep(POLL_SECONDS)
            follow()
            listen()
        except BaseException:
            _ask_to_stop(job, place, grace_seconds)
            raise
        finally:
            _leave_none(job)
    if job.returncode or not (place / RESULT).exists():
        raise JobFailed(
            module=module, code=job.returncode, log=place / LOG, tail=_tail(place / LOG)
        )
    return result.model_validate_json((place / RESULT).read_bytes())


def _start(module: str, order: Path, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """The job in a process group of its own; its stdin closes when this process ends."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return subprocess.Popen(
        [sys.executable, "-m", module, str(order)],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=KEEPING | os.environ | QUIET | {"PYTHONPATH": path},
        start_new_session=True,
    )


def _ask_to_stop(job: subprocess.Popen[bytes], folder: Path, grace_seconds: float) -> None:
    """Give the job time to leave a checkpoint."""
    until = time.monotonic() + grace_seconds
    while job.poll() is None and time.monotonic() < until:
        (folder / STOP).touch()
        time.sleep(ASK_SECONDS)


def _leave_none(job: subprocess.Popen[bytes]) -> None:
    """End what is left of the job's session, and see it gone.

    Ray gives its workers process groups of their own; the session is what they all share.
    """
    with contextlib.suppress(ProcessLookupError):
        os.killpg(job.pid, signal.SIGKILL)
    until = time.monotonic() + LEAVE_SECONDS
    while time.monotonic() < until:
        left = list(_session(job.pid))
        for process in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if job.poll() is not None and not left:
            break
        time.sleep(POLL_SECONDS / 10)
    if job.stdin:
        job.stdin.close()


def _session(leader: int) -> Iterator[int]:
    """The processes of a session that have not ended; none where there is no /proc."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, _, session = path.read_text().rpartition(")")[2].split()[:4]
            if int(session) == leader and state != "Z":
                yield int(path.parent.name)


def _grace(order: PretrainOrder) -> float:
    return float(order.resources.stop_seconds)


def _tail(log: Path, lines: int = 12) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
