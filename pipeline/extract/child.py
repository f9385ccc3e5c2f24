"""The parent's end of one parsing process: start it, send to it, wait for it, kill it."""

import atexit
import os
import select
import sys
import time
from pathlib import Path
from typing import Any

from pipeline.extract.errors import Reason, SandboxFailed
from pipeline.extract.frames import HEAD, Message, packed, sizes, unpacked
from pipeline.extract.sandbox_child import MEBIBYTE, OUT_OF_MEMORY
from pipeline.module_process import start_module

START_SECONDS = 120.0  # imports on a busy machine
IDLE_FACTOR = 5  # a page may take so much longer by the clock than it may work: machines are busy
LOOK_SECONDS = 0.05  # between two looks at its memory
PAGE = os.sysconf("SC_PAGE_SIZE")  # bytes
TICKS = os.sysconf("SC_CLK_TCK")  # a second


class Died(Exception):
    """The process ended, or was killed, over a page."""

    def __init__(self, reason: Reason, problem: str) -> None:
        super().__init__(problem)
        self.reason = reason
        self.problem = problem


class Child:
    """One parsing process."""

    def __init__(self, setup: dict[str, Any], *, seconds: float) -> None:
        self.seconds = seconds
        self.megabytes: int = setup["megabytes"]
        self._unread = bytearray()
        self._resident = sys.maxsize  # bytes, once it has started
        # Nobody's plugins run in there, and none are sought among all packages.
        told = {"PYDANTIC_DISABLE_PLUGINS": "__all__"}
        self._process = start_module("pipeline.extract.sandbox_child", told, bufsize=0)
        atexit.register(self.kill)
        try:
            self.send(Message({**setup, "parent": os.getpid()}))
            self.receive(START_SECONDS)
        except (Died, BrokenPipeError) as error:
            self.kill()
            raise SandboxFailed(str(error)) from error
        self._resident = self._resident_now()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def has_grown(self) -> bool:
        """Whether it holds so much between pages that the next ones would pay for the last."""
        return self._grown() > self.megabytes * MEBIBYTE // 4

    @property
    def is_alive(self) -> bool:
        """Whether it can be sent to."""
        return self._process.poll() is None

    def send(self, message: Message) -> None:
        """Hand over a message; the process reads it whole before it starts on it.

        Raises:
            BrokenPipeError: it has ended.
        """
        pipe = self._process.stdin
        left = memoryview(packed(message))
        while left and pipe is not None:
            left = left[pipe.write(left) :]

    def receive(self, seconds: float | None = None) -> Message:
        """The next answer.

        Raises:
            Died: there will be none. The process is gone.
        """
        answer = self._answer()
        if answer is None:
            most = seconds or self.seconds
            busy, late = self._busy_seconds() + most, time.monotonic() + IDLE_FACTOR * most
            while (answer := self._answer()) is None:
                self._wait(busy, late)
        return answer

    def kill(self) -> None:
        """End the process, whatever it is doing, and wait until it has."""
        atexit.unregister(self.kill)
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _answer(self) -> Message | None:
        """The answer that is there in full."""
        fields, texts = sizes(self._unread)
        if fields + texts > self.megabytes * MEBIBYTE:
            self.kill()
            raise Died(Reason.CRASHED, "its parser broke the process that it ran in")
        if len(self._unread) < HEAD + fields + texts or not self._unread:
            return None
        answer = bytes(self._unread[HEAD : HEAD + fields + texts])
        del self._unread[: HEAD + fields + texts]
        return unpacked(answer[:fields], memoryview(answer)[fields:])

    def _wait(self, busy: float, late: float) -> None:
        """Wait for bytes; end it when it has worked until `busy`, or at the time `late`."""
        pipe = self._process.stdout
        assert pipe is not None
        watch = select.poll()
        watch.register(pipe, select.POLLIN)
        if watch.poll(LOOK_SECONDS * 1000):
            more = os.read(pipe.fileno(), 1 << 20)
            self._unread += more
            if not more:
                raise self._ended()
        elif self._busy_seconds() > busy or time.monotonic() > late:
            self.kill()
            raise Died(Reason.KILLED_BY_TIME, f"its parser worked for {self.seconds:g} s")
        elif self._grown() > self.megabytes * MEBIBYTE:
            self.kill()
            raise Died(Reason.KILLED_BY_MEMORY, f"its parser took {self.megabytes:,} MB")

    def _ended(self) -> Died:
        """Why the process went by itself."""
        code = self._process.wait()
        self.kill()
        if code == OUT_OF_MEMORY:
            return Died(Reason.KILLED_BY_MEMORY, f"its parser took {self.megabytes:,} MB")
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return Died(Reason.CRASHED, f"its parser ended the process with {how}")

    def _grown(self) -> int:
        return self._resident_now() - self._resident

    def _busy_seconds(self) -> float:
        """Processor seconds since it started; 0 where the system does not tell."""
        try:
            state = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(state[11]) + int(state[12])) / TICKS  # utime and stime, see proc(5)

    def _resident_now(self) -> int:
        """Resident bytes; 0 where the system does not tell, or the process is gone."""
        try:
            return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * PAGE
        except (OSError, IndexError):
            return 0
