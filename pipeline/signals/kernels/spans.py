"""Cutting documents into words, lines and paragraphs, each with a hash of its content."""

from typing import Any

import numpy as np

from pipeline.compiling import part
from pipeline.signals.kernels.characters import SPACE, WORDLIKE
from pipeline.signals.kernels.hashing import FNV_PRIME, FNV_START
from pipeline.signals.kernels.utf8 import code_point

Array = np.ndarray[Any, Any]

NEW_LINE = 0x0A


@part
def span_room(offsets: Array) -> tuple[Array, Array]:
    """Room for the spans of any of the documents: hashes, (3, m) uint64; sizes, (3, m) int64.

    The three rows are for words, lines and paragraphs. Memory that no document fills is never
    touched.
    """
    longest = 0
    for row in range(len(offsets) - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    spans = longest // 2 + 2  # each is a character and what ends it
    return np.empty((3, spans), np.uint64), np.empty((3, spans), np.int64)


@part
def cut(
    data: Array, start: int, stop: int, kinds: Array, hashes: Array, sizes: Array
) -> tuple[int, int, int]:
    """Find the words of one document, as `words.count_words` counts them, its lines and paragraphs.

    Lines and paragraphs that are blank are none, and a paragraph ends at a blank line. White space
    around and within them neither counts nor tells.

    Args:
        data: the bytes of all documents, uint8.
        start: the document's first byte.
        stop: the byte behind its last.
        kinds: what each code point is, `characters.kinds()`.
        hashes: filled with the hash of each word, line and paragraph.
        sizes: filled with the characters in the words before each word, one entry more than there
            are words; of each line; and of each paragraph.

    Returns:
        How many words, lines and paragraphs there are.
    """
    words, lines, blocks = 0, 0, 0
    before, line_size, block_size, at = 0, 0, 0, start
    line, block = FNV_START, FNV_START
    while at <= stop:
        at, end, seen, length, word, line, block = _run(data, at, stop, kinds, line, block)
        if length:
            line_size += length
            block_size += length
            if seen & WORDLIKE:
                hashes[0, words], sizes[0, words] = _mixed(word), before
                before, words = before + length, words + 1
        if end != NEW_LINE:
            continue
        if line_size:
            hashes[1, lines], sizes[1, lines] = _mixed(line), line_size
            lines, line, line_size = lines + 1, FNV_START, 0
        elif block_size:
            hashes[2, blocks], sizes[2, blocks] = _mixed(block), block_size
            blocks, block, block_size = blocks + 1, FNV_START, 0
    if block_size:
        hashes[2, blocks], sizes[2, blocks] = _mixed(block), block_size
        blocks += 1
    sizes[0, words] = before
    return words, lines, blocks


@part
def _run(
    data: Array, start: int, stop: int, kinds: Array, line: np.uint64, block: np.uint64
) -> tuple[int, np.int64, int, int, np.uint64, np.uint64, np.uint64]:
    """Hash the characters up to the next white space; `stop` counts as the end of a line.

    Returns:
        The byte behind the white space, and which it is; the bits of all characters; how many
        there are; their hash; and that of the line and the paragraph with them.
    """
    at, seen, length, word = start, 0, 0, FNV_START
    while at < stop:
        point, size = code_point(data, at)
        at += size
        kind = kinds[point]
        if kind & SPACE:
            return at, point, seen, length, word, line, block
        value = np.uint64(point)
        word = (word ^ value) * FNV_PRIME
        line = (line ^ value) * FNV_PRIME
        block = (block ^ value) * FNV_PRIME
        seen |= kind
        length += 1
    return stop + 1, np.int64(NEW_LINE), seen, length, word, line, block


@part
def _mixed(value: np.uint64) -> np.uint64:
    """Spread the bits (MurmurHash3's finisher, Appleby), never 0: that marks a free slot."""
    mixed = (value ^ (value >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    mixed ^= mixed >> np.uint64(33)
    return mixed if mixed != np.uint64(0) else np.uint64(1)
