"""Cutting documents into words, lines and paragraphs, each with a hash of its content."""

from typing import Any, NamedTuple

import numpy as np

from pipeline.compiling import inlined, lean, part
from pipeline.eight_bytes import (
    HIGHS,
    NINES,
    ONES,
    ZEROS,
    before_first,
    between_in,
    first_of,
    letters_in,
    lowest_first,
    number_of,
    odd_in,
    same_in,
)
from pipeline.signals.kernels.characters import SPACE, WORDLIKE
from pipeline.signals.kernels.hashing import BASE
from pipeline.signals.kernels.utf8 import FIRST_BITS, NOT_ASCII, code_point
from pipeline.signals.kernels.utf8 import before as character_before

Array = np.ndarray[Any, Any]

NEW_LINE, BLANK = 0x0A, 0x20
NEW_LINES = np.uint64(NEW_LINE) * ONES
NONE, ALL, ONE = np.uint64(0), np.uint64(2**64 - 1), np.uint64(1)  # bits


class Spans(NamedTuple):
    """Room for spans of one kind: memory that no document fills is never touched."""

    hashes: Array  # (n,) uint64
    sizes: Array  # (n,) int64: characters in each, or in those before it


@part
def span_room(offsets: Array, shortest: int) -> Spans:
    """Room for the spans of any of the documents, each of `shortest` bytes and more."""
    longest = 0
    for row in range(len(offsets) - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    spans = longest // shortest + 2  # the last may end with the document
    return Spans(np.empty(spans, np.uint64), np.empty(spans, np.int64))


@lean
def cut_words(
    data: Array, start: int, stop: int, kinds: Array, words: Spans, pieces: Spans
) -> tuple[int, int, int]:
    """Find the words of one document, as `words.count_words` counts them, and its pieces.

    Pieces are words, the signs before and behind each, and those between spaces.

    Args:
        data: the bytes of all documents, uint8.
        start: the document's first byte.
        stop: the byte behind its last.
        kinds: what each code point is, `characters.kinds()`.
        words: filled with the hash of each word, and the characters in the words before it, one
            entry more than there are words.
        pieces: filled alike.

    Returns:
        How many words and pieces there are, and characters, white space among them.
    """
    count, parts, in_words, in_parts, white, at = 0, 0, 0, 0, 0, start
    while at < stop:
        begin = at
        end, at, length, is_word = _run(data, at, stop, kinds)
        white += at > end
        if length == 0:
            continue
        first, ahead, last, behind = begin, 0, end, 0
        if is_word and not _is_bare(data, begin, end, kinds):
            first, ahead = _first_wordlike(data, begin, kinds)
            last, behind = _behind_wordlike(data, end, kinds)
        value = _hash(data, first, last)
        pieces.hashes[parts + (ahead > 0)] = value
        pieces.sizes[parts + (ahead > 0)] = in_parts + ahead
        if ahead:
            signs = _hash(data, begin, first)
            pieces.hashes[parts], pieces.sizes[parts] = signs, in_parts
            value, parts = _mixed(value ^ _spread(signs)), parts + 1
        if behind:
            signs = _hash(data, last, end)
            pieces.hashes[parts + 1] = signs
            pieces.sizes[parts + 1] = in_parts + length - behind
            value, parts = _mixed(signs ^ _spread(value)), parts + 1
        if is_word:
            words.hashes[count], words.sizes[count] = value, in_words
            count, in_words = count + 1, in_words + length
        parts, in_parts = parts + 1, in_parts + length
    words.sizes[count], pieces.sizes[parts] = in_words, in_parts
    return count, parts, in_parts + white


@lean
def cut_lines(
    data: Array, start: int, stop: int, kinds: Array, lines: Spans, paragraphs: Spans
) -> tuple[int, int]:
    """Find the lines and paragraphs of one document, as they stand, white space in them included.

    Those that are blank are none, and a paragraph ends at a blank line.

    Args:
        data: the bytes of all documents, uint8.
        start: the document's first byte.
        stop: the byte behind its last.
        kinds: what each code point is, `characters.kinds()`.
        lines: filled with the hash of each line, and its characters.
        paragraphs: filled alike.

    Returns:
        How many lines and paragraphs there are.
    """
    count, blocks, at = 0, 0, start
    inside, block, block_end, size = 0, start, start, 0  # lines of this paragraph; where it is
    while at <= stop + 1:  # what is behind the end is blank
        end, characters = _line_end(data, at, stop)
        if not _is_blank(data, at, end, kinds):
            lines.hashes[count], lines.sizes[count] = _hash(data, at, end), characters
            if inside == 0:
                block, size = at, -1
            block_end, size = end, size + 1 + characters  # and the line's end before it
            count, inside = count + 1, inside + 1
        elif inside:
            alone = inside == 1
            value = lines.hashes[count - 1] if alone else _hash(data, block, block_end)
            paragraphs.hashes[blocks], paragraphs.sizes[blocks] = value, size
            blocks, inside = blocks + 1, 0
        at = end + 1
    return count, blocks


@inlined
def _run(data: Array, start: int, stop: int, kinds: Array) -> tuple[int, int, int, bool]:
    """Read the characters up to the next white space.

    Returns:
        The byte behind them, and that behind the white space; how many characters there are; and
        whether they make a word.
    """
    at, length, seen = start, 0, NONE
    while at < stop:
        if at + 8 <= stop and BLANK < data[at] < NOT_ASCII:
            eight = lowest_first(data, at)
            odd = odd_in(eight)
            plain = first_of(odd)
            seen |= (letters_in(eight) | between_in(eight, ZEROS, NINES)) & before_first(odd)
            at, length = at + plain, length + plain
            if plain == 8:
                continue
        point, size = code_point(data, at)
        if kinds[point] & SPACE:
            return at, at + size, length, seen != NONE
        seen |= np.uint64(kinds[point] & WORDLIKE)
        at, length = at + size, length + 1
    return stop, stop, length, seen != NONE


@inlined
def _is_bare(data: Array, start: int, stop: int, kinds: Array) -> bool:
    """Whether a word is seen at once to begin and end without a sign: by ASCII."""
    first, last = data[start], data[stop - 1]
    return bool((first | last) < NOT_ASCII and kinds[first] & kinds[last] & WORDLIKE != 0)


@inlined
def _first_wordlike(data: Array, at: int, kinds: Array) -> tuple[int, int]:
    """Where the first letter, mark or digit of a word is, and how many signs are before it."""
    signs = 0
    point, size = code_point(data, at)
    while kinds[point] & WORDLIKE == 0:
        at, signs = at + size, signs + 1
        point, size = code_point(data, at)
    return at, signs


@inlined
def _behind_wordlike(data: Array, at: int, kinds: Array) -> tuple[int, int]:
    """The byte behind the last letter, mark or digit of a word, and how many signs are there."""
    last, signs = character_before(data, at), 0
    while kinds[code_point(data, last)[0]] & WORDLIKE == 0:
        at, signs = last, signs + 1
        last = character_before(data, at)
    return at, signs


@inlined
def _line_end(data: Array, at: int, stop: int) -> tuple[int, int]:
    """Where the line ends that begins at `at`, and how many characters it has."""
    characters = 0
    while at + 8 <= stop:
        eight = lowest_first(data, at)
        ends = same_in(eight, NEW_LINES)
        first_bytes = ~(eight & ~(eight << ONE)) & HIGHS  # not all other bytes of characters
        characters += number_of(first_bytes & before_first(ends))
        if ends:
            return at + first_of(ends), characters
        at += 8
    while at < stop and data[at] != NEW_LINE:
        characters += (data[at] & FIRST_BITS) != NOT_ASCII
        at += 1
    return at, characters


@inlined
def _is_blank(data: Array, at: int, stop: int, kinds: Array) -> bool:
    """Whether there is nothing but white space."""
    while at < stop:
        point, size = code_point(data, at)
        if not kinds[point] & SPACE:
            return False
        at += size
    return True


@inlined
def _hash(data: Array, start: int, stop: int) -> np.uint64:
    """A hash of some bytes."""
    value, at = np.uint64(stop - start), start
    while at + 8 < stop:
        value = (value ^ _spread(lowest_first(data, at))) * BASE
        at += 8
    if at + 8 <= len(data):
        last = lowest_first(data, at) & (ALL >> np.uint64(8 * (at + 8 - stop)))
    else:
        last = NONE
        for left in range(stop - at):
            last |= np.uint64(data[at + left]) << np.uint64(8 * left)
    return _mixed(value ^ _spread(last))


@inlined
def _spread(eight: np.uint64) -> np.uint64:
    """Another number for each, so that two changes in a text do not make up for each other."""
    spread = eight * BASE
    return spread ^ (spread >> np.uint64(32))


@inlined
def _mixed(value: np.uint64) -> np.uint64:
    """Spread the bits (MurmurHash3's finisher, Appleby), never 0: that marks a free slot."""
    mixed = (value ^ (value >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    mixed ^= mixed >> np.uint64(33)
    return mixed if mixed != np.uint64(0) else np.uint64(1)
