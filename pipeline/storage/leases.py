"""Leases: who makes an observed or expensive version now, so that a second driver waits.

A lease is a hint that saves double work; correctness never rests on it. The log of a lease is a
folder of numbered, create-only files; the holder of the highest number without an end renews it.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

import psutil

from pipeline.errors import StoreError
from pipeline.storage.files import Entry, Files

FOLDER = "attempts/leases"
RENEWED_EVERY = 3.0  # seconds
LOST_AFTER = 30.0  # seconds without renewal


class Lease:
    """The lease of one name. Entering it waits until nobody else holds it.

    Use as `with Lease(files, "pages-web") as lease:`; `lease.preceded` says whether
    somebody held it before us, who may have finished what we want to make since we looked.
    """

    def __init__(self, files: Files, name: str) -> None:
        self.preceded = False
        self._files, self._folder = files, f"{FOLDER}/{name}"
        self._number = 0
        self._stop = threading.Event()
        self._renewer = threading.Thread(target=self._renew, daemon=True)

    def __enter__(self) -> Self:
        while not self._take(self.wait() + 1):
            pass
        self._renewer.start()
        return self

    def wait(self) -> int:
        """Wait until nobody holds it; returns how often it was held."""
        while (holder := self._newest()) and not self._ended(holder):
            time.sleep(0.3)
        self.preceded = holder > 0
        return holder

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._renewer.join()
        with suppress(StoreError):  # a full disk, say: then the lease is lost by and by
            self._files.create(f"{self._folder}/{self._number:06d}.end", b"")

    def _newest(self) -> int:
        names = [e.path.rpartition("/")[2] for e in self._files.entries(self._folder)]
        return max((int(name[:6]) for name in names if name.endswith(".json")), default=0)

    def _take(self, number: int) -> bool:
        holder = {"host": socket.gethostname(), "pid": os.getpid()}
        self._number = number
        self._beat()
        return self._files.create(f"{self._folder}/{number:06d}.json", json.dumps(holder).encode())

    def _ended(self, number: int) -> bool:
        """Whether the holder has let go, has died, or does not renew the lease while we look.

        A process of its number that lives may be another one, so that alone says nothing.
        """
        path = f"{self._folder}/{number:06d}"
        try:
            return self._silent(path)
        except FileNotFoundError:
            return True  # it was collected meanwhile: nobody held it

    def _silent(self, path: str) -> bool:
        before, until = self._files.read(f"{path}.beat"), time.monotonic() + LOST_AFTER
        while time.monotonic() < until:
            if _over(self._files, path):
                return True
            if self._files.read(f"{path}.beat") != before:
                return False
            time.sleep(0.3)
        return True

    def _renew(self) -> None:
        while not self._stop.wait(RENEWED_EVERY):
            with suppress(StoreError):  # the unit's own writing will say what is wrong
                self._beat()

    def _beat(self) -> None:
        beat = f"{os.getpid()} {time.time_ns()}".encode()
        self._files.replace(f"{self._folder}/{self._number:06d}.beat", beat)


def live(files: Files, now: float) -> dict[str, float]:
    """The leases that are held, and when each began, in seconds since 1970 as the store has it."""
    beats = {}
    began = {}
    for entry in files.entries(FOLDER):
        path, _, kind = entry.path.rpartition(".")
        if kind == "beat":
            beats[path] = entry.modified
        elif kind == "json":
            began[path] = entry.modified
    return {
        path.split("/")[2]: moment
        for path, moment in began.items()
        if now - beats.get(path, 0.0) < 10 * LOST_AFTER and not _over(files, path)
    }


def expired(files: Files, now: float) -> list[str]:
    """The leases that nobody gave back and nobody holds any more."""
    held = live(files, now)
    found: dict[str, set[str]] = {}
    for entry in files.entries(FOLDER):
        path, _, kind = entry.path.rpartition(".")
        found[path] = found.get(path, set()) | {kind}
    return [
        path
        for path, kinds in found.items()
        if "json" in kinds and "end" not in kinds and path.split("/")[2] not in held
    ]


def over(files: Files, before: float, now: float, *, but: str) -> list[str]:
    """The files of leases, `but` one, that nobody holds and nobody has touched since `before`.

    Without them a lease of that name is counted from 1 again. Who had looked at them before, and
    takes it as they go, holds it beside another: that costs work done twice, and nothing else.
    """
    kept = {but, *live(files, now)}
    found: dict[str, list[Entry]] = {}
    for entry in files.entries(FOLDER):
        found.setdefault(entry.path.split("/")[2], []).append(entry)
    return [
        entry.path
        for name, entries in found.items()
        if name not in kept and max(each.modified for each in entries) < before
        for entry in entries
    ]


def give_back(files: Files, path: str) -> None:
    """End a lease in the place of its holder, who is dead."""
    files.create(f"{path}.end", b"")


def _over(files: Files, path: str) -> bool:
    """Whether a lease was given back, or its holder was on this machine and is no more."""
    if files.size(f"{path}.end") is not None:
        return True
    try:
        holder = json.loads(files.read(f"{path}.json"))
    except FileNotFoundError:
        return True  # it was a run's, which has ended
    return holder["host"] == socket.gethostname() and not _alive(holder["pid"])


def _alive(pid: int) -> bool:
    """Whether a process of that number lives; a killed one that nobody waited for does not."""
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
