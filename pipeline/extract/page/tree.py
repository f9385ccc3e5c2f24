"""Reads a page's tags and texts in one pass: elements with their parents, and pieces of text.

The tokenizer is that of the HTML standard (html.spec.whatwg.org, 13.2.5). The tree is the
standard's where pages depend on it: what an element's start or end closes by itself, raw text,
tables that no end tag reaches out of. Work is linear in the page: at most `DEEPEST` elements are
open, as in browsers, and what is nested deeper belongs to the deepest.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled, part
from pipeline.extract.markup import (
    LESS,
    LETTER,
    NAME_ENDS,
    SLASH,
    Bytes,
    find,
    hash_name,
    past_markup,
    past_raw,
    past_space,
    until,
)
from pipeline.extract.page import names
from pipeline.extract.page.attributes import (
    COUNT,
    GAP,
    LANGUAGE,
    LANGUAGE_END,
    SIZE,
    SPACED,
    TEXTS,
    TITLE,
    TITLE_END,
    attributes,
    look_up,
)

DEEPEST = 512
LINK, PREFORMATTED, HIDDEN, STRONG = 1, 2, 4, 8  # what an element hands down to those inside
NO_GAP, LINE, BREAK = range(3)

_TAG_KEYS, _TAG_VALUES = names.TAG_TABLE
_VOID, _RAW, _BLOCK = (names.flags(each) for each in (names.VOID, names.RAW, names.BLOCK))
_SCOPE, _CLOSES_P = names.flags(names.SCOPE), names.flags(names.CLOSES_P)
_HEADING = names.flags(names.HEADINGS)
_ROWS = names.flags("td th tr tbody thead tfoot caption table")
_STAYS_IN_HEAD = names.flags("title meta link script style base noscript template")
_HTML, _HEAD, _BODY, _P, _BR, _TITLE, _TABLE = (
    names.NUMBER[each] for each in ("html", "head", "body", "p", "br", "title", "table")
)
_ENDS_NO_P = _SCOPE | names.flags("button")
_HANDS_DOWN = np.zeros(len(names.TAGS), np.uint8)
for _bit, _tags in (
    (LINK, "a"),
    (PREFORMATTED, "pre listing xmp"),
    (HIDDEN, names.HIDDEN),
    (STRONG, "b strong"),
):
    _HANDS_DOWN[names.flags(_tags)] |= _bit
_ENDS = np.zeros((len(names.TAGS), len(names.TAGS)), np.bool_)
_WITHIN = np.zeros_like(_ENDS)
for _starts, _closed, _within in names.ENDS:
    _ENDS[names.flags(_starts)] |= names.flags(_closed)
    _WITHIN[names.flags(_starts)] |= names.flags(_within) if _within else ~names.flags(_closed)
_ENDS_SOME = np.array(_ENDS.any(axis=1))


class Tree(NamedTuple):
    """A page's n elements, in the order of their starts, and its m pieces of visible text."""

    parents: NDArray[np.int32]  # (n,); that of the root, element 0, is 0
    tags: NDArray[np.uint8]  # (n,) numbers of names.TAGS
    hints: NDArray[np.uint64]  # (n,) bits of names.HINTS
    states: NDArray[np.uint8]  # (n,) LINK, PREFORMATTED, HIDDEN, STRONG
    pieces: NDArray[np.int32]  # (m, 5): first byte, end, element, gap before, whether space before
    title: slice  # bytes of <title>
    language: slice  # bytes of <html lang>


def read_tree(page: Bytes) -> Tree:
    """Read a page of UTF-8."""
    starts = int(np.count_nonzero(page == LESS)) + 2
    parents, tags = np.zeros(starts, np.int32), np.zeros(starts, np.uint8)
    hints, states = np.zeros(starts, np.uint64), np.zeros(starts, np.uint8)
    hashes, pieces = np.zeros(starts, np.uint64), np.empty((starts, 5), np.int32)
    at = np.zeros(9, np.int64)
    _read(page, parents, tags, hints, states, hashes, pieces, at)
    return Tree(
        parents[: at[COUNT]],
        tags[: at[COUNT]],
        hints[: at[COUNT]],
        states[: at[COUNT]],
        pieces[: at[TEXTS]],
        slice(int(at[TITLE]), int(at[TITLE_END])),
        slice(int(at[LANGUAGE]), int(at[LANGUAGE_END])),
    )


@compiled
def _read(
    page: Bytes,
    parents: NDArray[np.int32],
    tags: NDArray[np.uint8],
    hints: NDArray[np.uint64],
    states: NDArray[np.uint8],
    hashes: NDArray[np.uint64],
    pieces: NDArray[np.int32],
    at: NDArray[np.int64],
) -> None:
    """Fill the arrays. `at` holds where the reading is: how many are open, how many are made."""
    stack = np.zeros(DEEPEST, np.int32)  # of open elements
    at[SIZE], at[COUNT], at[GAP] = 1, 1, BREAK
    place = 0
    while place < len(page):
        if not _is_markup(page, place):
            stop = _text_end(page, place)
            _text(page, place, stop, stack, tags, states, pieces, at)
            place = stop
            continue
        ends = page[place + 1] == SLASH
        start = place + 2 if ends else place + 1
        if start >= len(page) or not LETTER[page[start]]:
            place = past_markup(page, place + 1)
            continue
        stop = until(page, start, NAME_ENDS)
        hashed = hash_name(page, start, stop)
        tag: Any = np.int64(look_up(hashed, _TAG_KEYS, _TAG_VALUES))
        if ends:
            place = attributes(page, stop, hints, len(hints) - 1, tag, at)
            _close(tag, hashed, stack, tags, hashes, at)
        else:
            _make_room(tag, stack, tags, at)
            place = attributes(page, stop, hints, at[COUNT], tag, at)
            if _RAW[tag]:
                place = _skip(page, place, hashed, stop - start, tag, at)
            elif not _VOID[tag] and not (page[place - 2] == SLASH and tag == 0):
                hashes[at[COUNT]] = hashed
                _open(tag, stack, parents, tags, hints, states, at)
        at[GAP] = BREAK if _BLOCK[tag] else min(at[GAP] + (tag == _BR), BREAK)


