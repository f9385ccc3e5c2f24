"""Shingles: the runs of n words that texts are compared by, each as a number.

A word is a run of letters, digits and marks in lower case; anything else only separates. Scripts
written without spaces (Han, kana, Thai, ...) have no such runs: there a word is one character, if
nothing else is asked for.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.compiling import compiled, part
from pipeline.dedup.shingling import Shingling, Unspaced
from pipeline.kept_arrays import Arrays, kept, source_of

_SEPARATOR, _BEYOND = 0, 1  # of a byte: it ends words; it is part of a longer character
_ALONE = np.uint32(1 << 31)  # of a character: it is a word by itself
_PLANES = 0x40000  # above lie only variation selectors, tags and private use: separators
_LETTERS = r"^[\p{L}\p{M}\p{N}]$"
_UNSPACED = (
    r"^[\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Yi}"
    r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}\p{Tai_Tham}\p{New_Tai_Lue}]$"
)
_FNV_OFFSET, _FNV_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 divided by the golden ratio


def shingles(texts: pa.Array, shingling: Shingling) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The distinct shingles of every text.

    A shingle's number comes from 64-bit FNV-1a hashes of its words, mixed one after the other:
    a shingle of five words costs no more than one of one word.

    Args:
        texts: strings without nulls, (d,).
        shingling: what a shingle is.

    Returns:
        The numbers, as they first come in a text; and bounds, (d + 1,): text i has those from
        `bounds[i]` to `bounds[i + 1]`. A text without a word has none.

    Source:
        FNV-1a: Fowler, Noll and Vo, RFC 9923.
    """
    whole = texts.cast(pa.large_string())
    if not len(whole):
        return np.empty(0, np.uint32), np.zeros(1, np.int64)
    _, starts, content = whole.buffers()
    data = np.frombuffer(content, np.uint8) if content else np.empty(0, np.uint8)
    bounds = np.frombuffer(starts, np.int64)[whole.offset :][: len(whole) + 1]
    of_bytes, folded = _folded(shingling.unspaced)
    return _shingles(data, bounds, of_bytes, folded, shingling.words)


@kept(source_of(__file__), packages=("pyarrow",))
def _folded(unspaced: Unspaced) -> Arrays:
    """What bytes and characters are in words: from Arrow's tables, which Python's do not change.

    Returns:
        For every byte, (256,): itself in lower case, `_SEPARATOR`, or `_BEYOND` where it is no
        ASCII; for every character, (_PLANES,): its code in lower case, with `_ALONE` where it is
        a word by itself, or `_SEPARATOR`.
    """
    codes = np.array([c for c in range(0x20000) if not 0xD800 <= c < 0xE000], np.uint32)
    characters = pc.utf8_lower(pa.array([chr(code) for code in codes]))
    letters = pc.match_substring_regex(characters, _LETTERS).to_numpy(zero_copy_only=False)
    alone = pc.match_substring_regex(characters, _UNSPACED).to_numpy(zero_copy_only=False)
    lower = np.array([ord(character) for character in characters.to_pylist()], np.uint32)
    folded = np.arange(_PLANES, dtype=np.uint32) | _ALONE  # planes 2 and 3: Han characters only
    folded[:0x20000] = _SEPARATOR
    folded[codes] = np.where(letters, lower | np.where(alone, _ALONE, np.uint32(0)), _SEPARATOR)
    if unspaced == "runs":
        folded &= ~_ALONE
    of_bytes = np.full(256, _BEYOND, np.uint8)
    of_bytes[:0x80] = folded[:0x80]
    return of_bytes, folded


