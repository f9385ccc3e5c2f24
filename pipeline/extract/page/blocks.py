"""Joins a page's pieces of text to blocks, and counts what is in each."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled, part
from pipeline.extract.markup import FNV_OFFSET, FNV_PRIME, LETTER, Bytes
from pipeline.extract.page import names
from pipeline.extract.page.attributes import look_up
from pipeline.extract.page.tree import BREAK, LINK, STRONG, Tree

(
    WORDS, LINKED, BOLD, BYTES, DIGITS, STOPS, COMMAS, CAPITALS, COMMON, BARS, FOREIGN, LINKS,
    LINES, BEGINS, ENDS_SENTENCE, IDEOGRAPHS,
) = range(16)  # fmt: skip
COUNTS = 16

_BLOCK = names.flags(names.BLOCK)
_HINT_KEYS, _HINT_VALUES = names.HINT_TABLE
_STOP_KEYS, _STOP_VALUES = names.STOP_TABLE
_KINDS = np.zeros(256, np.uint8)
_SPACE, _DIGIT, _STOP, _COMMA, _CAPITAL, _BAR, _FOREIGN, _LETTER, _AMPERSAND = range(1, 10)
for _kind, _bytes in (
    (_SPACE, b"\t\n\f\r "),
    (_DIGIT, b"0123456789"),
    (_STOP, b".!?"),
    (_COMMA, b",;:"),
    (_CAPITAL, bytes(range(65, 91))),
    (_LETTER, bytes(range(97, 123))),
    (_BAR, b"|/>\\*"),
    (_FOREIGN, bytes(range(128, 256))),
    (_AMPERSAND, b"&"),
):
    _KINDS[list(_bytes)] = _kind
_COLUMNS = np.full(10, -1, np.int64)  # the count of each kind of byte
for _kind, _column in (
    (_STOP, STOPS),
    (_COMMA, COMMAS),
    (_DIGIT, DIGITS),
    (_BAR, BARS),
    (_FOREIGN, FOREIGN),
):
    _COLUMNS[_kind] = _column


class Blocks(NamedTuple):
    """A page's b blocks of text, in the page's order."""

    pieces: NDArray[np.int32]  # (b, 2): first piece, and the one after the last
    elements: NDArray[np.int32]  # (b,) the innermost block element around the first piece
    counts: NDArray[np.float32]  # (b, COUNTS)
    hashes: NDArray[np.uint64]  # (b,) of the words in lower case
    hints: NDArray[np.uint64]  # (b,) bits of names.HINTS for the words, where they are few


def read_blocks(page: Bytes, tree: Tree) -> Blocks:
    """Join and count."""
    most = len(tree.pieces)
    pieces, elements = np.zeros((most, 2), np.int32), np.zeros(most, np.int32)
    counts = np.zeros((most, COUNTS), np.float32)
    hashes, hints = np.zeros(most, np.uint64), np.zeros(most, np.uint64)
    found = _read(
        page, tree.pieces, tree.parents, tree.tags, tree.states, pieces, elements, counts, hashes,
        hints,
    )  # fmt: skip
    return Blocks(pieces[:found], elements[:found], counts[:found], hashes[:found], hints[:found])


@compiled
def _read(
    page: Bytes,
    texts: NDArray[np.int32],
    parents: NDArray[np.int32],
    tags: Bytes,
    states: Bytes,
    pieces: NDArray[np.int32],
    elements: NDArray[np.int32],
    counts: NDArray[np.float32],
    hashes: NDArray[np.uint64],
    hints: NDArray[np.uint64],
) -> int:
    found = -1
    word = np.zeros(3, np.uint64)  # whether in one, its hash, hints of the words so far
    for text in range(len(texts)):
        start, stop, element, gap, spaced = texts[text]
        if gap == BREAK or found < 0:
            if found >= 0:
                _end_word(word, counts[found], hashes, hints, found)
                if counts[found, WORDS] == 0:
                    found -= 1  # nothing but &nbsp;
            found += 1
            counts[found] = 0
            hashes[found], word[2] = FNV_OFFSET, 0
            pieces[found, 0] = text
            elements[found] = _around(element, parents, tags)
        elif gap or spaced:
            _end_word(word, counts[found], hashes, hints, found)
            counts[found, LINES] += gap
        pieces[found, 1] = text + 1
        state = states[element]
        counts[found, LINKS] += 1 if state & LINK else 0
        before = counts[found, WORDS]
        _count(page, start, stop, counts[found], word, hashes, hints, found)
        more = counts[found, WORDS] - before
        counts[found, LINKED] += more if state & LINK else 0
        counts[found, BOLD] += more if state & STRONG else 0
    if found >= 0:
        _end_word(word, counts[found], hashes, hints, found)
        if counts[found, WORDS] == 0:
            found -= 1
    return found + 1


@part
def _around(element: int, parents: NDArray[np.int32], tags: Bytes) -> int:
    while element and not _BLOCK[tags[element]]:
        element = parents[element]
    return element


@part
def _end_word(
    word: NDArray[np.uint64],
    counts: NDArray[np.float32],
    hashes: NDArray[np.uint64],
    hints: NDArray[np.uint64],
    block: int,
) -> None:
    if word[0] == 0:
        return
    word[0] = 0
    counts[COMMON] += np.float32(look_up(word[1], _STOP_KEYS, _STOP_VALUES))
    word[2] |= look_up(word[1], _HINT_KEYS, _HINT_VALUES)
    hashes[block] = (hashes[block] ^ word[1]) * FNV_PRIME
    hints[block] = word[2] if counts[WORDS] <= 6 else np.uint64(0)


@part
def _count(
    page: Bytes,
    start: int,
    stop: int,
    counts: NDArray[np.float32],
    word: NDArray[np.uint64],
    hashes: NDArray[np.uint64],
    hints: NDArray[np.uint64],
    block: int,
) -> None:
    """Count the bytes from `start` to `stop` into a block."""
    place = start
    while place < stop:
        byte = page[place]
        kind = _KINDS[byte]
        place += 1
        if kind == _AMPERSAND:
            place, is_space = _past_reference(page, place, stop)
            kind = _SPACE if is_space else kind
        if kind == _SPACE:
            _end_word(word, counts, hashes, hints, block)
            continue
        counts[BYTES] += 1
        if word[0] == 0:
            word[0], word[1] = 1, FNV_OFFSET
            counts[WORDS] += 1
            counts[CAPITALS] += kind == _CAPITAL
            if counts[WORDS] == 1:
                counts[BEGINS] = kind
        if kind in (_CAPITAL, _LETTER, _FOREIGN, _DIGIT):
            letter = byte + 32 if kind == _CAPITAL else byte
            word[1] = (word[1] ^ np.uint64(letter)) * FNV_PRIME
        _count_kind(page, place, kind, counts)


@part
def _count_kind(page: Bytes, place: int, kind: int, counts: NDArray[np.float32]) -> None:
    byte = page[place - 1]
    column = _COLUMNS[kind]
    if column >= 0:
        counts[column] += 1
    if kind == _FOREIGN:
        if 0xE3 <= byte <= 0xED:  # U+3000 to U+DFFF: scripts without spaces, and Hangul
            counts[IDEOGRAPHS] += 1
            counts[WORDS] += 0.5
        elif byte == 0x82 and place > 2 and page[place - 2] == 0x80 and page[place - 3] == 0xE3:
            counts[STOPS] += 1  # the ideographic full stop
            counts[ENDS_SENTENCE] = 1
    elif kind != _BAR and byte not in (34, 41):  # quotes and brackets close after it
        counts[ENDS_SENTENCE] = kind == _STOP


@part
def _past_reference(page: Bytes, place: int, stop: int) -> tuple[int, bool]:
    """The place after a character reference whose `&` is before `place`; whether it is a space."""
    end = place
    while end < stop and end < place + 10 and (LETTER[page[end]] or 35 <= page[end] <= 57):
        end += 1
    if not place < end < stop or page[end] != 59:  # ;
        return place, False
    is_space = (
        end == place + 4
        and (page[place] == 110 or page[place] == 35)  # nbsp, #160
        and (page[place + 1] == 98 or page[place + 1] == 49)
    )
    return end + 1, is_space
