"""What each character is, as a table that compiled loops look it up in."""

import unicodedata
from typing import Any

import numpy as np

from pipeline.kept_arrays import Arrays, kept, source_of

SOURCE = source_of(__file__)

LETTER, SPACE, UNSEGMENTED, FULL_STOP, BULLET, CODE, WIDE, WORDLIKE, FORMULA = (
    1 << bit for bit in range(9)
)

CODE_POINTS = 0x110000
ASSIGNED = 0x33500  # no letter has a higher number yet (Unicode 16)
SELECTORS = range(0xE0100, 0xE01F0)  # marks: which form of a Han character is meant

# Scripts that write no space between words: Han, kana, bopomofo, Thai, Lao, Myanmar, Khmer,
# Tibetan, and their relatives.
UNSEGMENTED_RANGES = (
    (0x0E00, 0x0EFF),
    (0x0F00, 0x109F),
    (0x1780, 0x17FF),
    (0x1950, 0x19FF),
    (0x1A20, 0x1AAF),
    (0x2E80, 0x2FDF),
    (0x3005, 0x3007),
    (0x3021, 0x3029),
    (0x3040, 0x312F),
    (0x31A0, 0x31BF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAADF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),
    (0x1B000, 0x1B16F),
    (0x20000, 0x33500),
)

# What a sentence ends with, the quotes and brackets that may follow it, and what introduces.
SENTENCE_ENDS = ".!?…。！？．｡؟۔।॥։።፧၊။៖។༎"
CLOSING = "\"')]}»”’›」』】〉》）］｣"
FULL_STOPS = SENTENCE_ENDS + CLOSING + ":："
BULLETS = "-*•‣⁃◦▪▫●○■□‧∙·➢➤►▶"  # no dashes: speech begins with them in many languages
FORMULA_MARKS = "=+<±×÷·⋅−≤≥≠≈≡∈∉⊂⊆∪∩∧∨¬∀∃⇒⇔∑∏∫∘"
CODE_MARKS = "{}[]()<>=;_$&|\\/#@*+^~`%"


def kinds() -> np.ndarray[Any, Any]:
    """The bits of each code point, uint16."""
    return _kinds()[0]


@kept(SOURCE)
def _kinds() -> Arrays:
    table = np.zeros(CODE_POINTS, np.uint16)
    for point in (*range(ASSIGNED), *SELECTORS):
        table[point] = _bits(chr(point))
    for first, last in UNSEGMENTED_RANGES:
        letters = table[first : last + 1] & LETTER > 0
        table[first : last + 1][letters] |= UNSEGMENTED
    for characters, bit in (
        *((FULL_STOPS, FULL_STOP), (BULLETS, BULLET)),
        *((CODE_MARKS, CODE), (FORMULA_MARKS, FORMULA)),
    ):
        table[[ord(character) for character in characters]] |= bit
    return (table,)


def lower_case() -> np.ndarray[Any, Any]:
    """The lower-case code point of each code point, uint32; itself where it has none of one."""
    return _lower_case()[0]


@kept(SOURCE)
def _lower_case() -> Arrays:
    table = np.arange(CODE_POINTS, dtype=np.uint32)
    for point in range(0x1E944):  # the last letter with a case, in Adlam
        small = chr(point).lower()
        if len(small) == 1:
            table[point] = ord(small)
    return (table,)


def _bits(character: str) -> int:
    category = unicodedata.category(character)
    bits = 0
    if category[0] == "L":
        bits |= LETTER
    if category[0] in "LMN":
        bits |= WORDLIKE
    if character.isspace():
        bits |= SPACE
    if category != "Cn" and unicodedata.east_asian_width(character) in "WF":
        bits |= WIDE
    return bits
