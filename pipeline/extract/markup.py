"""The bytes of a page's markup: what the compiled scans of it share.

As the tokenizer of the HTML standard has it (html.spec.whatwg.org, 13.2.5).
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import part

Bytes = NDArray[np.uint8]

FNV_OFFSET, FNV_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
LESS, GREATER, SLASH, EQUALS, DASH = b"<>/=-"
SPACE = np.isin(np.arange(256), list(b"\t\n\f\r "))
NAME_ENDS = SPACE | np.isin(np.arange(256), list(b"/>"))
ATTRIBUTE_ENDS = NAME_ENDS | (np.arange(256) == EQUALS)
VALUE_ENDS = SPACE | (np.arange(256) == GREATER)
LETTER = np.isin(np.arange(256), list(range(65, 91)) + list(range(97, 123)))


@part
def past_value(page: Bytes, place: int) -> int:
    """The place after an attribute's value."""
    if place < len(page) and (page[place] == 34 or page[place] == 39):  # a quote
        return find(page, place + 1, page[place]) + 1
    return until(page, place, VALUE_ENDS)


@part
def past_markup(page: Bytes, place: int) -> int:
    """The place after a comment or declaration whose `<` is before `place`, or after that `<`."""
    if page[place] != 33 and page[place] != 63 and page[place] != SLASH:  # ! and ?
        return place
    dashes = place + 2 < len(page) and page[place + 1] == DASH and page[place + 2] == DASH
    if page[place] != 33 or not dashes:
        return find(page, place, GREATER) + 1
    at = place + 1
    while at < len(page):  # <!--> is a whole comment, too
        at = find(page, at, GREATER) + 1
        if at - 3 > place and page[at - 2] == DASH and page[at - 3] == DASH:
            break
    return at


@part
def past_raw(page: Bytes, place: int, name: np.uint64, length: int) -> int:
    """The place of the end tag of an element that holds no tags."""
    while True:
        place = find(page, place, LESS)
        stop = place + 2 + length
        if stop >= len(page):
            return len(page)
        ends = page[place + 1] == SLASH and NAME_ENDS[page[stop]]
        if ends and hash_name(page, place + 2, stop) == name:
            return place
        place += 1


@part
def past_space(page: Bytes, place: int) -> int:
    """The place of the first byte that is no white space."""
    while place < len(page) and SPACE[page[place]]:
        place += 1
    return place


@part
def until(page: Bytes, place: int, ends: NDArray[np.bool_]) -> int:
    """The place of the first byte that ends a name."""
    while place < len(page) and not ends[page[place]]:
        place += 1
    return place


@part
def find(page: Bytes, place: int, wanted: int) -> int:
    """The place of a byte; the page's length where it does not come again."""
    while place < len(page) and page[place] != wanted:
        place += 1
    return place


@part
def hash_name(page: Bytes, start: int, stop: int) -> np.uint64:
    """64-bit FNV-1a (RFC 9923) of a name in lower case."""
    value = FNV_OFFSET
    for place in range(start, stop):
        letter = page[place] + 32 if 65 <= page[place] <= 90 else page[place]
        value = (value ^ np.uint64(letter)) * FNV_PRIME
    return value


def hash_of(name: str) -> int:
    """What `hash_name` gives of a name, without compiling anything."""
    value = int(FNV_OFFSET)
    for letter in name.lower().encode():
        value = (value ^ letter) * int(FNV_PRIME) % 2**64
    return value
