"""Leaving in time: a run that is ended is gone in seconds, whatever Prefect waits for."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.util import _run_finalizers  # type: ignore[attr-defined]  # no stub has it
from types import FrameType
from typing import NoReturn

from flows.ending.last_words import say_stopped

LEAVE_SECONDS = 5.0  # for Prefect to note that a run was ended
_last = threading.Lock()  # never let go: one ends the process, and nobody amid another's work


@contextmanager
def leaving_in_time(last: Callable[[], None]) -> Iterator[None]:
    """At Ctrl-C and SIGTERM, end this process in seconds, though Prefect would go on.

    Ctrl-C in a terminal ends Prefect's own server too, and Prefect would tell it of the end, and
    wait for it at its exit, in vain for minutes. Workers and jobs end when this process does.
    Within a flow run Prefect puts its own handler of SIGTERM in the place of ours, so that a flow
    enters this once more.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def end(number: int, frame: FrameType | None) -> None:
        leave_after(LEAVE_SECONDS, partial(_stop, number, last), 128 + number)
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number, handler in before.items():
        if callable(handler):  # one that is ignored stays so
            signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def leave_after(seconds: float, last: Callable[[], None], code: int = 0) -> None:
    """Leave after some seconds, unless this process has ended by itself by then."""
    timer = threading.Timer(seconds, leave, (last, code))
    timer.daemon = True
    timer.start()


def leave(last: Callable[[], None], code: int = 0) -> NoReturn:
    """End this process with that code, and at once, whatever becomes of `last`.

    Threads of Prefect's and its libraries' sleep in compiled code until the end. Where one wakes
    while Python takes itself apart, CPython ends the thread, and glibc the process: "exception not
    rethrown", SIGABRT.
    """
    _last.acquire()  # another thread that holds it ends the process soon
    try:
        last()
    finally:
        _end(code)


def _stop(number: int, last: Callable[[], None]) -> None:
    from flows.lineage.events import abandon  # loads what only a run needs

    abandon()
    last()
    say_stopped(number)


def _end(code: int) -> NoReturn:
    with suppress(OSError, ValueError):  # nobody reads any more
        sys.stdout.flush()
    # Semaphores of a pool have names, which outlive us, and nothing that Python does at its end is
    # done here: they are let go as multiprocessing does it.
    _run_finalizers(0)
    os._exit(code)
