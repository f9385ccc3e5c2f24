"""Counting what C4's line rules would keep of each document."""

from typing import Any

import numpy as np

from pipeline.compiling import compiled, inlined, lean
from pipeline.signals.kernels.characters import FULL_STOP, SPACE
from pipeline.signals.kernels.utf8 import code_point, plain_before

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
# Four bytes of each phrase, rare ones: of cookies, JavaScript, a privacy policy, terms of use.
OKIE, VASC, CY_P, RMS = (
    tuple(map(np.uint8, each)) for each in (b"okie", b"vasc", b"cy p", b"rms ")
)
NEW_LINE, DOT = 0x0A, 0x2E
SMALL = 0x20  # the bit that makes an ASCII letter small
SMALL_BYTE = np.uint8(SMALL)
OTHER = 0xFF  # in a packed word, a character that is not ASCII

# What a sentence ends with, in any script; and the quotes and brackets that may follow it.
ENDS = tuple(map(ord, ".!?。！？．｡؟۔।॥։።፧၊။៖"))
QUOTES = tuple(map(ord, "\"'”’»」』"))
CLOSING = (*QUOTES, *map(ord, ")]}）］】〉》"))

LOOKS = ("characters", "words", "longest", "sentences", "ended")
CHARACTERS, WORDS, LONGEST, ENDED_SENTENCES, ENDED = range(5)  # of one line


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
        at, stop = offsets[row], offsets[row + 1]
        hinted = _hints(data, at, stop)
        while at < stop:
            start = at
            at = _look(data, at, stop, kinds, line)
            named = _named(data, start, at) if hinted and _hints(data, start, at) else 0
            _count_line(line, named, counts, row)
    return counts


@inlined
def _look(data: Array, start: int, stop: int, kinds: Array, line: Array) -> int:
    """Words and sentences of a line, and whether its end is that of a sentence.

    Returns:
        The byte behind the line and its end.
    """
    characters, words, longest, sentences, at = 0, 0, 0, 0, start
    is_open = ended = line_ends = False
    while at < stop and not line_ends:
        begin, length, last, end, space = at, 0, 0, at, False
        while at < stop and not space:
            plain = plain_before(data, at, stop)
            if plain:
                at += plain
                end, length, last = at, length + plain, kinds[data[at - 1]]
            if plain < 8:
                point, size = code_point(data, at)
                space, line_ends = kinds[point] & SPACE != 0, point == NEW_LINE
                at += size
                if not space:
                    end, length, last = at, length + 1, kinds[point]
        characters += length + (space and not line_ends)
        if length:
            ends, ended = False, False
            if last & FULL_STOP:  # one word in ten: all that ends a sentence is among them
                ends, ended = _ends(data, begin, end)
            words, longest = words + 1, max(longest, length)
            sentences, is_open = sentences + ends, not ends
    line[CHARACTERS], line[WORDS], line[LONGEST] = characters, words, longest
    line[ENDED_SENTENCES], line[ENDED] = sentences + is_open, ended
    return at


@lean
def _ends(data: Array, start: int, stop: int) -> tuple[bool, bool]:
    """Whether a word ends a sentence, and whether C4 keeps a line that ends with it.

    Of the word are known its last character, the last two that are not closing ones, and what
    stands before these, packed.
    """
    at, before, packed = start, np.int64(0), np.int64(0)
    last, tail, prior = np.int64(0), np.int64(0), np.int64(0)
    while at < stop:
        last, size = code_point(data, at)
        at += size
        if last not in CLOSING:
            before, prior, tail = packed, tail, last
            packed = (packed << 8) | (_small(last) if last < 0x80 else np.int64(OTHER))
    ends = tail in ENDS
    if tail == DOT:
        initial = 0 < before <= 0xFF
        ends = prior != DOT and not initial and before not in ABBREVIATIONS
    return ends, (last in ENDS or last in QUOTES) and not (last == DOT == prior)


@inlined
def _count_line(line: Array, named: int, counts: Array, row: int) -> None:
    if line[WORDS] == 0:
        return
    counts[row, LINES] += 1
    counts[row, PARAGRAPHS] += line[CHARACTERS] >= PARAGRAPH
    counts[row, JAVASCRIPT] += named & 1
    counts[row, POLICY] += named >> 1
    fits = line[ENDED] and line[WORDS] >= FEWEST_WORDS and line[LONGEST] <= LONGEST_WORD
    if fits and not named:
        counts[row, KEPT] += 1
        counts[row, SENTENCES] += line[ENDED_SENTENCES]


@inlined
def _hints(data: Array, start: int, stop: int) -> bool:
    """Whether a text may hold any of the phrases, many bytes at once: each has one of these."""
    found: Any = False
    for at in range(start, stop - 3):
        one, two = data[at] | SMALL_BYTE, data[at + 1] | SMALL_BYTE
        three, four = data[at + 2] | SMALL_BYTE, data[at + 3] | SMALL_BYTE
        found |= _are(one, two, three, four, OKIE)
        found |= _are(one, two, three, four, VASC)
        found |= _are(one, two, three, four, CY_P)
        found |= _are(one, two, three, four, RMS)
    return bool(found)


@inlined
def _are(
    one: np.uint8, two: np.uint8, three: np.uint8, four: np.uint8, hint: tuple[np.uint8, ...]
) -> Any:
    return (one == hint[0]) & (two == hint[1]) & (three == hint[2]) & (four == hint[3])


@lean
def _named(data: Array, start: int, stop: int) -> int:
    """1 for a line that names JavaScript, 2 for one that names a policy, 3 for both, 0."""
    javascript = _names(data, start, stop, JAVASCRIPT_WORD)
    return int(javascript) | int(_names(data, start, stop, POLICIES)) << 1


@lean
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


@inlined
def _small(byte: np.int64) -> np.int64:
    """An ASCII letter in lower case; anything else as it is."""
    return byte | SMALL if 0x41 <= byte <= 0x5A else byte
