"""Handing on what a job writes to its file of metrics, line by line, while it writes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

Progress = Callable[[dict[str, Any]], None]


class Follower:
    """Hands on what is added to a file of JSON lines.

    A run that is resumed puts another file in its place, which begins as the old one did and lacks
    the lines of steps that are done again. The old one is held open, so that the two can be told
    apart and compared: what is new begins where they differ.
    """

    def __init__(self, path: Path, progress: Progress) -> None:
        """What stands in the file already is not handed on."""
        self._path, self._progress = path, progress
        self._file = _opened(path)
        self._place = os.fstat(self._file.fileno()).st_size if self._file else 0

    def __call__(self) -> None:
        """Hand on the lines that were added since."""
        for metrics in self._new():
            self._progress(metrics)

    def close(self) -> None:
        """Let go of the file."""
        if self._file:
            self._file.close()

    def _new(self) -> Iterator[dict[str, Any]]:
        now = _opened(self._path)
        if now is None:
            return
        if self._file:
            if not os.path.sameopenfile(self._file.fileno(), now.fileno()):
                self._place = _alike(self._file, now, self._place)
            self._file.close()
        self._file = now
        now.seek(self._place)
        for line in now:
            if not line.endswith(b"\n"):
                return
            self._place += len(line)
            yield json.loads(line)


def _opened(path: Path) -> BinaryIO | None:
    try:
        return path.open("rb")
    except FileNotFoundError:
        return None


def _alike(before: BinaryIO, now: BinaryIO, most: int) -> int:
    """How many bytes, in whole lines, two files have in common, `most` at most."""
    place = 0
    before.seek(0)
    now.seek(0)
    for old, new in zip(before, now, strict=False):
        if old != new or not old.endswith(b"\n") or place + len(old) > most:
            break
        place += len(old)
    return place
