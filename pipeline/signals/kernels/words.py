"""Counting the words of each document in one pass over its bytes."""

from typing import Any

import numpy as np

from pipeline.compiling import compiled, inlined, lean
from pipeline.eight_bytes import (
    HIGHS,
    NINES,
    SMALL,
    ZEROS,
    before_first,
    between_in,
    first_of,
    letters_in,
    lowest_first,
    number_of,
    odd_in,
)
from pipeline.signals.kernels.characters import FORMULA, LETTER, SPACE, UNSEGMENTED, WORDLIKE
from pipeline.signals.kernels.hashing import FNV_PRIME, FNV_START, slot_of
from pipeline.signals.kernels.stop_words import ENGLISH, PLACES, SHORT, SLOTS, StopTable
from pipeline.signals.kernels.utf8 import NOT_ASCII, code_point

Array = np.ndarray[Any, Any]

COUNTS = (
    *("characters", "letters", "unsegmented"),  # letters of scripts without spaces
    *("runs", "words", "alphabetic", "word_characters"),  # runs: signs as well
    "words_and_marks",  # words, the signs before and behind them, and those between spaces
    *("stop_words", "english_stop_words"),
)

NEW_LINE, BLANK = 0x0A, 0x20
NONE, PLACE = np.uint64(0), np.uint64(64 - PLACES)
SLOT, WORD = np.uint64(8 * SHORT), np.uint64((1 << 8 * SHORT) - 1)  # in `StopTable.packed`


@compiled
def count_words(data: Array, offsets: Array, kinds: Array, lower: Array, stops: StopTable) -> Array:
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
        stops: the stop words, `stop_words.stop_word_table()`.

    Returns:
        (n, len(COUNTS)) int64.
    """
    counts = np.zeros((len(offsets) - 1, len(COUNTS)), np.int64)
    seen_in = np.zeros(SLOTS + 1, np.int64)  # how far the documents with this stop word reach
    seen_in[SLOTS] = len(offsets)  # what is none is in all of them
    found = np.zeros(64, np.int64)  # different stop words, by language
    for row in range(len(offsets) - 1):
        found[:] = 0
        _count(data, offsets, row, kinds, lower, stops, seen_in, found, counts)
    return counts


@inlined
def _count(
    data: Array,
    offsets: Array,
    row: int,
    kinds: Array,
    lower: Array,
    stops: StopTable,
    seen_in: Array,
    found: Array,
    counts: Array,
) -> None:
    """Count the words of one document, and find its stop words."""
    at, stop = offsets[row], offsets[row + 1]
    characters, letters, unsegmented, parts = 0, 0, 0, 0
    runs, words, alphabetic, inside = 0, 0, 0, 0
    while at < stop:
        begin, first = at, kinds[code_point(data, at)[0]]
        space, shared, them = 1, 0, 0
        at, length, seen, last, some, slot = _plain_word(data, at, stop, kinds, lower, stops)
        if at == begin:
            at, length, space, seen, shared, last, some, them, slot = _run(
                data, at, stop, kinds, lower, stops
            )
        characters += length + space
        letters, unsegmented, parts = letters + some, unsegmented + them, parts + (length > 0)
        runs += length > 0 and not shared & FORMULA
        if seen & WORDLIKE:
            words, inside = words + 1, inside + length
            parts += ((first & WORDLIKE) == 0) + ((last & WORDLIKE) == 0)
            alphabetic += (seen & LETTER) != 0
            if seen_in[slot] <= row:
                seen_in[slot] = row + 1
                _add_languages(stops.languages[slot], found)
    of_words = (runs, words, alphabetic, inside, parts, _most(found), found[ENGLISH])
    for column, count in enumerate((characters, letters, unsegmented, *of_words)):
        counts[row, column] = count


@inlined
def _plain_word(
    data: Array, start: int, stop: int, kinds: Array, lower: Array, stops: StopTable
) -> tuple[int, int, int, int, int, int]:
    """Read a word of visible ASCII before a space or a line's end, eight bytes at a time.

    Returns:
        The byte behind the space, `start` if something else stands there; how many characters lie
        before it; the bits that any of them has, and those of the last; how many are letters; and
        the slot of the stop word that it is, `SLOTS` for none.
    """
    at, plain, letters, wordlike, bare, packed = start, 8, 0, 0, 0, NONE
    while plain == 8 and at + 8 <= stop and data[at] < NOT_ASCII:
        eight = lowest_first(data, at)
        odd = odd_in(eight)
        before, some = before_first(odd), letters_in(eight)
        them = (some | between_in(eight, ZEROS, NINES)) & before
        if at == start:
            whole = before_first(~them & HIGHS)
            bare, packed = number_of(whole & HIGHS), (eight | SMALL) & whole
        plain = first_of(odd)
        at, letters = at + plain, letters + number_of(some & before)
        wordlike += number_of(them)
    if plain == 8 or wordlike == 0 or data[at] not in (BLANK, NEW_LINE):
        return start, 0, 0, 0, 0, 0
    if bare >= min(wordlike, SHORT + 1):  # no sign stands before or within the word
        there = stops.packed[(packed * stops.spread) >> PLACE]
        slot = int(np.int64(there >> SLOT)) if there & WORD == packed else SLOTS
    else:
        slot = SLOTS if wordlike > SHORT else _slot(data, start, at, kinds, lower, stops)
    seen = WORDLIKE | (LETTER if letters else 0)
    return at + 1, at - start, seen, kinds[data[at - 1]], letters, slot


@inlined
def _run(
    data: Array, start: int, stop: int, kinds: Array, lower: Array, stops: StopTable
) -> tuple[int, int, int, int, int, int, int, int, int]:
    """Read the characters up to the next white space, or up to `stop`.

    Returns:
        The byte behind the white space; how many characters lie before it; 1, or 0 where there is
        none; the bits that any of these characters has, those that all of them have, and those of
        the last; how many are letters, and how many of those are of a script without spaces; and
        the slot of the stop word that they are, `SLOTS` for none.
    """
    at, length, seen, shared, last, letters, unsegmented = start, 0, 0, FORMULA, 0, 0, 0
    value, space = FNV_START, 0
    while at < stop and not space:
        point, size = code_point(data, at)
        kind = kinds[point]
        at += size
        if kind & SPACE:
            space = 1
            continue
        length += 1
        last = kind
        seen |= kind
        shared &= kind
        letters += (kind & LETTER) != 0
        unsegmented += (kind & UNSEGMENTED) != 0
        if kind & WORDLIKE:
            value = (value ^ np.uint64(lower[point])) * FNV_PRIME
    return at, length, space, seen, shared, last, letters, unsegmented, _slot_of(value, stops)


@lean
def _slot(data: Array, start: int, stop: int, kinds: Array, lower: Array, stops: StopTable) -> int:
    """The slot of the stop word that some visible ASCII is without its signs, `SLOTS` for none."""
    value = FNV_START
    for at in range(start, stop):
        if kinds[data[at]] & WORDLIKE:
            value = (value ^ np.uint64(lower[data[at]])) * FNV_PRIME
    return _slot_of(value, stops)


@inlined
def _slot_of(value: np.uint64, stops: StopTable) -> int:
    slot = slot_of(stops.hashes, value)
    return int(np.int64(slot)) if stops.hashes[slot] == value else SLOTS


@inlined
def _most(found: Array) -> int:
    most = 0
    for language in range(64):
        most = max(most, found[language])
    return most


@inlined
def _add_languages(bits: np.uint64, found: Array) -> None:
    for language in range(64):
        found[language] += (bits >> np.uint64(language)) & np.uint64(1)
