"""Texts to ids: every word is looked up, and merged where it was not seen before."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled, part
from pipeline.shard.cuts import Pattern, next_cut
from pipeline.shard.eight_bytes import HIGHS, eight_bytes, letters_in
from pipeline.shard.merges import Merges, merge
from pipeline.shard.word_table import (
    FIRST,
    HIGH,
    LONGEST,
    MORE,
    PLACE,
    SECOND,
    Words,
    find,
    key_of,
    remember,
)

Bytes = NDArray[np.uint8]
Ids = NDArray[np.int64]
Numbers = NDArray[np.uint64]
Tokens = NDArray[np.uint32]
Places = NDArray[np.int32]

_ZERO, _ONE, _SEVEN, _EIGHT, _SIZE = (np.uint64(n) for n in (0, 1, 7, 8, 56))
_BYTE, _SPACE, _ONES = (np.uint64(n) for n in (0xFF, 0x20, 0x0101010101010101))
_ID = np.uint64(0xFFFFFFFF)


class Model(NamedTuple):
    """All that encoding needs.

    Attributes:
        pattern: where words are cut.
        merges: which pairs merge.
        whole: words that are tokens and are not merged at all.
        widths: the bytes of each token, (vocabulary,).
        leads: how far behind a token's first byte its place is, (vocabulary,).
        end: the id behind every document.
    """

    pattern: Pattern
    merges: Merges
    whole: Words
    widths: Ids
    leads: Ids
    end: int


class _Room(NamedTuple):
    """Where a new word is merged, (n,) each: its tokens, the ranks of pairs, tokens and places."""

    tokens: Ids
    ranks: Ids
    placed: Numbers


@compiled
def encode_words(
    data: Bytes,
    offsets: Ids,
    model: Model,
    words: Words,
    ids: Tokens,
    starts: Places,
    bounds: Ids,
) -> int:
    """Encode texts, `data[offsets[i]:offsets[i + 1]]`; how many ids there are.

    Args:
        data: valid UTF-8.
        offsets: (d + 1,).
        model: the tokenizer.
        words: those seen before; more are put in.
        ids: filled with all ids, the end token behind each text; a place for every byte and text.
        starts: filled with the byte of its text at which each token starts.
        bounds: (d + 1,), filled with where each text's ids start and the last one's end.
    """
    kinds, cuts = model.pattern
    room = _room(LONGEST)
    filled = 0
    bounds[0] = 0
    for i in range(len(offsets) - 1):
        first, stop = offsets[i], offsets[i + 1]
        at = first
        while at < stop:
            size, low, high = _letters(data, at, stop)
            if size == 0:
                size = next_cut(data, at, stop, kinds, cuts) - at
                low, high = key_of(data, at, size)
            slot = find(words, data, at, low, high)
            if words.slots[slot | HIGH]:
                filled = _put(words, slot, at - first, ids, starts, filled)
            else:
                its = room if size <= LONGEST else _room(size)
                count = _merged(data, at, size, low, high, model, its)
                for k in range(count):
                    ids[filled] = its.placed[k] & _ID
                    starts[filled] = at - first + np.int64(its.placed[k] >> PLACE)
                    filled += 1
                if size <= LONGEST:
                    remember(words, slot, data, at, size, low, high, its.placed, 0, count)
            at += size
        if filled > bounds[i]:
            starts[bounds[i]] = 0
        ids[filled], starts[filled] = model.end, stop - first
        filled += 1
        bounds[i + 1] = filled
    return filled


@part
def _letters(data: Bytes, at: int, stop: int) -> tuple[int, np.uint64, np.uint64]:
    """The size and key of a word of ASCII letters, with or without a space before; or size 0.

    Most words are such. They are not looked for near the end of a text.
    """
    if at + 16 > stop:
        return 0, _ZERO, _ZERO
    low = eight_bytes(data, at)
    blank = np.int64((low & _BYTE) == _SPACE)
    others = (letters_in(low) | np.uint64(blank) << _SEVEN) ^ HIGHS
    if others:
        size, mask = _before(others, low)
        return (size if size > blank else 0), low & mask, np.uint64(size) << _SIZE
    high = eight_bytes(data, at + 8)
    others = letters_in(high) ^ HIGHS
    if others == _ZERO:
        return 0, _ZERO, _ZERO
    size, mask = _before(others, high)
    size = size + 8 if size >= 0 else 0
    return size, low, high & mask | np.uint64(size) << _SIZE


@part
def _before(others: np.uint64, eight: np.uint64) -> tuple[int, np.uint64]:
    """How many bytes lie before the first of `others`, and all their bits; -1 before no ASCII."""
    until = others ^ (others - _ONE)
    mask = until >> _EIGHT
    size = np.int64(((mask & _ONES) * _ONES) >> _SIZE)
    return (-1 if eight & others & until else size), mask


@part
def _put(words: Words, slot: np.uint64, at: int, ids: Tokens, starts: Places, filled: int) -> int:
    """Put the tokens of a word that is known behind those that are there; how many there are.

    Two are always put, since nearly all words have one or two: what is too much is overwritten.
    """
    first, second = words.slots[slot | FIRST], words.slots[slot | SECOND]
    ids[filled], starts[filled] = first & _ID, at + np.int64((first >> PLACE) & _BYTE)
    ids[filled + 1], starts[filled + 1] = second & _ID, at + np.int64((second >> PLACE) & _BYTE)
    count, begin = np.int64(first >> MORE), np.int64(second >> MORE)
    for k in range(2, count):
        token = words.rest[begin + k - 2]
        ids[filled + k], starts[filled + k] = token & _ID, at + np.int64(token >> PLACE)
    return filled + count


@part
def _room(size: int) -> _Room:
    return _Room(np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.uint64))


@part
def _merged(
    data: Bytes, at: int, size: int, low: np.uint64, high: np.uint64, model: Model, room: _Room
) -> int:
    """The tokens of a word and where they start in it, put into `room.placed`; how many."""
    count = _tokens(data, at, size, low, high, model, room)
    place = at
    for k in range(count):
        start, token = place, room.tokens[k]
        while data[start] & 0xC0 == 0x80:  # inside a character: where that starts
            start -= 1
        room.placed[k] = np.uint64((start - at + model.leads[token]) << 32 | token)
        place += model.widths[token]
    return count


@part
def _tokens(
    data: Bytes, at: int, size: int, low: np.uint64, high: np.uint64, model: Model, room: _Room
) -> int:
    whole = model.whole
    slot = find(whole, data, at, low, high)
    if whole.slots[slot | HIGH]:
        room.tokens[0] = np.int64(whole.slots[slot | FIRST] & _ID)
        return 1
    return merge(data, at, at + size, model.merges, room.tokens, room.ranks)
