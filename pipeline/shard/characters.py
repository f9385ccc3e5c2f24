"""What kind of character each code point is, as the `tokenizers` library's own patterns see it."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

OTHER, LETTER, MARK, NUMBER, SPACE = (np.uint8(kind) for kind in range(5))

_CLASSES = {LETTER: r"\p{L}", MARK: r"\p{M}", NUMBER: r"\p{N}", SPACE: r"\s"}
# The planes that have characters (Unicode 17, chapter 2.8), without the halves of surrogate pairs.
_PLANES = ((0, 0xD800), (0xE000, 0x40000), (0xE0000, 0xE1000))


@cache
def kinds_of_all() -> NDArray[np.uint8]:
    """The kind of every code point, (0x110000,); 30 ms, once in a process.

    The library is asked, because its tables are another Unicode version than Python's: Python's
    own would give other tokens on another Python.
    """
    codes = np.concatenate([np.arange(start, stop) for start, stop in _PLANES])
    runs = _matches("|".join(f"{each}+" for each in _CLASSES.values()), codes)
    of_run = np.full(len(runs), OTHER, np.uint8)
    for kind, pattern in _CLASSES.items():
        for start, stop in _matches(pattern, codes[runs[:, 0]]):
            of_run[start:stop] = kind
    found = np.full(0x110000, OTHER, np.uint8)
    for (start, stop), its in zip(runs, of_run, strict=True):
        found[codes[start:stop]] = its
    return found


def _matches(pattern: str, codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where a pattern of the library matches, from and to which of the characters, (matches, 2)."""
    from tokenizers import PreTokenizedString, Regex, pre_tokenizers

    text = PreTokenizedString(codes.astype("<u4").tobytes().decode("utf-32-le"))
    pre_tokenizers.Split(Regex(pattern), "removed", invert=True).pre_tokenize(text)
    # In bytes: the library takes ten times as long to count characters.
    places = [place for _, place, _ in text.get_splits("original", "byte")]
    sizes = 1 + (codes >= 0x80) + (codes >= 0x800) + (codes >= 0x10000)
    return np.searchsorted(np.cumsum(sizes) - sizes, np.array(places, np.int64).reshape(-1, 2))
