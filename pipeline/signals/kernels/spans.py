"""Cutting documents into words, lines and paragraphs, each with a hash of its content."""

from typing import Any

import numpy as np

from pipeline.compiling import inlined, lean, part
from pipeline.eight_bytes import (
    NINES,
    ZEROS,
    before_first,
    between_in,
    copy_bytes,
    first_of,
    letters_in,
    lowest_first,
    odd_in,
)
from pipeline.signals.kernels.characters import SPACE, WORDLIKE
from pipeline.signals.kernels.hashing import BASE
from pipeline.signals.kernels.utf8 import NOT_ASCII, code_point

Array = np.ndarray[Any, Any]

NEW_LINE, BLANK = 0x0A, 0x20
NONE, ALL = np.uint64(0), np.uint64(2**64 - 1)  # bits


@part
def span_room(offsets: Array) -> tuple[Array, Array, Array]:
    """Room for the spans of any of the documents.

    Memory that no document fills is never touched.

    Returns:
        The characters, (k,) uint8; hashes, (3, m) uint64; sizes, (3, m) int64: the three rows are
        for words, lines and paragraphs.
    """
    longest = 0
    for row in range(len(offsets) - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    spans = longest // 2 + 2  # each is a character and what ends it
    bare = np.empty(longest + 8, np.uint8)
    return bare, np.empty((3, spans), np.uint64), np.empty((3, spans), np.int64)


@lean
def cut(
    data: Array, start: int, stop: int, kinds: Array, bare: Array, hashes: Array, sizes: Array
) -> tuple[int, int, int]:
    """Find the words of one document, as `words.count_words` counts them, its lines and paragraphs.

    Lines and paragraphs that are blank are none, and a paragraph ends at a blank line. White space
    around and within them neither counts nor tells.

    Args:
        data: the bytes of all documents, uint8.
        start: the document's first byte.
        stop: the byte behind its last.
        kinds: what each code point is, `characters.kinds()`.
        bare: filled with the document without its white space: there spans are hashed.
        hashes: filled with the hash of each word, line and paragraph.
        sizes: filled with the characters in the words before each word, one entry more than there
            are words; of each line; and of each paragraph.

    Returns:
        How many words, lines and paragraphs there are.
    """
    words, lines, blocks = 0, 0, 0
    before, line_size, block_size, at = 0, 0, 0, start
    filled, line, block = 0, 0, 0  # bytes of `bare`, and before this line and this paragraph
    while at <= stop:
        word = filled
        at, end, length, is_word, filled = _run(data, at, stop, kinds, bare, filled)
        line_size += length
        if is_word:
            hashes[0, words], sizes[0, words] = _hash(bare, word, filled), before
            before, words = before + length, words + 1
        if end != NEW_LINE:
            continue
        if line_size:
            alone = is_word and word == line
            hashes[1, lines] = hashes[0, words - 1] if alone else _hash(bare, line, filled)
            sizes[1, lines] = line_size
            lines, line, line_size, block_size = lines + 1, filled, 0, block_size + line_size
        elif block_size:
            alone = block_size == sizes[1, lines - 1]
            hashes[2, blocks] = hashes[1, lines - 1] if alone else _hash(bare, block, filled)
            sizes[2, blocks] = block_size
            blocks, block, block_size = blocks + 1, filled, 0
    if block_size:
        hashes[2, blocks], sizes[2, blocks] = _hash(bare, block, filled), block_size
        blocks += 1
    sizes[0, words] = before
    return words, lines, blocks


@inlined
def _run(
    data: Array, start: int, stop: int, kinds: Array, bare: Array, filled: int
) -> tuple[int, np.int64, int, bool, int]:
    """Copy the characters up to the next white space; `stop` counts as the end of a line.

    Returns:
        The byte behind the white space, and which it is; how many characters there are; whether
        they make a word; and how far `bare` is filled.
    """
    at, length, seen, plain = start, 0, NONE, 0
    while at < stop:
        if at + 8 <= stop and BLANK < data[at] < NOT_ASCII:
            eight = lowest_first(data, at)
            odd = odd_in(eight)
            copy_bytes(bare, filled, data, at, 8)
            plain = first_of(odd)
            seen |= (letters_in(eight) | between_in(eight, ZEROS, NINES)) & before_first(odd)
            at, length, filled = at + plain, length + plain, filled + plain
            if plain == 8:
                continue
        point, size = code_point(data, at)
        if kinds[point] & SPACE:
            return at + size, point, length, seen != NONE, filled
        copy_bytes(bare, filled, data, at, size)
        seen |= np.uint64(kinds[point] & WORDLIKE)
        at, length, filled = at + size, length + 1, filled + size
    return stop + 1, np.int64(NEW_LINE), length, seen != NONE, filled


@inlined
def _hash(bare: Array, start: int, stop: int) -> np.uint64:
    """A hash of some bytes, behind which eight more can be read."""
    value, at = np.uint64(stop - start), start
    while at + 8 < stop:
        value = (value ^ _spread(lowest_first(bare, at))) * BASE
        at += 8
    last = lowest_first(bare, at) & (ALL >> np.uint64(8 * (at + 8 - stop)))
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
