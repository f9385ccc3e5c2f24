"""What workers and jobs print, handed on line by line to a logger that a flow may listen to.

Where nobody listens, the lines are only in the files that they are written to anyway.
"""

import logging
import re
from pathlib import Path

WORKERS = logging.getLogger("penstock.workers")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# Ray 2.60 asks its dashboard each second of a job, and a job's own Ray has none.
_NOT_TOLD = "Failed to query Ray Train Controller actor state"
AT_ONCE = 64 * 1024  # bytes read at a time; a job that prints faster is heard a little later


class JobLog:
    """Hands on what a job adds to its log, whole lines only, until it has ended."""

    def __init__(self, path: Path, name: str) -> None:
        self._path, self._name = path, name
        self._place, self._begun = 0, b""

    def __call__(self) -> None:
        """Hand on the lines that are new."""
        if not WORKERS.isEnabledFor(logging.INFO):
            return
        with self._path.open("rb") as log:
            log.seek(self._place)
            found = log.read(AT_ONCE)
        self._place += len(found)
        *lines, self._begun = (self._begun + found).split(b"\n")
        for line in lines:
            hand_on(self._name, line.decode("utf-8", "replace"))


def hand_on(who: str, line: str) -> None:
    """Hand on a line, unless it says nothing."""
    told = _COLOUR.sub("", line).rstrip()
    if told and _NOT_TOLD not in told:
        WORKERS.info("%s | %s", who, told)
