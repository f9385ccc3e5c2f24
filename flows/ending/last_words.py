"""What a run that is stopped says at its end: one sentence, once, whoever comes to say it."""

from __future__ import annotations

import signal
import sys
import threading

_said = threading.Event()
_speaking = threading.Lock()  # who finds it said may end the process at once


def begin() -> None:
    """Nothing has been said yet of this command."""
    _said.clear()


def say_stopped(number: int) -> None:
    """Say that a signal ended the command."""
    how = "Interrupted" if number == signal.SIGINT else f"Stopped by {signal.Signals(number).name}"
    say(f"{how}. What is finished is kept; the same command goes on.")


def say(sentence: str) -> None:
    """Say this, unless something has been said."""
    with _speaking:
        if not _said.is_set():
            print(f"\n{sentence}", file=sys.stderr, flush=True)
            _said.set()
