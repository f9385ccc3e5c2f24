"""Texts to ids: every word is looked up, and merged where it was not seen before."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled, inlined, lean
from pipeline.eight_bytes import HIGHS, before_first, first_of, letters_in, lowest_first
from pipeline.shard.cuts import Pattern, next_cut
from pipeline.shard.merges import Merges, merge
from pipeline.shard.word_table import (
    FIRST,
    HIGH,
    LONGEST,
    MORE,
    SECOND,
    WIDTH,
    Words,
    find,
    key_of,
    remember,
)

Bytes = NDArray[np.uint8]
Ids = NDArray[np.int64]
Tokens = NDArray[np.uint32]
Widths = NDArray[np.uint16]

_ZERO, _ONE, _SEVEN, _EIGHT, _SIZE = (np.uint64(n) for n in (0, 1, 7, 8, 56))
_BYTE, _SPACE = np.uint64(0xFF), np.uint64(0x20)
_HIGH, _APOSTROPHE = np.uint64(0x80), np.uint64(0x27)
_ID = np.uint64(0xFFFFFFFF)


class _Word(NamedTuple):
    """A word that is not in the table: its bytes, its key and the slot where it belongs."""

    size: int
    low: np.uint64
    high: np.uint64
    slot: np.uint64


class Model(NamedTuple):
    """All that encoding needs.

    Attributes:
        pattern: where words are cut.
        merges: which pairs merge.
        whole: words that are tokens and are not merged at all.
        widths: the bytes of each token, (vocabulary,).
        end: the id behind every document.
    """

    pattern: Pattern
    merges: Merges
    whole: Words
    widths: Ids
    end: int


@compiled
def encode_words(
    data: Bytes,
    offsets: Ids,
    model: Model,
    words: Words,
    ids: Tokens,
    widths: Widths,
    bounds: Ids,
) -> int:
    """Encode texts, `data[offsets[i]:offsets[i + 1]]`; how many ids there are.

    Args:
        data: valid UTF-8.
        offsets: (d + 1,).
        model: the tokenizer.
        words: those seen before; more are put in.
        ids: filled with all ids, the end token behind each text; a place for every byte and text.
        widths: filled with the bytes of each token, in whole characters.
        bounds: (d + 1,), filled with where each text's ids start and the last one's end.
    """
    merged, ranks = np.empty(LONGEST, np.int64), np.empty(LONGEST, np.int64)
    bounds[0] = 0
    filled = int(bounds[0])  # for a literal 0 the parts would be compiled once more
    for i in range(len(offsets) - 1):
        at, stop = offsets[i], offsets[i + 1]
        while at < stop:
            at, filled, new = _known(data, at, stop, model.pattern, words, ids, widths, filled)
            if new.size > len(merged):
                merged, ranks = np.empty(new.size, np.int64), np.empty(new.size, np.int64)
            if new.size:
                filled += _learn(data, at, new, model, words, merged, ranks, ids, widths, filled)
                at += new.size
        ids[filled], widths[filled] = model.end, 0
        filled += 1
        bounds[i + 1] = filled
    return filled


@lean
def _known(
    data: Bytes,
    at: int,
    stop: int,
    pattern: Pattern,
    words: Words,
    ids: Tokens,
    widths: Widths,
    filled: int,
) -> tuple[int, int, _Word]:
    """Put the tokens of words behind those that are there, up to a new word, of size 0 at the end.

    Returns:
        Where the new word starts, how many tokens there are, and the new word.
    """
    while at < stop:
        size, low, high = _quick(data, at, stop, pattern)
        if size == 0:
            size = next_cut(data, at, stop, pattern.kinds, pattern.cuts) - at
            low, high = key_of(data, at, size)
        slot = find(words, data, at, low, high)
        if words.slots[slot | HIGH] == _ZERO:
            return at, filled, _Word(size, low, high, slot)
        filled = _put(words, slot, ids, widths, filled)
        at += size
    return at, filled, _Word(0, _ZERO, _ZERO, _ZERO)


@inlined
def _learn(
    data: Bytes,
    at: int,
    word: _Word,
    model: Model,
    words: Words,
    merged: Ids,
    ranks: Ids,
    ids: Tokens,
    widths: Widths,
    filled: int,
) -> int:
    """Put the tokens of a new word behind those that are there, remember it; how many it has."""
    size, low, high, slot = word
    whole = find(model.whole, data, at, low, high)
    if model.whole.slots[whole | HIGH]:
        count, merged[0] = 1, np.int64(model.whole.slots[whole | FIRST] & _ID)
    else:
        count = merge(data, at, size, model.merges, merged, ranks)
    start, place = at, at
    for k in range(count):
        token = merged[k]
        place += model.widths[token]
        behind = place if k + 1 < count else at + size
        while behind < at + size and data[behind] & 0xC0 == 0x80:  # inside a character
            behind -= 1
        ids[filled + k], widths[filled + k] = token, behind - start
        start = behind
    if size <= LONGEST:
        remember(words, slot, data, at, size, low, high, ids, widths, filled, count)
    return count


@inlined
def _quick(data: Bytes, at: int, stop: int, pattern: Pattern) -> tuple[int, np.uint64, np.uint64]:
    """The size and key of a word that is seen at once, or size 0.

    Nearly all words of some languages are such: ASCII letters, with or without a space before, and
    signs that stand alone. They are not looked for near the end of a text.
    """
    if at + 16 > stop:
        return 0, _ZERO, _ZERO
    low = lowest_first(data, at)
    first, second = low & _BYTE, (low >> _EIGHT) & _BYTE
    kinds = np.int64(pattern.kinds[first]) << 3 | np.int64(pattern.kinds[second])
    alone = (pattern.alone >> kinds) & 1 and (first | second) < _HIGH and first != _APOSTROPHE
    blank = first == _SPACE
    others = (letters_in(low) | np.uint64(blank) << _SEVEN) ^ HIGHS
    if others:
        size, mask = _before(others, low)
        if alone:
            size, mask = 1, _BYTE
        return (size if size > blank else 0), low & mask, np.uint64(size) << _SIZE
    high = lowest_first(data, at + 8)
    others = letters_in(high) ^ HIGHS
    if others == _ZERO:
        return 0, _ZERO, _ZERO
    size, mask = _before(others, high)
    size = size + 8 if size >= 0 else 0
    return size, low, high & mask | np.uint64(size) << _SIZE


@inlined
def _before(others: np.uint64, eight: np.uint64) -> tuple[int, np.uint64]:
    """How many bytes lie before the first of `others`, and all their bits; -1 before no ASCII."""
    mask = before_first(others)
    first = others & ~(others - _ONE)
    return (-1 if eight & first else first_of(others)), mask


@inlined
def _put(words: Words, slot: np.uint64, ids: Tokens, widths: Widths, filled: int) -> int:
    """Put the tokens of a word that is known behind those that are there; how many there are.

    Two are always put, since nearly all words have one or two: what is too much is overwritten.
    """
    first, second = words.slots[slot | FIRST], words.slots[slot | SECOND]
    ids[filled], widths[filled] = first & _ID, (first >> WIDTH) & _BYTE
    ids[filled + 1], widths[filled + 1] = second & _ID, (second >> WIDTH) & _BYTE
    count, begin = int(np.int64(first >> MORE)), int(np.int64(second >> MORE))
    for k in range(2, count):
        token = words.rest[begin + k - 2]
        ids[filled + k], widths[filled + k] = token & _ID, token >> WIDTH
    return filled + count
