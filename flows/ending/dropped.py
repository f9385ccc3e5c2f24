"""Signals that come where Python drops what they raise: they are sent once more.

A signal's handler runs between any two steps of the interpreter, also within a callback of its own
(of a weak reference, of `__del__`), from which no exception comes out: a run would go on as if
nobody had pressed Ctrl-C.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

AGAIN_SECONDS = 0.5  # the callback is over by then, also on a busy machine


@contextmanager
def sent_again(raised: Mapping[type[BaseException], signal.Signals]) -> Iterator[None]:
    """Send a signal again whenever what its handler raises was dropped.

    Args:
        raised: what the handlers raise -> their signal.
    """
    before, timers = sys.unraisablehook, list[threading.Timer]()

    def hear(dropped: sys.UnraisableHookArgs) -> None:
        number = raised.get(dropped.exc_type)
        if number is None:
            before(dropped)
        else:
            timers.append(threading.Timer(AGAIN_SECONDS, os.kill, (os.getpid(), number)))
            timers[-1].start()

    sys.unraisablehook = hear
    try:
        yield
    finally:
        sys.unraisablehook = before
        for timer in timers:
            timer.cancel()
