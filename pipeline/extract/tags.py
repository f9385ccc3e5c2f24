"""What a page would cost a parser, read off its tags in one linear pass, before any parser runs.

The scan follows the tokenizer of the HTML standard (html.spec.whatwg.org, 13.2.5) where it matters:
quoted attributes, comments, raw text in <script> and the like. Depth is an estimate: an element
stays open until its end tag, or that of an element around it; what the parser closes by itself
(<p>, <li>, table rows) or what is always empty (<br>, <img>) is not counted.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled, part
from pipeline.extract.markup import (
    ATTRIBUTE_ENDS,
    EQUALS,
    GREATER,
    LESS,
    LETTER,
    NAME_ENDS,
    SLASH,
    Bytes,
    find,
    hash_name,
    hash_of,
    past_markup,
    past_raw,
    past_space,
    past_value,
    until,
)

PLAIN, UNCOUNTED, RAW, BLOCK, SCOPE, FOREIGN = range(6)
KINDS = {
    UNCOUNTED: (
        "area base br col embed hr img input link meta param source track wbr "
        "html head body p li dt dd tr td th thead tbody tfoot colgroup option optgroup rb rp rt rtc"
    ),
    RAW: "script style textarea title xmp iframe noembed noframes",
    # These outlive the end tag of a plain element around them, not that of a block.
    BLOCK: (
        "address article aside blockquote button center details dialog dir div dl fieldset "
        "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup listing main menu nav ol "
        "pre section select summary ul"
    ),
    # No end tag but that of another of these reaches through.
    SCOPE: "applet caption marquee object table template",
    FOREIGN: "svg math",  # a scope, too; only in there does <path/> close itself
}


class Tags(NamedTuple):
    """What a page's tags amount to, as far as they were read."""

    tags: int  # start tags
    depth: int  # the most elements open at once
    attributes: int  # the most of one tag


def scan(html: bytes, *, deepest: int) -> Tags:
    """Read the tags of a page in UTF-8, until more than `deepest` elements are open."""
    page = np.frombuffer(html, np.uint8)
    stack, kinds = np.empty(deepest + 1, np.uint64), np.empty(deepest + 1, np.uint8)
    return Tags(*_scan(page, _HASHES, _KIND_OF, stack, kinds))


@compiled
def _scan(
    page: Bytes, hashes: NDArray[np.uint64], kind_of: Bytes, stack: NDArray[np.uint64], kinds: Bytes
) -> tuple[int, int, int]:
    count = depth = most = size = place = 0
    foreign = -1  # the level of the outermost <svg> or <math>
    while size < len(stack):
        place = find(page, place, LESS)
        if place >= len(page) - 1:
            break
        ends = page[place + 1] == SLASH
        start = place + 2 if ends else place + 1
        if start >= len(page) or not LETTER[page[start]]:
            place = past_markup(page, place + 1)
            continue
        stop = until(page, start, NAME_ENDS)
        name = hash_name(page, start, stop)
        kind = _kind(name, hashes, kind_of)
        place, attributes = _past_attributes(page, stop)
        if ends:
            size = _closed(name, kind, stack, kinds, size)
            foreign = foreign if size > foreign else -1
            continue
        count, most = count + 1, max(most, attributes)
        if kind == RAW and foreign < 0:
            place = past_raw(page, place, name, stop - start)
        elif not _is_empty(page, place, kind, foreign):
            foreign = size if kind == FOREIGN and foreign < 0 else foreign
            stack[size], kinds[size] = name, kind
            size += 1
            depth = max(depth, size)
    return count, depth, most


@part
def _is_empty(page: Bytes, place: int, kind: int, foreign: int) -> bool:
    """Whether the start tag that ends before `place` opens nothing."""
    closes = page[min(place, len(page)) - 2] == SLASH  # past the end, where it has none
    return kind == UNCOUNTED or (closes and foreign >= 0 and kind == PLAIN)


@part
def _closed(name: np.uint64, kind: int, stack: NDArray[np.uint64], kinds: Bytes, size: int) -> int:
    """How many elements are open after an end tag; as many as before where it closes none."""
    for level in range(size - 1, -1, -1):
        if stack[level] == name:
            return level
        if kinds[level] >= SCOPE > kind or (kinds[level] == BLOCK and kind == PLAIN):
            return size
    return size


@part
def _past_attributes(page: Bytes, place: int) -> tuple[int, int]:
    """The place after the tag's `>`, and the attributes before it."""
    count = 0
    while place < len(page):
        if page[place] == GREATER:
            return place + 1, count
        if NAME_ENDS[page[place]]:
            place += 1
            continue
        count += 1
        place = past_space(page, until(page, place + 1, ATTRIBUTE_ENDS))
        if place < len(page) and page[place] == EQUALS:
            place = past_value(page, past_space(page, place + 1))
    return place, count


@part
def _kind(name: np.uint64, hashes: NDArray[np.uint64], kind_of: Bytes) -> int:
    at, after = 0, len(hashes)
    while at < after:  # searched here: numba's own search brings SciPy along
        middle = (at + after) // 2
        if hashes[middle] < name:
            at = middle + 1
        else:
            after = middle
    return kind_of[at] if at < len(hashes) and hashes[at] == name else PLAIN


_NAMED = sorted((hash_of(name), kind) for kind in KINDS for name in KINDS[kind].split())
_HASHES = np.array([value for value, _ in _NAMED], np.uint64)
_KIND_OF = np.array([kind for _, kind in _NAMED], np.uint8)
