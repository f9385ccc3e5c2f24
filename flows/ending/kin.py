"""The processes of a flow run, found by marks in their environment, whoever is their parent now.

A flow's process carries Prefect's mark from its start; what it starts, and what those start, carry
ours. So they are found when the flow's process was killed and nobody is left who knows of them.
Where there is no /proc, none is found.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

RUN_MARK = "PENSTOCK_RUN"  # the flow run's id
DRIVER_MARK = "PENSTOCK_DRIVER"  # the number of the flow's process
RUNNER_MARK = "PENSTOCK_RUNNER"  # the number of the process of `penstock serve`
SERVER_MARK = "PENSTOCK_SERVER"  # on Prefect's server: the number of the process that started it
PREFECT_MARK = "PREFECT__FLOW_RUN_ID"
JOB = "ray_jobs."  # the modules that leave a checkpoint when their driver is gone
LEAVE_SECONDS = 10.0  # for processes that are told to end, or killed, to be gone
POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Kin:
    """A process that lives."""

    pid: int
    parent: int
    started: int  # clock ticks since the machine's start
    marks: dict[str, str]
    words: tuple[str, ...]  # of its command line

    @property
    def flow_run(self) -> str:
        """The flow run that it works for."""
        return self.marks.get(RUN_MARK) or self.marks.get(PREFECT_MARK, "")

    @property
    def drives(self) -> bool:
        """Whether it is a flow's own process."""
        return PREFECT_MARK in self.marks and RUN_MARK not in self.marks

    @property
    def is_job(self) -> bool:
        """Whether it leaves a checkpoint, if it is let."""
        return any(word.startswith(JOB) for word in self.words)

    @property
    def orphaned(self) -> bool:
        """Whether the flow's process that it works for is gone."""
        return RUN_MARK in self.marks and not lives(self.marks.get(DRIVER_MARK, ""), self.started)

    @property
    def unattended(self) -> bool:
        """Whether whoever started it, and would end it, is gone."""
        starter = self.marks.get(RUNNER_MARK)
        if starter is None:
            return self.parent == 1
        return not lives(starter, self.started)

    def __str__(self) -> str:
        return f"{self.pid} ({' '.join(self.words)[:80]})"


def kin(flow_run: str = "") -> list[Kin]:
    """The processes of a flow run; of all of them, where none is named."""
    found = (_read(path.parent) for path in Path("/proc").glob("[0-9]*/environ"))
    marked = (each for each in found if each and each.flow_run)
    return [each for each in marked if not flow_run or each.flow_run == flow_run]


def drivers_of(runner: int) -> list[Kin]:
    """The flows' processes that the `penstock serve` of that number has started."""
    mark = str(runner)
    return [each for each in kin() if each.drives and each.marks.get(RUNNER_MARK) == mark]


def lost_servers() -> list[Kin]:
    """Prefect servers of `penstock serve`s that are no more."""
    found = (_read(path.parent) for path in Path("/proc").glob("[0-9]*/environ"))
    return [
        each
        for each in found
        if each and (by := each.marks.get(SERVER_MARK)) and not lives(by, each.started)
    ]


def sweep(flow_run: str, patience: float) -> list[Kin]:
    """End what is left of a flow run whose own process is gone; returns what had to be killed.

    Args:
        flow_run: its id.
        patience: seconds for a job to leave its checkpoint and end by itself.
    """
    until = time.monotonic() + patience
    while any(each.is_job for each in _children(flow_run)) and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
    killed: dict[int, Kin] = {}
    until = time.monotonic() + LEAVE_SECONDS
    while (left := _children(flow_run)) and time.monotonic() < until:
        for each in left:
            killed[each.pid] = each
            end(each, signal.SIGKILL)
        time.sleep(POLL_SECONDS)
    return list(killed.values())


def end(process: Kin, number: signal.Signals) -> None:
    """Send a signal to a process, if it is still the one that was seen."""
    there = _read(Path("/proc", str(process.pid)))
    if there and there.started == process.started:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)


def end_in_time(processes: Sequence[Kin], patience: float) -> None:
    """Ask processes of flow runs to end, and kill those that are still there after `patience`."""
    for each in processes:
        end(each, signal.SIGTERM)
    numbers = {each.pid for each in processes}
    until = time.monotonic() + patience
    while numbers & {each.pid for each in kin()} and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
    for each in processes:
        end(each, signal.SIGKILL)


def lives(pid: str, child_started: int) -> bool:
    """Whether the process of that number lives, and began before its child did."""
    if not pid.isdecimal():
        return False
    stat = _stat(Path("/proc", pid))
    return stat is not None and stat[1] <= child_started


def _children(flow_run: str) -> list[Kin]:
    """Those that the flow's process has started, but neither it nor us."""
    return [each for each in kin(flow_run) if not each.drives and each.pid != os.getpid()]


def _read(folder: Path) -> Kin | None:
    try:
        environment = (folder / "environ").read_bytes()
        words = (folder / "cmdline").read_bytes()
    except OSError:
        return None  # it has ended, or is somebody else's
    marks = dict(_marks(environment))
    stat = _stat(folder) if marks else None
    if stat is None:
        return None
    told = tuple(word.decode(errors="replace") for word in words.split(b"\0") if word)
    return Kin(int(folder.name), stat[0], stat[1], marks, told)


def _marks(environment: bytes) -> Iterator[tuple[str, str]]:
    for entry in environment.split(b"\0"):
        name, _, value = entry.decode(errors="replace").partition("=")
        if name in (RUN_MARK, DRIVER_MARK, RUNNER_MARK, SERVER_MARK, PREFECT_MARK):
            yield name, value


def _stat(folder: Path) -> tuple[int, int] | None:
    """Parent and start of a process that has not ended."""
    try:
        fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else (int(fields[1]), int(fields[19]))
