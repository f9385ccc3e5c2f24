"""Ctrl-C in a terminal reaches every process of a run, and is the first one's to answer."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def deaf_to_ctrl_c() -> Iterator[None]:
    """Processes that are started within do not hear Ctrl-C, from their first instruction on.

    A child that ignores it once it runs is ended by one that comes while it still imports, with a
    traceback that nobody asked for. One that is blocked stays so for whom this thread starts; here
    it waits until the block's end.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:  # from before the block on: one that comes amid it is raised out of it
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
