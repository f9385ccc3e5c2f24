"""What is known of each block from all of its page: where it is, and what kind of page it is."""

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import part
from pipeline.extract.markup import Bytes
from pipeline.extract.page import blocks as counted
from pipeline.extract.page import names

FAR = 30  # the distance of what is not there, and the most that is told apart
WINDOWS = (3, 8)  # blocks on either side
HINTS = len(names.HINTS)
PROSE = 20  # words without links that make a block one of running text

_HEADING = names.flags(names.HEADINGS)
_WINDOWS = np.array(WINDOWS)
_WORDS, _LINKED = counted.WORDS, counted.LINKED
_H1 = names.NUMBER["h1"]


@part
def windows(counts: NDArray[np.float32], made: NDArray[np.float32], at: int) -> int:
    """Words a block, and their linked share, around each block."""
    before = np.zeros((len(made) + 1, 2), np.float32)
    for block in range(len(made)):
        before[block + 1, 0] = before[block, 0] + counts[block, _WORDS]
        before[block + 1, 1] = before[block, 1] + counts[block, _LINKED]
    for reach in _WINDOWS:
        for block in range(len(made)):
            low, high = max(block - reach, 0), min(block + reach + 1, len(made))
            words = before[high, 0] - before[low, 0]
            made[block, at] = np.log1p(words / (high - low))
            made[block, at + 1] = (before[high, 1] - before[low, 1]) / max(words, np.float32(1))
        at += 2
    return at


@part
def places(
    tags: Bytes,
    elements: NDArray[np.int32],
    counts: NDArray[np.float32],
    hashes: NDArray[np.uint64],
    made: NDArray[np.float32],
    at: int,
) -> int:
    """Where the block is in its page, how often its text is there, and what the page is."""
    total, linked, prose = np.float32(0), np.float32(0), np.float32(0)
    first, last, title = len(made), -1, -1
    for block in range(len(made)):
        words = counts[block, _WORDS]
        total += words
        linked += counts[block, _LINKED]
        if words - counts[block, _LINKED] >= PROSE:
            prose += words
            first, last = min(first, block), block
        if tags[elements[block]] == _H1 and title < 0:
            title = block
    order = np.argsort(hashes)
    before = np.float32(0)
    for block in range(len(made)):
        row = made[block]
        row[at] = before / total
        row[at + 1] = np.float32(block) / len(made)
        row[at + 2] = block - first if last >= 0 else FAR
        row[at + 3] = block - last if last >= 0 else FAR
        row[at + 4] = block - title if title >= 0 else -1000
        row[at + 5] = np.log1p(total)
        row[at + 6] = linked / total
        row[at + 7] = prose / total
        before += counts[block, _WORDS]
    begin = 0
    for place in range(1, len(made) + 1):
        if place == len(made) or hashes[order[place]] != hashes[order[begin]]:
            for each in range(begin, place):
                made[order[each], at + 8] = place - begin
            begin = place
    return at + 9


@part
def under_headings(
    tags: Bytes,
    elements: NDArray[np.int32],
    own_hints: NDArray[np.uint64],
    made: NDArray[np.float32],
    at: int,
) -> int:
    """The hints in the block's own few words, and how long ago a heading had them."""
    since = np.full(HINTS, np.float32(1000))
    level, heading = np.float32(0), np.float32(1000)
    for block in range(len(made)):
        row = made[block]
        heading += 1
        since += 1
        tag = tags[elements[block]]
        if _HEADING[tag]:
            level, heading = np.float32(tag), np.float32(0)
        for hint in range(HINTS):
            if (own_hints[block] >> np.uint64(hint)) & np.uint64(1):
                since[hint] = 0
            row[at + hint] = since[hint]
        row[at + HINTS] = level
        row[at + HINTS + 1] = heading
    return at + HINTS + 2


@part
def shares(counts: NDArray[np.float32], made: NDArray[np.float32], start: int, at: int) -> None:
    """The share of the page's words that is below each hint, whose distances begin at `start`."""
    below = np.zeros(HINTS + 1, np.float32)
    for block in range(len(made)):
        below[HINTS] += counts[block, _WORDS]
        for hint in range(HINTS):
            if made[block, start + hint] < FAR:
                below[hint] += counts[block, _WORDS]
    for block in range(len(made)):
        for hint in range(HINTS):
            made[block, at + hint] = below[hint] / below[HINTS]
