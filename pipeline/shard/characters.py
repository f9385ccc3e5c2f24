"""What kind of character each code point is, as the `tokenizers` library's own patterns see it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

OTHER, LETTER, MARK, NUMBER, SPACE = (np.uint8(kind) for kind in range(5))

_CLASSES = {LETTER: r"\p{L}", MARK: r"\p{M}", NUMBER: r"\p{N}", SPACE: r"\s"}
# The planes that have characters (Unicode 17, chapter 2.8), without the halves of surrogate pairs.
_PLANES = ((0, 0xD800), (0xE000, 0x40000), (0xE0000, 0xE1000))


@cache
def kinds_of_all() -> NDArray[np.uint8]:
    """The kind of every code point, (0x110000,); 0.2 s, once in a process.

    The library is asked, because its tables are another Unicode version than Python's: Python's
    own would give other tokens on another Python.
    """
    codes = np.concatenate([np.arange(start, stop) for start, stop in _PLANES])
    found = np.full(0x110000, OTHER, np.uint8)
    runs = list(_matches("|".join(f"{each}+" for each in _CLASSES.values()), _text(codes)))
    firsts = codes[[start for start, _ in runs]]
    of_run = np.full(len(runs), OTHER, np.uint8)
    for kind, pattern in _CLASSES.items():
        for start, stop in _matches(pattern, _text(firsts)):
            of_run[start:stop] = kind
    for (start, stop), its in zip(runs, of_run, strict=True):
        found[codes[start:stop]] = its
    return found


def _text(codes: NDArray[np.int64]) -> str:
    return codes.astype("<u4").tobytes().decode("utf-32-le")


def _matches(pattern: str, text: str) -> Iterator[tuple[int, int]]:
    """Where a pattern of the library matches, in characters."""
    from tokenizers import Regex, pre_tokenizers

    split = pre_tokenizers.Split(Regex(pattern), "removed", invert=True)
    return (place for _, place in split.pre_tokenize_str(text))
