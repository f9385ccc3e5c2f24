"""The data keys that this process has unwrapped: a key service is asked once for each.

A store is opened for every unit, and again wherever one is sent. What is remembered is only what
is in memory anyway, under all that it depends on. A child that is forked goes on with its parent's.
"""

from __future__ import annotations

import os
import threading


class Unwrapped:
    """The data keys of one store, by their numbers, as some master keys have unwrapped them."""

    def __init__(self) -> None:
        self.keys: dict[bytes, bytes] = {}
        self.lock = threading.RLock()  # held while a master key is asked


_here: dict[tuple[str, bytes, bytes], Unwrapped] = {}


def unwrapped_here(uri: str, identity: bytes, masters: bytes) -> Unwrapped:
    """What this process has unwrapped of a store.

    Args:
        uri: where the store is.
        identity: the store's.
        masters: the mark of the master keys.
    """
    return _here.setdefault((uri, identity, masters), Unwrapped())  # one step, threads may meet


def _renew_locks() -> None:
    for each in _here.values():
        each.lock = threading.RLock()  # a thread that is not in this child may hold the other


os.register_at_fork(after_in_child=_renew_locks)
