"""The lines that workers and jobs print, in the flow run's log: cut, counted, and not too many."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flows.terminal.plain_text import plain
from ray_jobs.job_log import WORKERS

CHARACTERS = 500  # of a line
AT_ONCE, EACH_SECONDS = 100, 5.0  # lines: Prefect keeps each in its database
MOST_LINES = 2_000  # of a run


class WorkerLog(logging.Handler):
    """Hands lines on to a run's log; those beyond the bounds are counted, and told of."""

    def __init__(self, log: logging.Logger | logging.LoggerAdapter[logging.Logger]) -> None:
        super().__init__()
        self._log = log
        self._since, self._here = time.monotonic(), 0
        self._told = self._left_out = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Hand on one line."""
        now = time.monotonic()
        if now - self._since > EACH_SECONDS:
            self._since, self._here = now, 0
            self.tell_left_out()
        if self._here >= AT_ONCE or self._told >= MOST_LINES:
            self._left_out += 1
            return
        self._here += 1
        self._told += 1
        self._log.info("%s", plain(record.getMessage(), CHARACTERS))

    def tell_left_out(self) -> None:
        """Say how many lines are not here."""
        if self._left_out and self._told <= MOST_LINES:
            self._log.info("%d lines of workers are left out here.", self._left_out)
            self._left_out = 0
            self._told += 1


@contextmanager
def worker_log(log: logging.Logger | logging.LoggerAdapter[logging.Logger]) -> Iterator[None]:
    """Workers' lines go to this log, and nowhere else."""
    handler = WorkerLog(log)
    before = (WORKERS.level, WORKERS.propagate)
    WORKERS.addHandler(handler)
    WORKERS.setLevel(logging.INFO)
    WORKERS.propagate = False
    try:
        yield
    finally:
        WORKERS.removeHandler(handler)
        WORKERS.setLevel(before[0])
        WORKERS.propagate = before[1]
        handler.tell_left_out()
