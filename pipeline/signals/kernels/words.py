"""Counting the words of each document in one pass over its bytes."""

from typing import Any

import numpy as np

from pipeline.signals.kernels.characters import LETTER, SPACE, UNSEGMENTED, WORDLIKE
from pipeline.signals.kernels.compiled import code_point, compiled

Array = np.ndarray[Any, Any]

COUNTS = ("characters", "letters", "unsegmented", "words", "alphabetic", "word_characters")
CHARACTERS, LETTERS, UNSEGMENTED_LETTERS, WORDS, ALPHABETIC, WORD_CHARACTERS = range(6)

FNV_START = np.uint64(0xCBF29CE484222325)
FNV_PRIME = np.uint64(0x100000001B3)


@compiled
def count_words(data: Array, offsets: Array, kinds: Array) -> Array:
    """Count characters and words.

    A word is a run of characters that are not white space, with a letter, mark or digit among them:
    the bars of a table and the bullets of a list are no words.

    Args:
        data: the bytes of all documents, uint8.
        offsets: (n + 1,) int64: document i is `data[offsets[i]:offsets[i + 1]]`.
        kinds: what each code point is, `characters.kinds()`.

    Returns:
        (n, len(COUNTS)) int64.
    """
    counts = np.zeros((len(offsets) - 1, len(COUNTS)), np.int64)
    for row in range(len(offsets) - 1):
        at, start, seen = offsets[row], 0, 0
        while at < offsets[row + 1]:
            point, size = code_point(data, at)
            at += size
            kind = kinds[point]
            counts[row, CHARACTERS] += 1
            if kind & SPACE:
                _count_word(seen, counts[row, CHARACTERS] - 1 - start, counts[row])
                start, seen = counts[row, CHARACTERS], 0
                continue
            seen |= kind
            if kind & LETTER:
                counts[row, LETTERS] += 1
                counts[row, UNSEGMENTED_LETTERS] += (kind & UNSEGMENTED) != 0
        _count_word(seen, counts[row, CHARACTERS] - start, counts[row])
    return counts


@compiled
def _count_word(seen: int, length: int, counts: Array) -> None:
    """Count a run of characters, `seen` being the bits of any of them, if it is a word."""
    if seen & WORDLIKE:
        counts[WORDS] += 1
        counts[WORD_CHARACTERS] += length
        counts[ALPHABETIC] += (seen & LETTER) != 0


@compiled
def count_stop_words(
    data: Array, offsets: Array, kinds: Array, lower: Array, hashes: Array, languages: Array
) -> Array:
    """How many different stop words each document holds, in the language it has most of.

    Words are compared in lower case, by their letters, marks and digits alone.

    Args:
        data: the bytes of all documents, uint8.
        offsets: (n + 1,) int64.
        kinds: what each code point is, `characters.kinds()`.
        lower: the lower case of each code point, `characters.lower_case()`.
        hashes: of the stop words, an open hash table, `stop_words.stop_word_table()`.
        languages: of each slot of `hashes`, as bits.

    Returns:
        (n,) int64.
    """
    most = np.zeros(len(offsets) - 1, np.int64)
    seen_in = np.full(len(hashes), -1, np.int64)  # the last document that had this stop word
    found = np.zeros(64, np.int64)  # different stop words, by language
    for row in range(len(offsets) - 1):
        found[:] = 0
        at, value = offsets[row], FNV_START
        while at < offsets[row + 1]:
            point, size = code_point(data, at)
            at += size
            kind = kinds[point]
            if kind & WORDLIKE:
                value = (value ^ np.uint64(lower[point])) * FNV_PRIME
            if kind & SPACE or at >= offsets[row + 1]:
                slot = _slot(value, hashes)
                if hashes[slot] == value and seen_in[slot] != row:
                    seen_in[slot] = row
                    _add_languages(languages[slot], found)
                value = FNV_START
        for language in range(64):
            most[row] = max(most[row], found[language])
    return most


@compiled
def _slot(value: np.uint64, hashes: Array) -> np.uint64:
    """Where a hash is in the table, or the free slot that says it is not there."""
    mask = np.uint64(len(hashes) - 1)
    slot = value & mask
    while hashes[slot] != np.uint64(0) and hashes[slot] != value:
        slot = (slot + np.uint64(1)) & mask
    return slot


@compiled
def _add_languages(bits: np.uint64, found: Array) -> None:
    for language in range(64):
        found[language] += (bits >> np.uint64(language)) & np.uint64(1)
