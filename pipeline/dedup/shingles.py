"""Shingles: the runs of n words that texts are compared by, each as a number.

A word is a run of letters, digits and marks in lower case; anything else only separates. Scripts
written without spaces (Han, kana, Thai, ...) have no such runs: there a word is one character.
"""

from functools import cache

import numba as nb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_SEPARATOR, _LETTER, _ALONE = 0, 1, 2  # what a character is to a word
_PLANES = 0x40000  # above lie only variation selectors, tags and private use: separators
_LETTERS = r"^[\p{L}\p{M}\p{N}]$"
_UNSPACED = (
    r"^[\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Yi}"
    r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}\p{Tai_Tham}\p{New_Tai_Lue}]$"
)
_FNV_OFFSET, _FNV_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 divided by the golden ratio


def shingles(texts: pa.Array, words: int) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The distinct shingles of every text.

    A shingle's number comes from 64-bit FNV-1a hashes of its words, mixed one after the other:
    a shingle of five words costs no more than one of one word.

    Args:
        texts: strings without nulls, (d,).
        words: words of a shingle; a text with fewer words is one shingle.

    Returns:
        The numbers, as they first come in a text; and bounds, (d + 1,): text i has those from
        `bounds[i]` to `bounds[i + 1]`. A text without a word has none.

    Source:
        FNV-1a: Fowler, Noll and Vo, RFC 9923.
    """
    lower = pc.utf8_lower(texts.cast(pa.large_string()))
    if not len(lower):
        return np.empty(0, np.uint32), np.zeros(1, np.int64)
    content = lower.buffers()[2]
    data = np.frombuffer(content, np.uint8) if content else np.empty(0, np.uint8)
    bounds = np.frombuffer(lower.buffers()[1], np.int64)[lower.offset :][: len(lower) + 1]
    return _shingles(data, bounds, _character_classes(), words)


@cache
def _character_classes() -> NDArray[np.uint8]:
    """What each character is, (_PLANES,): from RE2's tables, which do not change with Python."""
    codes = [code for code in range(0x20000) if not 0xD800 <= code < 0xE000]
    characters = pa.array([chr(code) for code in codes])
    letters = pc.match_substring_regex(characters, _LETTERS).to_numpy(zero_copy_only=False)
    unspaced = pc.match_substring_regex(characters, _UNSPACED).to_numpy(zero_copy_only=False)
    classes = np.full(_PLANES, _SEPARATOR, np.uint8)
    classes[codes] = np.where(letters, np.where(unspaced, _ALONE, _LETTER), _SEPARATOR)
    classes[0x20000:_PLANES] = _ALONE  # planes 2 and 3 hold Han characters only
    return classes


@nb.njit(cache=True)
def _shingles(
    data: NDArray[np.uint8], bounds: NDArray[np.int64], classes: NDArray[np.uint8], words: int
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The distinct numbers of every text's shingles, and where each text's begin and end."""
    most = max(bounds[-1] - bounds[0], 1)
    found, hashes = np.empty(most, np.uint32), np.empty(most, np.uint64)  # of one text's words
    ends = np.zeros(len(bounds), np.int64)
    seen, of_text = np.empty(0, np.uint32), np.empty(0, np.int64)  # a hash table: number, text
    for text in range(len(bounds) - 1):
        filled = ends[text]
        count = _words(data, bounds[text], bounds[text + 1], classes, hashes)
        while len(seen) < 2 * count:
            size = max(2 * len(seen), 1024)
            seen, of_text = np.empty(size, np.uint32), np.full(size, -1, np.int64)
        width = min(words, count)
        for first in range(count - width + 1 if count else 0):
            number = _shingle(hashes, first, width)
            place = number & (len(seen) - 1)
            while of_text[place] == text and seen[place] != number:
                place = (place + 1) & (len(seen) - 1)
            if of_text[place] != text:
                of_text[place], seen[place] = text, number
                found[filled] = number
                filled += 1
        ends[text + 1] = filled
    return found[: ends[-1]], ends


@nb.njit(cache=True)
def _shingle(hashes: NDArray[np.uint64], first: int, width: int) -> np.uint32:
    """The 32-bit number of the words from `first` on."""
    value = _FNV_OFFSET
    for word in range(first, first + width):
        value = (value ^ hashes[word]) * _MIX
        value ^= value >> np.uint64(29)
    return np.uint32(value >> np.uint64(32))


@nb.njit(cache=True)
def _words(
    data: NDArray[np.uint8],
    start: int,
    stop: int,
    classes: NDArray[np.uint8],
    hashes: NDArray[np.uint64],
) -> int:
    """Put the hashes of the text's words into `hashes`; how many there are."""
    count, value, inside = 0, _FNV_OFFSET, False
    at = start
    while at < stop:
        code, after = _character(data, at, stop)
        kind = classes[code] if code < _PLANES else _SEPARATOR
        if inside and kind != _LETTER:
            hashes[count] = value
            count, value, inside = count + 1, _FNV_OFFSET, False
        if kind != _SEPARATOR:
            for i in range(at, after):  # a slice would cost more than what is done with it
                value = (value ^ np.uint64(data[i])) * _FNV_PRIME
            inside = True
        if kind == _ALONE:
            hashes[count] = value
            count, value, inside = count + 1, _FNV_OFFSET, False
        at = after
    if inside:
        hashes[count] = value
        count += 1
    return count


@nb.njit(cache=True)
def _character(data: NDArray[np.uint8], at: int, stop: int) -> tuple[int, int]:
    """The code of the UTF-8 character at `at`, and where the next one is."""
    first = data[at]
    if first < 0x80:
        return first, at + 1
    length = 2 if first < 0xE0 else 3 if first < 0xF0 else 4
    code = first & (0x7F >> length)
    after = min(at + length, stop)
    for i in range(at + 1, after):
        code = (code << 6) | (data[i] & 0x3F)
    return code, after
