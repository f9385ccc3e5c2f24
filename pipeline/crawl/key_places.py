"""Where each of many keys of sixteen bytes stands: 20 bytes a key, found by halving."""

from typing import Any

import numpy as np

KEY = 16  # bytes
Array = np.ndarray[Any, Any]


class KeyPlaces:
    """The places of keys, each the first sixteen bytes of a hash.

    Of two keys with the same first half only the first is found; there will never be two.
    """

    def __init__(self, keys: bytes) -> None:
        """`keys`: one after the other."""
        words = _words(keys)
        self._places = np.argsort(words[:, 0], kind="stable").astype(np.int32)
        self._first, self._second = words[self._places, 0], words[self._places, 1]

    def of(self, keys: bytes) -> Array:
        """The place of each of these keys, (n,) int64; -1 where it is none of them."""
        words = _words(keys)
        if not len(self._first):
            return np.full(len(words), -1)
        at = np.searchsorted(self._first, words[:, 0])
        at[at == len(self._first)] = 0
        same = (self._first[at] == words[:, 0]) & (self._second[at] == words[:, 1])
        return np.where(same, self._places[at].astype(np.int64), -1)


def _words(keys: bytes) -> Array:
    return np.frombuffer(keys, np.uint64).reshape(-1, 2)
