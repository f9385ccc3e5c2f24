"""What a kind of private data is."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import re2

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Spans = np.ndarray[Any, np.dtype[np.int32]]
Array = np.ndarray[Any, Any]
Scan = Callable[[Bytes, Spans], int]

SHORTEST = 4  # bytes: no kind has a shorter span


@dataclass(frozen=True)
class Kind:
    """A kind of private data, and how it is found.

    Args:
        name: what stands in its place once it is redacted, in lower case.
        pattern: for RE2, and generous: a text in which it is not found has none. Most have none,
            and then the scan is not even loaded.
        scan: gives a compiled loop over the bytes of a text, which puts start and stop of each span
            into rows, in order and apart, and returns how many there are. It looks at each byte a
            bounded number of times, and its checks are as strict as those of whoever gives out
            such numbers: near misses cost as little as any other text, and nobody can slow a run
            down with a page that is full of them.
    """

    name: str
    pattern: bytes
    scan: Callable[[], Scan]

    def find(self, text: bytes) -> list[tuple[int, int]]:
        """Where the text, in UTF-8, holds it, as byte offsets."""
        if not _compiled(self.pattern).search(text):
            return []
        spans = np.empty((len(text) // SHORTEST + 1, 2), np.int32)
        count = self.scan()(np.frombuffer(text, np.uint8), spans)
        return [(start, stop) for start, stop in spans[:count].tolist()]


@cache
def _compiled(pattern: bytes) -> Any:  # re2 has no type hints
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1  # all patterns are ASCII: match plain bytes
    return re2.compile(pattern, options)
