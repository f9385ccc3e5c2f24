"""Counting what C4's line rules would keep of each document."""

from typing import Any

import numpy as np

from pipeline.compiling import compiled, part
from pipeline.signals.kernels.characters import SPACE
from pipeline.signals.kernels.utf8 import code_point

Array = np.ndarray[Any, Any]

COUNTS = ("lines", "kept", "sentences", "javascript", "policy", "paragraphs")
LINES, KEPT, SENTENCES, JAVASCRIPT, POLICY, PARAGRAPHS = range(6)

FEWEST_WORDS = 3  # of a line that C4 keeps
LONGEST_WORD = 1000  # characters
PARAGRAPH = 200  # characters of a line that mC4 calls a paragraph

# In lower case, a zero byte after each.
JAVASCRIPT_WORD = np.frombuffer(b"javascript\0", np.uint8)
POLICIES = np.frombuffer(
    b"terms of use\0privacy policy\0cookie policy\0uses cookies\0use of cookies\0use cookies\0",
    np.uint8,
)
NEW_LINE, DOT = 0x0A, 0x2E
SMALL = 0x20  # the bit that makes an ASCII letter small
OTHER = 0xFF  # in a packed word, a character that is not ASCII

# What a sentence ends with, in any script; and the quotes and brackets that may follow it.
ENDS = tuple(map(ord, ".!?。！？．｡؟۔।॥։።፧၊။៖"))
QUOTES = tuple(map(ord, "\"'”’»」』"))
CLOSING = (*QUOTES, *map(ord, ")]}）］】〉》"))

LOOKS = ("characters", "words", "longest", "sentences", "open", "ended")
CHARACTERS, WORDS, LONGEST, ENDED_SENTENCES, OPEN, ENDED = range(6)  # of one line


def _packed(word: str) -> int:
    """A word of at most seven ASCII letters as one number."""
    return int.from_bytes(word.encode(), "big")


SHORTENED = "mr mrs ms dr st prof jr sr vs etc eg ie e.g i.e a.m p.m u.s inc co ltd"
ABBREVIATIONS = tuple(_packed(word) for word in SHORTENED.split())


@compiled
def count_kept_lines(data: Array, offsets: Array, kinds: Array) -> Array:
    """Count the lines that C4 would keep, and the sentences in them.

    It keeps a line that ends a sentence (a quote may follow, an ellipsis does not count), has at
    least three words, none of them longer than 1,000 characters, and names neither JavaScript nor a
    policy on cookies, privacy or use. A sentence ends with a full stop of any script, a question
    mark or an exclamation mark, quotes and brackets behind it, and then white space; the stops of
    initials and of a few abbreviations end none.

    Args:
        data: the bytes of all documents, uint8.
        offsets: (n + 1,) int64: document i is `data[offsets[i]:offsets[i + 1]]`.
        kinds: what each code point is, `characters.kinds()`.

    Returns:
        (n, len(COUNTS)) int64.
    """
    counts = np.zeros((len(offsets) - 1, len(COUNTS)), np.int64)
    line = np.zeros(len(LOOKS), np.int64)
    for row in range(len(offsets) - 1):
        start = offsets[row]
        while start < offsets[row + 1]:
            stop = start
            while stop < offsets[row + 1] and data[stop] != NEW_LINE:
                stop += 1
            _look(data, start, stop, kinds, line)
            _count_line(data, start, stop, line, counts[row])
            start = stop + 1
    return counts


@part
def _look(data: Array, start: int, stop: int, kinds: Array, line: Array) -> None:
    """Words and sentences of a line, and whether its end is that of a sentence.

    Of each word are known its last character, the last two that are not closing ones, and what
    stands before these, packed.
    """
    line[:] = 0
    at, length, before, packed = start, 0, np.int64(0), np.int64(0)
    last, tail, prior = np.int64(0), np.int64(0), np.int64(0)
    while at <= stop:
        point, size = code_point(data, at) if at < stop else (np.int64(NEW_LINE), 1)
        at += size
        line[CHARACTERS] += at <= stop
        if not kinds[point] & SPACE:
            length, last = length + 1, point
            if point not in CLOSING:
                before, prior, tail = packed, tail, point
                packed = (packed << 8) | (_small(point) if point < 0x80 else np.int64(OTHER))
        elif length:
            _end_word(length, before, prior, tail, line)
            line[ENDED] = (last in ENDS or last in QUOTES) and not (last == DOT == prior)
            length, packed, tail, prior, before = (
                0,
                np.int64(0),
                np.int64(0),
                np.int64(0),
                np.int64(0),
            )
    line[ENDED_SENTENCES] += line[OPEN]


@part
def _end_word(length: int, before: np.int64, prior: np.int64, tail: np.int64, line: Array) -> None:
    """Count a word, and the sentence that it ends if it does."""
    line[WORDS] += 1
    line[LONGEST] = max(line[LONGEST], length)
    ends = tail in ENDS
    if tail == DOT:
        initial = 0 < before <= 0xFF
        ends = prior != DOT and not initial and before not in ABBREVIATIONS
    line[ENDED_SENTENCES] += ends
    line[OPEN] = not ends


@part
def _count_line(data: Array, start: int, stop: int, line: Array, counts: Array) -> None:
    if line[WORDS] == 0:
        return
    counts[LINES] += 1
    counts[PARAGRAPHS] += line[CHARACTERS] >= PARAGRAPH
    javascript = _names(data, start, stop, JAVASCRIPT_WORD)
    policy = _names(data, start, stop, POLICIES)
    counts[JAVASCRIPT] += javascript
    counts[POLICY] += policy
    fits = line[ENDED] and line[WORDS] >= FEWEST_WORDS and line[LONGEST] <= LONGEST_WORD
    if fits and not javascript and not policy:
        counts[KEPT] += 1
        counts[SENTENCES] += line[ENDED_SENTENCES]


@part
def _names(data: Array, start: int, stop: int, phrases: Array) -> bool:
    """Whether a line holds any of some phrases, in any case of their letters."""
    first = 0  # byte of the phrase that is looked for
    while first < len(phrases):
        end = first
        while phrases[end]:
            end += 1
        for at in range(start, stop - (end - first) + 1):
            place = first
            while place < end and _small(data[at + place - first]) == phrases[place]:
                place += 1
            if place == end:
                return True
        first = end + 1
    return False


@part
def _small(byte: np.int64) -> np.int64:
    """An ASCII letter in lower case; anything else as it is."""
    return byte | SMALL if 0x41 <= byte <= 0x5A else byte
