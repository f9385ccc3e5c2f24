"""Words and their tokens, in a hash table of which most words take half a cache line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled, inlined, lean
from pipeline.eight_bytes import lowest_first

Bytes = NDArray[np.uint8]
Ids = NDArray[np.int64]
Numbers = NDArray[np.uint64]
Tokens = NDArray[np.uint32]
Widths = NDArray[np.uint16]

LONGEST = 96  # bytes of a word that is remembered
SHORT = 15  # bytes of a word that is its own key
SLOTS = 1 << 18  # of the table of words; half of them are filled before it starts anew
HIGH, FIRST, SECOND = (np.uint64(i) for i in (1, 2, 3))  # of a slot's numbers, behind the lowest
SLOT = np.uint64(4)  # numbers in a slot

# A token in a slot: its id, 8 bits for its width in bytes, and behind them in the first how many
# there are, in the second where in `rest` the third stands.
WIDTH, MORE = np.uint64(32), np.uint64(40)
_SIZE, _LONG, _LONG_SIZE = np.uint64(56), np.uint64(0xFF << 56), np.uint64(32)
_ONE, _EIGHT, _32 = (np.uint64(n) for n in (1, 8, 32))
_GOLDEN, _ODD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


class Words(NamedTuple):
    """Words and their tokens; open addressing.

    Attributes:
        slots: (4 * 2^k,), four numbers a slot. Two are the key: the bytes of a word of up to 15
            and how many they are; of a longer one a hash, and its size and where it stands in
            `letters`. Then its first two tokens. The second number of an empty slot is 0.
        letters: the longer words' bytes, one behind the other.
        rest: the third and later tokens of words, width << 32 | id.
        filled: (3,): slots, letters and rest that are used.
    """

    slots: Numbers
    letters: Bytes
    rest: Numbers
    filled: Ids


def no_words(slots: int = SLOTS, *, letters: int = 4 * SLOTS) -> Words:
    """An empty table."""
    return Words(
        np.zeros(4 * slots, np.uint64),
        np.empty(letters + LONGEST, np.uint8),
        np.empty(2 * slots + LONGEST, np.uint64),
        np.zeros(3, np.int64),
    )


def words_of(tokens: Iterable[tuple[bytes, int]]) -> Words:
    """A table of words that are one token each."""
    given = [(word, token) for word, token in tokens if word]
    data = np.frombuffer(b"".join(word for word, _ in given), np.uint8)
    stops = np.cumsum([0, *(len(word) for word, _ in given)])
    words = no_words(1 << max(4, (2 * len(given)).bit_length()), letters=len(data))
    if given:
        ids = np.array([token for _, token in given], np.uint32)
        _enter(words, data, stops, ids, np.zeros(len(ids), np.uint16))
    return words


@compiled
def _enter(words: Words, data: Bytes, stops: Ids, tokens: Tokens, widths: Widths) -> None:
    for i in range(len(tokens)):
        at, size = stops[i], stops[i + 1] - stops[i]
        low, high = key_of(data, at, size)
        slot = find(words, data, at, low, high)
        remember(words, slot, data, at, size, low, high, tokens, widths, i, 1)


@lean
def key_of(data: Bytes, start: int, size: int) -> tuple[np.uint64, np.uint64]:
    """The key of a word: its bytes and their number, or a hash of them."""
    low, high = np.uint64(0), np.uint64(0)
    if size > SHORT:
        return _hash(data, start, size), _LONG | (np.uint64(size) << _LONG_SIZE)
    if start + 16 > len(data):
        for i in range(start + size - 1, start - 1, -1):
            high = (high << _EIGHT) | (low >> _SIZE)
            low = (low << _EIGHT) | np.uint64(data[i])
    elif size < 8:
        low = lowest_first(data, start) & ((_ONE << np.uint64(8 * size)) - _ONE)
    else:
        low = lowest_first(data, start)
        high = lowest_first(data, start + 8) & ((_ONE << np.uint64(8 * size - 64)) - _ONE)
    return low, high | (np.uint64(size) << _SIZE)


@lean
def _hash(data: Bytes, start: int, size: int) -> np.uint64:
    """A hash of 8 bytes or more."""
    mixed = np.uint64(size)
    for i in range(start, start + size - 8, 8):
        mixed = (mixed ^ lowest_first(data, i)) * _ODD
        mixed ^= mixed >> _32
    return (mixed ^ lowest_first(data, start + size - 8)) * _GOLDEN


@inlined
def _first_slot(low: np.uint64, high: np.uint64, numbers: int) -> np.uint64:
    """Where a key belongs: the first of its four numbers."""
    mixed = low ^ (high * _ODD)
    mixed = (mixed ^ (mixed >> _32)) * _GOLDEN  # the eighth byte and the size count too
    return (mixed >> _32) & np.uint64(numbers - 4)


@inlined
def find(words: Words, data: Bytes, start: int, low: np.uint64, high: np.uint64) -> np.uint64:
    """The slot of a word, or the empty one where it belongs."""
    slots = words.slots
    at = _first_slot(low, high, len(slots))
    while slots[at | HIGH]:
        if slots[at] == low and (
            slots[at | HIGH] == high
            or (high >= _LONG and _same(words, slots[at | HIGH], data, start, high))
        ):
            return at
        at = (at + SLOT) & np.uint64(len(slots) - 4)
    return at


@lean
def _same(words: Words, found: np.uint64, data: Bytes, start: int, high: np.uint64) -> bool:
    """Whether a long word is the one of which `found` says its size and place."""
    if found >> _LONG_SIZE != high >> _LONG_SIZE:
        return False
    i, size = 0, np.int64((high & ~_LONG) >> _LONG_SIZE)
    where = np.int64(found & np.uint64(0xFFFFFFFF)) - 1
    while i < size and words.letters[where + i] == data[start + i]:
        i += 1
    return i == size


@inlined
def remember(
    words: Words,
    slot: np.uint64,
    data: Bytes,
    start: int,
    size: int,
    low: np.uint64,
    high: np.uint64,
    ids: Tokens,
    widths: Widths,
    first: int,
    count: int,
) -> None:
    """Put a word into its empty slot, `count` ids from `first` on. A full table starts anew."""
    slots, letters, rest, filled = words
    if (
        8 * filled[0] >= len(slots)
        or filled[1] + LONGEST > len(letters)
        or filled[2] + LONGEST > len(rest)
    ):
        for i in range(len(slots)):
            slots[i] = np.uint64(0)
        filled[0], filled[1], filled[2] = 0, 0, 0
        slot = _first_slot(low, high, len(slots))
    filled[0] += 1
    if size > SHORT:
        high |= np.uint64(filled[1] + 1)  # its place, from 1: what is looked for has none
        for i in range(size):
            letters[filled[1] + i] = data[start + i]
        filled[1] += size
    slots[slot], slots[slot | HIGH] = low, high
    slots[slot | FIRST] = _token(ids, widths, first) | np.uint64(count) << MORE
    if count > 1:
        slots[slot | SECOND] = _token(ids, widths, first + 1) | np.uint64(filled[2]) << MORE
        for i in range(2, count):
            rest[filled[2]] = _token(ids, widths, first + i)
            filled[2] += 1


@inlined
def _token(ids: Tokens, widths: Widths, at: int) -> np.uint64:
    return np.uint64(ids[at]) | np.uint64(widths[at]) << WIDTH
