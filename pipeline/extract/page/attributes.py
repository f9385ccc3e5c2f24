"""What a tag's attributes say of its element: hints in class and id, and the page's language."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import part
from pipeline.extract.markup import (
    ATTRIBUTE_ENDS,
    EQUALS,
    FNV_OFFSET,
    FNV_PRIME,
    GREATER,
    LETTER,
    NAME_ENDS,
    Bytes,
    hash_name,
    past_space,
    past_value,
    until,
)
from pipeline.extract.page import names

# Where the reading of a page is: how many elements are open, how many are made, and so on.
SIZE, COUNT, TEXTS, GAP, SPACED, TITLE, TITLE_END, LANGUAGE, LANGUAGE_END = range(9)

_ATTRIBUTE_KEYS, _ATTRIBUTE_VALUES = names.ATTRIBUTE_TABLE
_HINT_KEYS, _HINT_VALUES = names.HINT_TABLE
_HIDDEN_BY_STYLE = names.HIDDEN_BY_STYLE
_CLASS, _ID, _ROLE, _ITEMPROP, _HIDDEN, _ARIA_HIDDEN, _STYLE, _LANG = range(1, 9)
_HTML = names.NUMBER["html"]


@part
def attributes(
    page: Bytes,
    place: int,
    hints: NDArray[np.uint64],
    element: int,
    tag: int,
    at: NDArray[np.int64],
) -> int:
    """The place after the tag's `>`; what its attributes hint at is noted for the element."""
    hints[element] = 0
    while place < len(page):
        if page[place] == GREATER:
            return place + 1
        if NAME_ENDS[page[place]]:
            place += 1
            continue
        start = place
        place = until(page, place + 1, ATTRIBUTE_ENDS)
        name: Any = np.int64(
            look_up(hash_name(page, start, place), _ATTRIBUTE_KEYS, _ATTRIBUTE_VALUES)
        )
        place = past_space(page, place)
        start = place
        if place < len(page) and page[place] == EQUALS:
            start = past_space(page, place + 1)
            place = past_value(page, start)
        if name:
            hints[element] |= _hinted(page, start, min(place, len(page)), name)
            if name == _LANG and tag == _HTML and at[LANGUAGE_END] == 0:
                at[LANGUAGE], at[LANGUAGE_END] = start, min(place, len(page))
    return place


@part
def _hinted(page: Bytes, start: int, stop: int, name: int) -> np.uint64:
    """What an attribute's value says of its element."""
    if name <= _ITEMPROP:
        return _words(page, start, stop)
    if name == _HIDDEN:
        return _HIDDEN_BY_STYLE
    if name == _STYLE and _has_none(page, start, stop):
        return _HIDDEN_BY_STYLE
    return np.uint64(0)


@part
def _words(page: Bytes, start: int, stop: int) -> np.uint64:
    """The hints of the words in `main-content`, `mainContent` and `main_content`."""
    found, value, length = np.uint64(0), FNV_OFFSET, 0
    was_lower = False
    for place in range(start, stop + 1):
        byte = page[place] if place < stop else np.uint8(32)
        is_upper = 65 <= byte <= 90
        if length and (not LETTER[byte] or (is_upper and was_lower)):
            found |= look_up(value, _HINT_KEYS, _HINT_VALUES)
            value, length = FNV_OFFSET, 0
        if LETTER[byte]:
            letter = byte + 32 if is_upper else byte
            value = (value ^ np.uint64(letter)) * FNV_PRIME
            length += 1
        was_lower = LETTER[byte] and not is_upper
    return found


@part
def _has_none(page: Bytes, start: int, stop: int) -> bool:
    """Whether a style says `display: none`."""
    for place in range(start, stop - 11):
        if page[place] == 100 and page[place + 6] == 121 and page[place + 7] == 58:  # d, y, :
            at = past_space(page, place + 8)
            if at + 3 < stop and page[at] == 110 and page[at + 1] == 111 and page[at + 3] == 101:
                return True
    return False


@part
def look_up(hashed: np.uint64, keys: NDArray[np.uint64], values: NDArray[np.uint64]) -> np.uint64:
    """The value of a name in a table of names.table; 0 for one that is not there."""
    mask = np.uint64(len(keys) - 1)
    place = hashed & mask
    while keys[place] != 0:
        if keys[place] == hashed:
            value: np.uint64 = values[place]
            return value
        place = (place + np.uint64(1)) & mask
    return np.uint64(0)
