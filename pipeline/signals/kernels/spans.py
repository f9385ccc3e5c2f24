"""Cutting documents into words, lines and paragraphs, each with a hash of its content."""

from typing import Any

import numpy as np

from pipeline.signals.kernels.characters import SPACE, WORDLIKE
from pipeline.signals.kernels.compiled import code_point, compiled

Array = np.ndarray[Any, Any]

NEW_LINE = 0x0A
FNV_START = np.uint64(0xCBF29CE484222325)
FNV_PRIME = np.uint64(0x100000001B3)


@compiled
def word_spans(data: Array, start: int, stop: int, kinds: Array) -> tuple[Array, Array]:
    """The words of one document, as `words.count_words` counts them.

    Args:
        data: the bytes of all documents, uint8.
        start: the document's first byte.
        stop: the byte behind its last.
        kinds: what each code point is, `characters.kinds()`.

    Returns:
        The hash of each word, (words,) uint64; and how many characters lie in the words before
        each, (words + 1,) int64.
    """
    hashes = np.empty((stop - start) // 2 + 1, np.uint64)
    before = np.zeros((stop - start) // 2 + 2, np.int64)
    words, length, seen, value, at = 0, 0, 0, FNV_START, start
    while at <= stop:
        point, size = code_point(data, at) if at < stop else (NEW_LINE, 1)
        at += size
        if not kinds[point] & SPACE:
            value = (value ^ np.uint64(point)) * FNV_PRIME
            seen |= kinds[point]
            length += 1
            continue
        if seen & WORDLIKE:
            hashes[words] = _mixed(value)
            before[words + 1] = before[words] + length
            words += 1
        length, seen, value = 0, 0, FNV_START
    return hashes[:words], before[: words + 1]


@compiled
def line_spans(
    data: Array, start: int, stop: int, kinds: Array, new_lines: int
) -> tuple[Array, Array]:
    """The lines (`new_lines` is 1) or paragraphs (2) of one document that are not blank.

    A paragraph ends at a blank line. White space around and within neither counts nor tells.

    Args:
        data: the bytes of all documents, uint8.
        start: the document's first byte.
        stop: the byte behind its last.
        kinds: what each code point is, `characters.kinds()`.
        new_lines: how many of them end a span.

    Returns:
        The hash of each span, (spans,) uint64; and its characters, (spans,) int64.
    """
    hashes = np.empty(stop - start + 1, np.uint64)
    lengths = np.empty(stop - start + 1, np.int64)
    spans, length, value, ended, at = 0, 0, FNV_START, 0, start
    while at <= stop:
        point, size = code_point(data, at) if at < stop else (NEW_LINE, 1)
        ended = new_lines if at == stop else ended + (point == NEW_LINE)
        at += size
        if not kinds[point] & SPACE:
            value = (value ^ np.uint64(point)) * FNV_PRIME
            length += 1
            ended = 0
        elif ended >= new_lines and length:
            hashes[spans], lengths[spans] = _mixed(value), length
            spans, length, value = spans + 1, 0, FNV_START
    return hashes[:spans], lengths[:spans]


@compiled
def _mixed(value: np.uint64) -> np.uint64:
    """Spread the bits (MurmurHash3's finisher, Appleby), never 0: that marks a free slot."""
    mixed = (value ^ (value >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    mixed ^= mixed >> np.uint64(33)
    return mixed if mixed != np.uint64(0) else np.uint64(1)
