"""Counting the words of each document in one pass over its bytes."""

from typing import Any

import numpy as np

from pipeline.compiling import compiled, part
from pipeline.signals.kernels.characters import FORMULA, LETTER, SPACE, UNSEGMENTED, WORDLIKE
from pipeline.signals.kernels.hashing import FNV_PRIME, FNV_START, slot_of
from pipeline.signals.kernels.stop_words import ENGLISH
from pipeline.signals.kernels.utf8 import code_point

Array = np.ndarray[Any, Any]

COUNTS = (
    *("characters", "letters", "unsegmented"),  # letters of scripts without spaces
    *("runs", "words", "alphabetic", "word_characters"),  # runs: signs as well
    "words_and_marks",  # words, the signs before and behind them, and those between spaces
    *("stop_words", "english_stop_words"),
)


@compiled
def count_words(
    data: Array, offsets: Array, kinds: Array, lower: Array, hashes: Array, languages: Array
) -> Array:
    """Count characters, words and stop words.

    A word is a run of characters that are not white space, with a letter, mark or digit among them:
    the bars of a table and the bullets of a list are no words. Such signs are counted as `runs`, as
    words are, unless they are those of formulas (a plus between spaces). Stop words are different
    ones, in the language that the document has most of, and in English; they are compared in lower
    case, by their letters, marks and digits alone.

    Args:
        data: the bytes of all documents, uint8.
        offsets: (n + 1,) int64: document i is `data[offsets[i]:offsets[i + 1]]`.
        kinds: what each code point is, `characters.kinds()`.
        lower: the lower case of each code point, `characters.lower_case()`.
        hashes: of the stop words, an open hash table, `stop_words.stop_word_table()`.
        languages: of each slot of `hashes`, as bits.

    Returns:
        (n, len(COUNTS)) int64.
    """
    counts = np.zeros((len(offsets) - 1, len(COUNTS)), np.int64)
    seen_in = np.zeros(len(hashes), np.int64)  # how far the documents with this stop word reach
    found = np.zeros(64, np.int64)  # different stop words, by language
    for row in range(len(offsets) - 1):
        found[:] = 0
        at, stop = offsets[row], offsets[row + 1]
        characters, letters, unsegmented, parts = 0, 0, 0, 0
        runs, words, alphabetic, inside = 0, 0, 0, 0
        while at < stop:
            first = kinds[code_point(data, at)[0]]
            at, length, space, seen, shared, last, some, them, value = _run(
                data, at, stop, kinds, lower
            )
            characters += length + space
            letters, unsegmented, parts = letters + some, unsegmented + them, parts + (length > 0)
            runs += length > 0 and not shared & FORMULA
            if seen & WORDLIKE:
                words, inside = words + 1, inside + length
                parts += ((first & WORDLIKE) == 0) + ((last & WORDLIKE) == 0)
                alphabetic += (seen & LETTER) != 0
                slot = slot_of(hashes, value)
                if hashes[slot] == value and seen_in[slot] <= row:
                    seen_in[slot] = row + 1
                    _add_languages(languages[slot], found)
        of_words = (runs, words, alphabetic, inside, parts, _most(found), found[ENGLISH])
        for column, count in enumerate((characters, letters, unsegmented, *of_words)):
            counts[row, column] = count
    return counts


@part
def _run(
    data: Array, start: int, stop: int, kinds: Array, lower: Array
) -> tuple[int, int, int, int, int, int, int, int, np.uint64]:
    """Read the characters up to the next white space, or up to `stop`.

    Returns:
        The byte behind the white space; how many characters lie before it; 1, or 0 where there is
        none; the bits that any of these characters has, those that all of them have, and those of
        the last; how many are letters, and how many of those are of a script without spaces; and
        the hash of the letters, marks and digits in lower case.
    """
    at, length, seen, shared, last, letters, unsegmented = start, 0, 0, FORMULA, 0, 0, 0
    value = FNV_START
    while at < stop:
        point, size = code_point(data, at)
        kind = kinds[point]
        at += size
        if kind & SPACE:
            return at, length, 1, seen, shared, last, letters, unsegmented, value
        length += 1
        last = kind
        seen |= kind
        shared &= kind
        letters += (kind & LETTER) != 0
        unsegmented += (kind & UNSEGMENTED) != 0
        if kind & WORDLIKE:
            value = (value ^ np.uint64(lower[point])) * FNV_PRIME
    return at, length, 0, seen, shared, last, letters, unsegmented, value


@part
def _most(found: Array) -> int:
    most = 0
    for language in range(64):
        most = max(most, found[language])
    return most


@part
def _add_languages(bits: np.uint64, found: Array) -> None:
    for language in range(64):
        found[language] += (bits >> np.uint64(language)) & np.uint64(1)
