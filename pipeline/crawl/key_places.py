"""Where each of many keys of sixteen bytes stands: 25 to 33 bytes a key, its own among them."""

import secrets
from typing import Any

import numpy as np
import pyarrow as pa

KEY = 16  # bytes
SECRET = np.uint64(secrets.randbits(64) | 1)  # decides on places in a table, and on no result
Array = np.ndarray[Any, Any]


class KeyPlaces:
    """The places of keys, each the first sixteen bytes of a hash; of equal ones the first."""

    def __init__(self, keys: bytes) -> None:
        """`keys`: one after the other."""
        self._keys, self._last = _words(keys), -1
        if len(self._keys):
            from pipeline.crawl.key_table import table_of  # numba takes half a second to import

            self._table = table_of(self._keys, SECRET)

    def of(self, keys: bytes) -> Array:
        """The place of each of these keys, (n,) int64; -1 where it is none of them."""
        wanted = _words(keys)
        if not len(self._keys):
            return np.full(len(wanted), -1)
        from pipeline.crawl.key_table import places_in

        found = np.asarray(places_in(*self._table, self._keys, SECRET, wanted, self._last))
        if len(found):
            self._last = int(found[-1])
        return found

    def place(self, key: bytes) -> int:
        """The place of one key; -1 where it is none of them."""
        return int(self.of(key)[0]) if len(self._keys) else -1


def values_of(column: pa.ChunkedArray) -> Array:
    """The values of a column without nulls that are of one width each, (n, width) uint8."""
    width = column.type.byte_width
    pieces = [
        np.frombuffer(chunk.buffers()[1], np.uint8)[width * chunk.offset :][: width * len(chunk)]
        for chunk in column.chunks
    ]
    return np.concatenate([np.empty(0, np.uint8), *pieces]).reshape(-1, width)


def _words(keys: bytes) -> Array:
    return np.frombuffer(keys, np.uint64).reshape(-1, 2)
