"""Writes the chosen blocks of a page as lines of text.

A block is a line, an entry of a list one that begins with a dash, the cells of a row one line with
bars between them; preformatted text keeps its own lines and spaces.
"""

import html

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled, part
from pipeline.extract.markup import SPACE, Bytes
from pipeline.extract.page import names
from pipeline.extract.page.blocks import Blocks
from pipeline.extract.page.tree import LINE, PREFORMATTED, Tree

_LI, _TR = names.NUMBER["li"], names.NUMBER["tr"]
_CELL = names.flags("td th")
_LIST = names.flags("ul ol menu dir table body")
_BREAKING = 4  # bytes that a block may have before it: a line end and a dash, or a bar


def written(page: Bytes, tree: Tree, blocks: Blocks, keep: NDArray[np.bool_]) -> str:
    """The text of the blocks to keep, (b,), in UTF-8 without character references."""
    sizes = tree.pieces[:, 1] - tree.pieces[:, 0] + 1
    room = int(sizes.sum()) + _BREAKING * len(keep)
    out = np.empty(room, np.uint8)
    size = _write(
        page, tree.pieces, tree.parents, tree.tags, tree.states, blocks.pieces, blocks.elements,
        keep, out,
    )  # fmt: skip
    return html.unescape(out[:size].tobytes().decode("utf-8", "replace"))


@compiled
def _write(
    page: Bytes,
    pieces: NDArray[np.int32],
    parents: NDArray[np.int32],
    tags: Bytes,
    states: Bytes,
    spans: NDArray[np.int32],
    elements: NDArray[np.int32],
    keep: NDArray[np.bool_],
    out: Bytes,
) -> int:
    size, row, entry = 0, -1, -1
    for block in range(len(keep)):
        if not keep[block]:
            continue
        element = elements[block]
        now_row = parents[element] if _CELL[tags[element]] else -1
        now_entry = _entry(element, parents, tags)
        size = _begin(out, size, row >= 0 and now_row == row, now_entry not in (-1, entry))
        row, entry = now_row, now_entry
        for place in range(spans[block, 0], spans[block, 1]):
            start, stop, around, gap, spaced = pieces[place]
            first = place == spans[block, 0]
            if states[around] & PREFORMATTED:
                size = _copy(page, start, stop, out, size, gap == LINE)
            else:
                size = _copy_words(page, start, stop, out, size, first, gap == LINE, spaced > 0)
        size = _trimmed(out, size)
    return size


@part
def _entry(element: int, parents: NDArray[np.int32], tags: Bytes) -> int:
    """The entry of a list that a block is in; -1 for none."""
    while element and not _LIST[tags[element]]:
        if tags[element] == _LI:
            return element
        element = parents[element]
    return -1


@part
def _begin(out: Bytes, size: int, is_next_cell: bool, is_entry: bool) -> int:
    """Put what comes between two blocks."""
    if is_next_cell:
        out[size], out[size + 1], out[size + 2] = 32, 124, 32
        return size + 3
    if size:
        out[size] = 10
        size += 1
    if is_entry:
        out[size], out[size + 1] = 45, 32
        size += 2
    return size


@part
def _copy(page: Bytes, start: int, stop: int, out: Bytes, size: int, line: bool) -> int:
    if line:
        out[size] = 10
        size += 1
    for place in range(start, stop):
        out[size] = page[place]
        size += 1
    return size


@part
def _copy_words(
    page: Bytes, start: int, stop: int, out: Bytes, size: int, first: bool, line: bool, spaced: bool
) -> int:
    """Put text with one space for all white space between two words."""
    wants_space = spaced and not first
    if line and not first:
        size = _trimmed(out, size)
        out[size] = 10
        size += 1
        wants_space = False
    for place in range(start, stop):
        if SPACE[page[place]]:
            wants_space = True
            continue
        if wants_space and size and out[size - 1] != 32 and out[size - 1] != 10:
            out[size] = 32
            size += 1
        wants_space = False
        out[size] = page[place]
        size += 1
    if wants_space and size and out[size - 1] != 10:
        out[size] = 32
        size += 1
    return size


@part
def _trimmed(out: Bytes, size: int) -> int:
    while size and SPACE[out[size - 1]]:
        size -= 1
    return size