@part
def _is_markup(page: Bytes, place: int) -> bool:
    """Whether a `<` at `place` begins a tag, a comment or a declaration."""
    if page[place] != LESS or place + 1 >= len(page):
        return False
    after = page[place + 1]
    begins: bool = LETTER[after] or after == SLASH or after == 33 or after == 63  # ! and ?
    return begins


@part
def _text_end(page: Bytes, place: int) -> int:
    place = find(page, place + 1, LESS)
    while place < len(page) and not _is_markup(page, place):
        place = find(page, place + 1, LESS)
    return place


@part
def _text(
    page: Bytes,
    start: int,
    stop: int,
    stack: NDArray[np.int32],
    tags: NDArray[np.uint8],
    states: NDArray[np.uint8],
    pieces: NDArray[np.int32],
    at: NDArray[np.int64],
) -> None:
    """Note a piece of text; of one that is but space, only that it was there."""
    filled = past_space(page, start) < stop
    if filled and tags[stack[at[SIZE] - 1]] == _HEAD:
        at[SIZE] -= 1
    top = stack[at[SIZE] - 1]
    if states[top] & HIDDEN:
        return
    if not filled and not states[top] & PREFORMATTED:
        at[SPACED] = 1
        return
    piece = pieces[at[TEXTS]]
    piece[0], piece[1], piece[2], piece[3], piece[4] = start, stop, top, at[GAP], at[SPACED]
    at[TEXTS] += 1
    at[GAP] = NO_GAP
    at[SPACED] = 0


@part
def _open(
    tag: int,
    stack: NDArray[np.int32],
    parents: NDArray[np.int32],
    tags: NDArray[np.uint8],
    hints: NDArray[np.uint64],
    states: NDArray[np.uint8],
    at: NDArray[np.int64],
) -> None:
    """Add an element; what is too deep, or a second <html> or <body>, adds none."""
    count, size = at[COUNT], at[SIZE]
    again = (tag == _HTML and size > 1) or (tag == _BODY and _is_open(tag, stack, tags, size))
    if size == DEEPEST or again:
        hints[count] = 0
        return
    parent = stack[size - 1]
    parents[count], tags[count] = parent, tag
    states[count] = states[parent] | _HANDS_DOWN[tag]
    stack[size] = count
    at[COUNT], at[SIZE] = count + 1, size + 1


@part
def _is_open(tag: int, stack: NDArray[np.int32], tags: NDArray[np.uint8], size: int) -> bool:
    first = tags[stack[min(1, size - 1)]], tags[stack[min(2, size - 1)]]
    return tag in first  # <body> lies in <html> in the root


@part
def _make_room(
    tag: int, stack: NDArray[np.int32], tags: NDArray[np.uint8], at: NDArray[np.int64]
) -> None:
    """Close what the start of an element ends."""
    size = at[SIZE]
    if tags[stack[size - 1]] == _HEAD and not _STAYS_IN_HEAD[tag]:
        size -= 1
    if _CLOSES_P[tag]:
        for level in range(size - 1, 0, -1):
            open_ = tags[stack[level]]
            if open_ == _P:
                size = level
            if open_ == _P or _ENDS_NO_P[open_]:
                break
    if _ENDS_SOME[tag]:
        size = _ended(tag, stack, tags, size)
    at[SIZE] = size


@part
def _ended(tag: int, stack: NDArray[np.int32], tags: NDArray[np.uint8], size: int) -> int:
    """How many stay open: up to the outermost that a start of `tag` ends, within its bounds."""
    stays = size
    for level in range(size - 1, 0, -1):
        open_ = tags[stack[level]]
        if _ENDS[tag, open_]:
            stays = level
        elif _WITHIN[tag, open_] or (_SCOPE[open_] and not (_ROWS[tag] and open_ != _TABLE)):
            break
    return stays


@part
def _close(
    tag: int,
    hashed: np.uint64,
    stack: NDArray[np.int32],
    tags: NDArray[np.uint8],
    hashes: NDArray[np.uint64],
    at: NDArray[np.int64],
) -> None:
    """Close the innermost element of that name, where its end tag reaches it."""
    if tag in (_BODY, _HTML) or _VOID[tag]:
        return
    for level in range(at[SIZE] - 1, 0, -1):
        open_ = tags[stack[level]]
        if hashes[stack[level]] == hashed or (_HEADING[tag] and _HEADING[open_]):
            at[SIZE] = level
            return
        if _SCOPE[open_] and not (_ROWS[tag] and open_ != _TABLE):
            return
        if _BLOCK[open_] and not _BLOCK[tag]:
            return


@part
def _skip(
    page: Bytes, place: int, hashed: np.uint64, length: int, tag: int, at: NDArray[np.int64]
) -> int:
    """The place of the end tag of raw text; the first <title> is the page's."""
    stop = past_raw(page, place, hashed, length)
    if tag == _TITLE and at[TITLE_END] == 0:
        at[TITLE], at[TITLE_END] = place, stop
    return stop
