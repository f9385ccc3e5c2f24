"""The most memory that this process and its children hold: all at once, and this one alone."""

import re
import threading
import time
from pathlib import Path

import psutil

LOOK_SECONDS = 0.2
RESET_PEAK = "5"  # see proc(5), clear_refs


class Memory:
    """The most memory that this process and its children held at once, shared pages once.

    Attributes:
        most: bytes since `begin`.
        looking_seconds: of processor time that looking has taken, which is no part of the work.
    """

    def __init__(self):
        self.most, self.looking_seconds, self._done = 0, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()

    def begin(self):
        """Forget what was held so far."""
        Path("/proc/self/clear_refs").write_text(RESET_PEAK)
        self.most = 0

    def peak(self):
        """The most bytes that this process alone had resident since `begin`, told by the system."""
        found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
        return int(found[1]) * 1024

    def cpu(self):
        return sum(sum(each.cpu_times()[:2]) for each in self._family())

    def _watch(self):
        while not self._done.wait(LOOK_SECONDS):
            self.most = max(self.most, sum(map(held, self._family())))
            self.looking_seconds = time.thread_time()

    def _family(self):
        this = psutil.Process()
        return [this, *this.children(recursive=True)]


def held(process):
    try:
        return process.memory_full_info().pss
    except psutil.NoSuchProcess:
        return 0
