"""Texts to ids: every word is looked up, and merged where it was not seen before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled, part
from pipeline.shard.characters import LETTER
from pipeline.shard.cuts import Cuts, Pattern, next_cut
from pipeline.shard.merges import Merges, merge

Bytes = NDArray[np.uint8]
Ids = NDArray[np.int64]
Tokens = NDArray[np.uint32]
Places = NDArray[np.int32]

LONGEST = 96  # bytes of a word that is remembered
SHORT = 16  # bytes of a word that is its own key
SLOTS = 1 << 18  # of the table of words; half of them are filled before it starts anew
LOW, HIGH, IDS, SIZE = range(4)
_COUNT = 8  # bits of SIZE that say how many ids a word has

_FNV_START, _FNV_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_GOLDEN, _ODD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


class Words(NamedTuple):
    """Words and their tokens, in a hash table with open addressing; most take one cache line.

    Attributes:
        slots: (2^k, 4). Two halves of the key: the bytes of a word of up to 16; of a longer one a
            hash, and its first byte in `letters`. Then its first id in `ids`, or, where it has one
            only, place << 32 | id; and bytes << 8 | ids, which is 0 where the slot is empty.
        letters: the longer words' bytes, one behind the other.
        ids: the tokens of words with several.
        places: for each of `ids`, where it starts in its word.
        filled: (3,): slots, letters and ids that are used.
    """

    slots: Ids
    letters: Bytes
    ids: Tokens
    places: Places
    filled: Ids


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


def no_words(slots: int = SLOTS, *, letters: int = 4 * SLOTS) -> Words:
    """An empty table."""
    return Words(
        np.zeros((slots, 4), np.int64),
        np.empty(letters + LONGEST, np.uint8),
        np.empty(2 * slots + LONGEST, np.uint32),
        np.empty(2 * slots + LONGEST, np.int32),
        np.zeros(3, np.int64),
    )


def words_of(tokens: Iterable[tuple[bytes, int]]) -> Words:
    """A table of words that are one token each."""
    given = [(word, token) for word, token in tokens if word]
    data = np.frombuffer(b"".join(word for word, _ in given), np.uint8)
    stops = np.cumsum([0, *(len(word) for word, _ in given)])
    words = no_words(1 << max(4, (2 * len(given)).bit_length()), letters=len(data))
    _enter(words, data, stops, np.array([token for _, token in given], np.int64))
    return words


@compiled
def _enter(words: Words, data: Bytes, stops: Ids, tokens: Ids) -> None:
    for i in range(len(tokens)):
        at, after = stops[i], stops[i + 1]
        low, high = _key(data, at, after)
        slot = _find(words.slots, words.letters, data, at, after, low, high)
        _remember(words, slot, data, at, after, low, high, tokens[i : i + 1], np.zeros(1, np.int64))


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
    slots, letters, known, places, _ = words
    filled = 0
    bounds[0] = 0
    for i in range(len(offsets) - 1):
        first, stop = offsets[i], offsets[i + 1]
        at = first
        while at < stop:
            after, low, high = _next_word(data, at, stop, kinds, cuts)
            slot = _find(slots, letters, data, at, after, low, high)
            count, begin = slots[slot, SIZE] & 0xFF, slots[slot, IDS]
            if count == 1:
                ids[filled], starts[filled] = begin & 0xFFFFFFFF, at - first + (begin >> 32)
                filled += 1
            elif count:
                for k in range(begin, begin + count):
                    ids[filled], starts[filled] = known[k], at - first + places[k]
                    filled += 1
            else:
                filled = _learn(
                    data, at, after, first, low, high, model, words, slot, ids, starts, filled
                )
            at = after
        if filled > bounds[i]:
            starts[bounds[i]] = 0
        ids[filled], starts[filled] = model.end, stop - first
        filled += 1
        bounds[i + 1] = filled
    return filled


@part
def _next_word(
    data: Bytes, at: int, stop: int, kinds: Bytes, cuts: Cuts
) -> tuple[int, np.uint64, np.uint64]:
    """Where the word at `at` ends, and its key; most words are ASCII letters behind a space."""
    low, high, i = np.uint64(0), np.uint64(0), at
    if data[i] == 0x20:
        low = np.uint64(0x20)
        i += 1
    begin = i
    while i < stop and data[i] < 0x80 and kinds[data[i]] == LETTER:
        high = (high << np.uint64(8)) | (low >> np.uint64(56))
        low = (low << np.uint64(8)) | np.uint64(data[i])
        i += 1
    if begin < i <= at + SHORT and (i == stop or data[i] < 0x80):
        return i, low, high
    after = next_cut(data, at, stop, kinds, cuts)
    low, high = _key(data, at, after)
    return after, low, high


@part
def _key(data: Bytes, start: int, stop: int) -> tuple[np.uint64, np.uint64]:
    """The bytes of a word as two numbers; of a long one a hash (FNV-1a)."""
    low, high = np.uint64(0), np.uint64(0)
    if stop - start > SHORT:
        low = _FNV_START
        for i in range(start, stop):
            low = (low ^ np.uint64(data[i])) * _FNV_PRIME
        return low, high
    for i in range(start, stop):
        high = (high << np.uint64(8)) | (low >> np.uint64(56))
        low = (low << np.uint64(8)) | np.uint64(data[i])
    return low, high


@part
def _first_slot(low: np.uint64, high: np.uint64, slots: int) -> int:
    mixed = low * _GOLDEN ^ high * _ODD
    return int(np.int64(mixed ^ (mixed >> np.uint64(32))) & (slots - 1))


@part
def _find(
    slots: Ids, letters: Bytes, data: Bytes, start: int, stop: int, low: np.uint64, high: np.uint64
) -> int:
    """The slot of a word, or the empty one where it belongs."""
    size = stop - start
    at = _first_slot(low, high, len(slots))
    while slots[at, SIZE]:
        if slots[at, LOW] == np.int64(low) and slots[at, SIZE] >> _COUNT == size:
            if size <= SHORT:
                if slots[at, HIGH] == np.int64(high):
                    return at
            elif _same(letters, slots[at, HIGH], data, start, size):
                return at
        at = (at + 1) & (len(slots) - 1)
    return at


@part
def _same(letters: Bytes, where: int, data: Bytes, start: int, size: int) -> bool:
    i = 0
    while i < size and letters[where + i] == data[start + i]:
        i += 1
    return i == size


@part
def _learn(
    data: Bytes,
    at: int,
    after: int,
    first: int,
    low: np.uint64,
    high: np.uint64,
    model: Model,
    words: Words,
    slot: int,
    ids: Tokens,
    starts: Places,
    filled: int,
) -> int:
    """Put the ids of a word that is not in the table behind those that are there, and enter it."""
    tokens = _tokens(data, at, after, low, high, model)
    places, place = np.empty(len(tokens), np.int64), at
    for k, token in enumerate(tokens):
        start = place
        while data[start] & 0xC0 == 0x80:  # inside a character: where that starts
            start -= 1
        places[k] = start - at + model.leads[token]
        ids[filled], starts[filled] = token, at - first + places[k]
        place += model.widths[token]
        filled += 1
    if after - at <= LONGEST:
        _remember(words, slot, data, at, after, low, high, tokens, places)
    return filled


@part
def _tokens(data: Bytes, at: int, after: int, low: np.uint64, high: np.uint64, model: Model) -> Ids:
    whole = model.whole
    slot = _find(whole.slots, whole.letters, data, at, after, low, high)
    out = np.empty(after - at, np.int64)
    if whole.slots[slot, SIZE]:
        out[0] = whole.slots[slot, IDS] & 0xFFFFFFFF
        return out[:1]
    return out[: merge(data, at, after, model.merges, out, np.empty(after - at, np.int64))]


@part
def _remember(
    words: Words,
    slot: int,
    data: Bytes,
    start: int,
    stop: int,
    low: np.uint64,
    high: np.uint64,
    tokens: Ids,
    places: Ids,
) -> None:
    """Put a word into its empty slot; where the table is full, all older ones are forgotten."""
    slots, letters, ids, of_ids, filled = words
    if (
        2 * filled[0] >= len(slots)
        or filled[1] + LONGEST > len(letters)
        or filled[2] + LONGEST > len(ids)
    ):
        slots[:, SIZE] = 0
        filled[:] = 0
        slot = _first_slot(low, high, len(slots))
    slots[slot, LOW], slots[slot, HIGH] = np.int64(low), np.int64(high)
    slots[slot, SIZE] = (stop - start) << _COUNT | len(tokens)
    slots[slot, IDS] = filled[2] if len(tokens) > 1 else places[0] << 32 | tokens[0]
    filled[0] += 1
    if stop - start > SHORT:
        slots[slot, HIGH] = filled[1]
        for i in range(stop - start):
            letters[filled[1] + i] = data[start + i]
        filled[1] += stop - start
    if len(tokens) > 1:
        for i in range(len(tokens)):
            ids[filled[2] + i], of_ids[filled[2] + i] = tokens[i], places[i]
        filled[2] += len(tokens)