@compiled
def _shingles(
    data: NDArray[np.uint8],
    bounds: NDArray[np.int64],
    of_bytes: NDArray[np.uint8],
    folded: NDArray[np.uint32],
    words: int,
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The distinct numbers of every text's shingles, and where each text's begin and end."""
    longest = np.int64(0)
    for text in range(len(bounds) - 1):
        longest = max(longest, bounds[text + 1] - bounds[text])
    # A byte begins one word at most, and the last word's hash is written once more than it counts.
    found = np.empty(max(bounds[-1] - bounds[0], 1), np.uint32)
    hashes = np.empty(longest + 1, np.uint64)
    ends = np.zeros(len(bounds), np.int64)
    seen = np.empty(0, np.uint64)  # a hash table: text, from 1, and number
    for text in range(len(bounds) - 1):
        count = _words(data, bounds[text], bounds[text + 1], of_bytes, folded, hashes)
        if len(seen) < 2 * count:
            size = 1024
            while size < 2 * count:
                size *= 2
            seen = np.zeros(size, np.uint64)
        filled = ends[text]
        width = min(words, count)
        for first in range(count - width + 1 if count else 0):
            number = _shingle(hashes, first, width)
            found[filled] = number
            filled += _new(seen, np.uint64(text + 1), number)
        ends[text + 1] = filled
    return found[: ends[-1]], ends


@part
def _new(seen: NDArray[np.uint64], text: np.uint64, number: np.uint32) -> bool:
    """Put a number into the table of a text; whether it was not there."""
    mask = np.uint64(len(seen) - 1)
    wanted = (text << np.uint64(32)) | np.uint64(number)
    place = np.uint64(number) & mask
    while seen[place] >> np.uint64(32) == text:
        if seen[place] == wanted:
            return False
        place = (place + np.uint64(1)) & mask
    seen[place] = wanted
    return True


@part
def _shingle(hashes: NDArray[np.uint64], first: int, width: int) -> np.uint32:
    """The 32-bit number of the words from `first` on."""
    value = _FNV_OFFSET
    for word in range(first, first + width):
        value = (value ^ hashes[word]) * _MIX
        value ^= value >> np.uint64(29)
    return np.uint32(value >> np.uint64(32))


@part
def _words(
    data: NDArray[np.uint8],
    start: int,
    stop: int,
    of_bytes: NDArray[np.uint8],
    folded: NDArray[np.uint32],
    hashes: NDArray[np.uint64],
) -> int:
    """Put the hashes of the text's words into `hashes`; how many there are."""
    count, value, inside = 0, _FNV_OFFSET, False
    at = start
    while at < stop:
        byte = of_bytes[data[at]]
        if byte != _BEYOND:  # no branch at the ends of words: they cannot be foreseen
            hashes[count] = value
            at += 1
            letter = byte != _SEPARATOR
            count += inside and not letter
            value = (value ^ np.uint64(byte)) * _FNV_PRIME if letter else _FNV_OFFSET
            inside = letter
            continue
        code, at = _character(data, at, stop)
        lower = folded[code] if code < _PLANES else np.uint32(_SEPARATOR)
        alone = lower >= _ALONE
        if inside and (alone or lower == _SEPARATOR):
            hashes[count] = value
            count, value, inside = count + 1, _FNV_OFFSET, False
        if lower != _SEPARATOR:
            value, inside = _hashed(value, lower & ~_ALONE), True
        if alone:
            hashes[count] = value
            count, value, inside = count + 1, _FNV_OFFSET, False
    if inside:
        hashes[count] = value
        count += 1
    return count


@part
def _hashed(value: np.uint64, code: np.uint32) -> np.uint64:
    """A word's hash, continued with the UTF-8 bytes of a character."""
    if code < 0x80:
        return (value ^ np.uint64(code)) * _FNV_PRIME
    more = 1 if code < 0x800 else 2 if code < 0x10000 else 3  # bytes after the first
    first = (0xFF00 >> (more + 1)) & 0xFF | (code >> (6 * more))
    value = (value ^ np.uint64(first)) * _FNV_PRIME
    for byte in range(more - 1, -1, -1):
        value = (value ^ np.uint64(0x80 | (code >> (6 * byte)) & 0x3F)) * _FNV_PRIME
    return value


@part
def _character(data: NDArray[np.uint8], at: int, stop: int) -> tuple[int, int]:
    """The code of the UTF-8 character at `at`, and where the next one is."""
    first = np.int64(data[at])
    length = 2 if first < 0xE0 else 3 if first < 0xF0 else 4
    code = int(first & (0x7F >> length))
    after = min(at + length, stop)
    for i in range(at + 1, after):
        code = (code << 6) | int(data[i] & 0x3F)
    return code, after
