"""What a page would cost a parser, read off its tags in one linear pass, before any parser runs.

The scan follows the tokenizer of the HTML standard (html.spec.whatwg.org, 13.2.5) where it matters:
quoted attributes, comments, raw text in <script> and the like. Depth is an estimate: an element
stays open until its end tag, or that of an element around it; what the parser closes by itself
(<p>, <li>, table rows) or what is always empty (<br>, <img>) is not counted.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numba as nb
import numpy as np
from numpy.typing import NDArray

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

_FNV_OFFSET, _FNV_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_LESS, _GREATER, _SLASH, _EQUALS, _DASH = b"<>/=-"
_SPACE = np.isin(np.arange(256), list(b"\t\n\f\r "))
_NAME_ENDS = _SPACE | np.isin(np.arange(256), list(b"/>"))
_ATTRIBUTE_ENDS = _NAME_ENDS | (np.arange(256) == _EQUALS)
_VALUE_ENDS = _SPACE | (np.arange(256) == _GREATER)
_LETTER = np.isin(np.arange(256), list(range(65, 91)) + list(range(97, 123)))

Bytes = NDArray[np.uint8]
F = TypeVar("F", bound=Callable[..., Any])


def _inner(function: F) -> F:
    """Compile a function that only compiled code calls: without a way in, a third faster."""
    options: Any = {"cache": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    compiled: F = nb.njit(**options)(function)
    return compiled


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


@nb.njit(cache=True)
def _scan(
    page: Bytes, hashes: NDArray[np.uint64], kind_of: Bytes, stack: NDArray[np.uint64], kinds: Bytes
) -> tuple[int, int, int]:
    count = depth = most = size = place = 0
    foreign = -1  # the level of the outermost <svg> or <math>
    while size < len(stack):
        place = _find(page, place, _LESS)
        if place >= len(page) - 1:
            break
        ends = page[place + 1] == _SLASH
        start = place + 2 if ends else place + 1
        if start >= len(page) or not _LETTER[page[start]]:
            place = _past_markup(page, place + 1)
            continue
        stop = _until(page, start, _NAME_ENDS)
        name = _hash(page, start, stop)
        kind = _kind(name, hashes, kind_of)
        place, attributes = _past_attributes(page, stop)
        if ends:
            size = _closed(name, kind, stack, kinds, size)
            foreign = foreign if size > foreign else -1
            continue
        count, most = count + 1, max(most, attributes)
        if kind == RAW and foreign < 0:
            place = _past_raw(page, place, name, stop - start)
        elif not _is_empty(page, place, kind, foreign):
            foreign = size if kind == FOREIGN and foreign < 0 else foreign
            stack[size], kinds[size] = name, kind
            size += 1
            depth = max(depth, size)
    return count, depth, most


@_inner
def _is_empty(page: Bytes, place: int, kind: int, foreign: int) -> bool:
    """Whether the start tag that ends before `place` opens nothing."""
    return kind == UNCOUNTED or (foreign >= 0 and kind == PLAIN and page[place - 2] == _SLASH)


@_inner
def _closed(name: np.uint64, kind: int, stack: NDArray[np.uint64], kinds: Bytes, size: int) -> int:
    """How many elements are open after an end tag; as many as before where it closes none."""
    for level in range(size - 1, -1, -1):
        if stack[level] == name:
            return level
        if kinds[level] >= SCOPE > kind or (kinds[level] == BLOCK and kind == PLAIN):
            return size
    return size


@_inner
def _past_attributes(page: Bytes, place: int) -> tuple[int, int]:
    """The place after the tag's `>`, and the attributes before it."""
    count = 0
    while place < len(page):
        if page[place] == _GREATER:
            return place + 1, count
        if _NAME_ENDS[page[place]]:
            place += 1
            continue
        count += 1
        place = _past_space(page, _until(page, place + 1, _ATTRIBUTE_ENDS))
        if place < len(page) and page[place] == _EQUALS:
            place = _past_value(page, _past_space(page, place + 1))
    return place, count


@_inner
def _past_value(page: Bytes, place: int) -> int:
    if place < len(page) and (page[place] == 34 or page[place] == 39):  # a quote
        return _find(page, place + 1, page[place]) + 1
    return _until(page, place, _VALUE_ENDS)


@_inner
def _past_markup(page: Bytes, place: int) -> int:
    """The place after a comment or declaration whose `<` is before `place`, or after that `<`."""
    if page[place] != 33 and page[place] != 63 and page[place] != _SLASH:  # ! and ?
        return place
    if page[place] != 33 or page[place + 1 : place + 3].sum() != 2 * _DASH:
        return _find(page, place, _GREATER) + 1
    at = place + 1
    while at < len(page):  # <!--> is a whole comment, too
        at = _find(page, at, _GREATER) + 1
        if at - 3 > place and page[at - 2] == _DASH and page[at - 3] == _DASH:
            break
    return at


@_inner
def _past_raw(page: Bytes, place: int, name: np.uint64, length: int) -> int:
    """The place of the end tag of an element that holds no tags."""
    while True:
        place = _find(page, place, _LESS)
        stop = place + 2 + length
        if stop >= len(page):
            return len(page)
        ends = page[place + 1] == _SLASH and _NAME_ENDS[page[stop]]
        if ends and _hash(page, place + 2, stop) == name:
            return place
        place += 1


@_inner
def _past_space(page: Bytes, place: int) -> int:
    while place < len(page) and _SPACE[page[place]]:
        place += 1
    return place


@_inner
def _until(page: Bytes, place: int, ends: NDArray[np.bool_]) -> int:
    while place < len(page) and not ends[page[place]]:
        place += 1
    return place


@_inner
def _find(page: Bytes, place: int, wanted: int) -> int:
    while place < len(page) and page[place] != wanted:
        place += 1
    return place


@_inner
def _kind(name: np.uint64, hashes: NDArray[np.uint64], kind_of: Bytes) -> int:
    at = np.searchsorted(hashes, name)
    return kind_of[at] if at < len(hashes) and hashes[at] == name else PLAIN


@_inner
def _hash(page: Bytes, start: int, stop: int) -> np.uint64:
    """64-bit FNV-1a (RFC 9923) of a name in lower case."""
    value = _FNV_OFFSET
    for place in range(start, stop):
        letter = page[place] + 32 if 65 <= page[place] <= 90 else page[place]
        value = (value ^ np.uint64(letter)) * _FNV_PRIME
    return value


def _hash_of(name: str) -> int:
    value = 0xCBF29CE484222325
    for letter in name.encode():
        value = (value ^ letter) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


_NAMED = sorted((_hash_of(name), kind) for kind in KINDS for name in KINDS[kind].split())
_HASHES = np.array([value for value, _ in _NAMED], np.uint64)
_KIND_OF = np.array([kind for _, kind in _NAMED], np.uint8)
