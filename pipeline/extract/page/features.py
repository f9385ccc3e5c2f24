"""What is known of each block before it is judged: its own counts, what is around it, its page."""

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled, part
from pipeline.extract.markup import Bytes
from pipeline.extract.page import blocks as counted
from pipeline.extract.page import names
from pipeline.extract.page.blocks import Blocks
from pipeline.extract.page.tree import Tree
from pipeline.extract.page.whole import (
    FAR,
    HINTS,
    PROSE,
    WINDOWS,
    places,
    shares,
    under_headings,
    windows,
)

AROUND = (
    "a", "p", "div", "li", "ul", "ol", "table", "td", "th", "tr", "nav", "header", "footer",
    "aside", "article", "main", "section", "form", "figure", "figcaption", "blockquote",
    "pre", "button", "label", "dl", "dt", "dd", "details", "address", "h1", "h2", "h3", "h4",
    "h5", "h6", "span", "body", "noscript", "dialog",
)  # fmt: skip
LEVELS = (0, 1, 2, 3, 5)  # parents up from a block's element whose sums are features
NEIGHBOURS = (-3, -2, -1, 1, 2, 3)
WIDTH = 21 + len(AROUND) + 3 * HINTS + 4 * len(LEVELS) + 4 * len(NEIGHBOURS) + 2 * len(WINDOWS) + 9

_AROUND = np.full(len(names.TAGS), -1, np.int64)
for _place, _name in enumerate(AROUND):
    _AROUND[names.NUMBER[_name]] = _place
_LEVELS, _NEIGHBOURS = np.array(LEVELS), np.array(NEIGHBOURS)
_TAGS_AROUND = len(AROUND)
_WORDS, _LINKED = counted.WORDS, counted.LINKED


def features(tree: Tree, blocks: Blocks) -> NDArray[np.float32]:
    """The features of b blocks, (b, WIDTH)."""
    made = np.zeros((len(blocks.elements), WIDTH), np.float32)
    if len(made):
        _fill(
            tree.parents, tree.tags, tree.hints, blocks.elements, blocks.counts, blocks.hashes,
            blocks.hints, made,
        )  # fmt: skip
    return made


@compiled
def _fill(
    parents: NDArray[np.int32],
    tags: Bytes,
    hints: NDArray[np.uint64],
    elements: NDArray[np.int32],
    counts: NDArray[np.float32],
    hashes: NDArray[np.uint64],
    own_hints: NDArray[np.uint64],
    made: NDArray[np.float32],
) -> None:
    sums = _sums(parents, elements, counts)
    for block in range(len(elements)):
        row = made[block]
        at = _own(counts[block], row)
        row[at] = tags[elements[block]]
        at = _around(elements[block], parents, tags, hints, row, at + 1)
        at = _levels(elements[block], parents, sums, row, at)
        at = _near(block, elements, tags, counts, row, at)
    at = windows(counts, made, at)
    at = places(tags, elements, counts, hashes, made, at)
    at = under_headings(tags, elements, own_hints, made, at)
    shares(counts, made, 18 + _TAGS_AROUND, at)


@part
def _sums(
    parents: NDArray[np.int32], elements: NDArray[np.int32], counts: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Words, linked words, blocks and words in running text below each element."""
    sums = np.zeros((len(parents), 4), np.float32)
    for block in range(len(elements)):
        words, linked = counts[block, _WORDS], counts[block, _LINKED]
        below = sums[elements[block]]
        below[0] += words
        below[1] += linked
        below[2] += 1
        below[3] += words if words - linked >= PROSE else 0
    for element in range(len(parents) - 1, 0, -1):
        for each in range(4):
            sums[parents[element], each] += sums[element, each]
    return sums


@part
def _own(counts: NDArray[np.float32], row: NDArray[np.float32]) -> int:
    """The block's own counts, as shares of its words or bytes."""
    words, size = counts[_WORDS], max(counts[counted.BYTES], np.float32(1))
    row[0] = np.log1p(words)
    row[1] = counts[_LINKED] / words
    row[2] = counts[counted.BOLD] / words
    row[3] = np.log1p(size)
    row[4] = size / words
    row[5] = counts[counted.DIGITS] / size
    row[6] = counts[counted.STOPS] / words
    row[7] = counts[counted.COMMAS] / words
    row[8] = counts[counted.CAPITALS] / words
    row[9] = counts[counted.COMMON] / words
    row[10] = counts[counted.BARS] / words
    row[11] = counts[counted.FOREIGN] / size
    row[12] = counts[counted.LINKS]
    row[13] = counts[counted.LINES]
    row[14] = counts[counted.BEGINS]
    row[15] = counts[counted.ENDS_SENTENCE]
    row[16] = counts[counted.IDEOGRAPHS] / words
    return 17


@part
def _around(
    element: int,
    parents: NDArray[np.int32],
    tags: Bytes,
    hints: NDArray[np.uint64],
    row: NDArray[np.float32],
    at: int,
) -> int:
    """How many elements up the nearest of each name is, and the nearest with each hint."""
    row[at : at + _TAGS_AROUND + HINTS] = FAR
    seen = np.uint64(0)
    depth = 0
    while element:
        up = min(depth, FAR - 1)
        place = _AROUND[tags[element]]
        if place >= 0 and row[at + place] == FAR:
            row[at + place] = up
        new = hints[element] & ~seen
        seen |= new
        for hint in range(HINTS):
            if (new >> np.uint64(hint)) & np.uint64(1):
                row[at + _TAGS_AROUND + hint] = up
        element = parents[element]
        depth += 1
    row[at + _TAGS_AROUND + HINTS] = depth
    return at + _TAGS_AROUND + HINTS + 1


@part
def _levels(
    element: int,
    parents: NDArray[np.int32],
    sums: NDArray[np.float32],
    row: NDArray[np.float32],
    at: int,
) -> int:
    """What lies below the element, its parent and so on."""
    up = 0
    for level in _LEVELS:
        while up < level:
            element = parents[element]
            up += 1
        below = sums[element]
        row[at] = np.log1p(below[0])
        row[at + 1] = below[1] / max(below[0], np.float32(1))
        row[at + 2] = below[0] / max(below[2], np.float32(1))
        row[at + 3] = below[3] / max(sums[0, 3], np.float32(1))
        at += 4
    return at


@part
def _near(
    block: int,
    elements: NDArray[np.int32],
    tags: Bytes,
    counts: NDArray[np.float32],
    row: NDArray[np.float32],
    at: int,
) -> int:
    """What the blocks before and after are."""
    for step in _NEIGHBOURS:
        near = block + step
        if 0 <= near < len(elements):
            row[at] = np.log1p(counts[near, _WORDS])
            row[at + 1] = counts[near, _LINKED] / counts[near, _WORDS]
            row[at + 2] = tags[elements[near]]
            row[at + 3] = counts[near, counted.STOPS] / counts[near, _WORDS]
        else:
            row[at : at + 4] = -1
        at += 4
    return at
