"""Where a text is cut before pairs are merged: the patterns of GPT-2's family, as one loop.

The patterns differ in a few places only, and those are the fields of `Cuts`. A regular expression
that is not among them is left to the `tokenizers` library.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import lean
from pipeline.shard.characters import LETTER, MARK, NUMBER, OTHER, SPACE, kinds_of_all

Bytes = NDArray[np.uint8]

NEWLINE = np.uint8(SPACE + 1)  # white, and a line's end
ANY = 2**31 - 1

# The alternatives of the patterns, in the order in which they are tried.
_ANY_CASE = ("(?i:'(?:s|t|re|ve|m|ll|d))", "(?i:'s|'t|'re|'ve|'m|'ll|'d)")
_WHITE = r"|\s+(?!\S)|\s+"
_GPT2 = (
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+" + _WHITE,
    r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+" + _WHITE,
)
# With marks as letters: ours. Without, and with any sign before a word: GPT-4, Llama 3.
_MARKED = re.compile(
    r" \?\[\\p\{L\}\\p\{M\}\]\+\|(?P<numbers>\\p\{N\}(?:\{1,(?P<digits>\d+)\})?)"
    r"\| \?\[\^\\s\\p\{L\}\\p\{M\}\\p\{N\}\]\+\|\\s\*\[\\r\\n\]\+"
)
_LED = re.compile(
    r"\[\^\\r\\n\\p\{L\}\\p\{N\}\]\?\\p\{L\}\+\|(?P<numbers>\\p\{N\}(?:\{1,(?P<digits>\d+)\})?)"
    r"\| \?\[\^\\s\\p\{L\}\\p\{N\}\]\+\[\\r\\n\]\*\|\\s\*\[\\r\\n\]\+"
)


class Cuts(NamedTuple):
    """Where words are cut, beside what kind each character is.

    Attributes:
        any_case: 'S cuts as 's does.
        any_lead: a word takes any one character before it that is no line end, letter or number;
            else only a space.
        spaced_numbers: a run of digits takes the space before it.
        digits: how many digits stand together at most.
        line_ends: signs take the line ends behind them.
        lines: white space is cut behind its last line end.
    """

    any_case: bool
    any_lead: bool
    spaced_numbers: bool
    digits: int
    line_ends: bool
    lines: bool


class Pattern(NamedTuple):
    """A whole pattern.

    Attributes:
        kinds: the kind of every code point, (0x110000,): OTHER, LETTER, NUMBER, SPACE or NEWLINE.
        cuts: what it does with them.
        alone: bit `8 * first + second` says that a character of the kind `first`, no apostrophe, is
            a whole piece where one of the kind `second` stands behind it.
    """

    kinds: Bytes
    cuts: Cuts
    alone: int


def pattern_of(pre_tokenizer: dict[str, Any] | None) -> Pattern | None:
    """The pattern in a tokenizer.json's `pre_tokenizer`; None where the loop does not know it."""
    steps = pre_tokenizer or {}
    if steps.get("type") != "Sequence":
        steps = {"pretokenizers": [steps]}
    *splits, last = steps["pretokenizers"] or [{}]
    if last.get("type") != "ByteLevel" or last.get("add_prefix_space", True):
        return None
    if last.get("use_regex", True):
        return _pattern(_GPT2[0]) if not splits else None
    if len(splits) != 1 or splits[0].get("type") != "Split":
        return None
    [split] = splits
    if split.get("behavior") != "Isolated" or split.get("invert"):
        return None
    return _pattern(split["pattern"].get("Regex", ""))


def _pattern(regex: str) -> Pattern | None:
    if regex in _GPT2:
        return _whole(OTHER, Cuts(False, False, True, ANY, False, False))
    for start in _ANY_CASE:
        middle = regex.removeprefix(start + "|").removesuffix(_WHITE)
        if len(middle) + len(start) + 1 + len(_WHITE) == len(regex):
            if found := _MARKED.fullmatch(middle):
                return _whole(LETTER, Cuts(True, False, False, _digits(found), False, True))
            if found := _LED.fullmatch(middle):
                return _whole(OTHER, Cuts(True, True, False, _digits(found), True, True))
    return None


def _whole(mark: np.uint8, cuts: Cuts) -> Pattern:
    behind = {
        OTHER: [NUMBER, SPACE, LETTER, NEWLINE],
        NUMBER: [OTHER, LETTER, SPACE, NEWLINE, NUMBER],
        NEWLINE: [OTHER, LETTER, NUMBER],
    }
    joined = {(OTHER, LETTER): cuts.any_lead, (OTHER, NEWLINE): cuts.line_ends}
    joined[NUMBER, NUMBER] = cuts.digits > 1
    pairs = [(first, second) for first, every in behind.items() for second in every]
    alone = sum(
        1 << int(8 * first + second) for first, second in pairs if not joined.get((first, second))
    )
    return Pattern(_kinds(mark), cuts, alone)


def _digits(found: re.Match[str]) -> int:
    return min(int(found["digits"] or 1), ANY)


def _kinds(mark: np.uint8) -> NDArray[np.uint8]:
    table = kinds_of_all().copy()
    table[table == MARK] = mark
    table[[10, 13]] = NEWLINE
    return table


@lean
def next_cut(data: Bytes, at: int, stop: int, kinds: Bytes, cuts: Cuts) -> int:
    """Where the piece that starts at byte `at` ends; the text ends at `stop`, behind `at`."""
    if data[at] == 0x27:
        size = _contraction(data, at, stop, cuts.any_case)
        if size:
            return at + size
    code, after = character(data, at)
    kind = kinds[code]
    if kind == LETTER:
        return _run(data, after, stop, kinds, LETTER)
    if kind == NUMBER:
        return _numbers(data, after, stop, kinds, cuts.digits)
    if kind == NEWLINE:
        return _white(data, at, stop, kinds, cuts)
    if kind == OTHER:
        if cuts.any_lead and _starts(data, after, stop, kinds, LETTER):
            return _run(data, after, stop, kinds, LETTER)
        return _signs(data, after, stop, kinds, cuts)
    return _behind_space(data, at, after, stop, kinds, cuts)


@lean
def _behind_space(data: Bytes, at: int, after: int, stop: int, kinds: Bytes, cuts: Cuts) -> int:
    """The end of a piece that starts with white space, of which `after` is the next character."""
    if after == stop:
        return after
    blank = data[at] == 0x20
    code, second = character(data, after)
    kind = kinds[code]
    if kind == LETTER and (blank or cuts.any_lead):
        return _run(data, second, stop, kinds, LETTER)
    if blank and kind == OTHER:
        return _signs(data, second, stop, kinds, cuts)
    if blank and kind == NUMBER and cuts.spaced_numbers:
        return _numbers(data, second, stop, kinds, cuts.digits)
    return _white(data, at, stop, kinds, cuts)


@lean
def _contraction(data: Bytes, at: int, stop: int, any_case: bool) -> int:
    """The bytes of 's, 't, 'm, 'd, 're, 've or 'll; 0 where there is none of them."""
    first = _letter(data, at + 1, stop, any_case)
    if first in (0x73, 0x74, 0x6D, 0x64):
        return 2
    second = _letter(data, at + 2, stop, any_case)
    if first == 0xC5 and second == 0xBF and any_case:  # ſ, which is an s in any case
        return 3
    if second == 0x65 and first in (0x72, 0x76):
        return 3
    return 3 if first == 0x6C and second == 0x6C else 0


@lean
def _letter(data: Bytes, at: int, stop: int, any_case: bool) -> Any:
    if at >= stop:
        return 0
    return data[at] + 32 if any_case and 0x41 <= data[at] <= 0x5A else data[at]


@lean
def _starts(data: Bytes, at: int, stop: int, kinds: Bytes, kind: np.uint8) -> bool:
    return at < stop and kinds[character(data, at)[0]] == kind


@lean
def _run(data: Bytes, at: int, stop: int, kinds: Bytes, kind: np.uint8) -> int:
    """The end of a run of characters of one kind."""
    while at < stop:
        code, after = character(data, at)
        if kinds[code] != kind:
            break
        at = after
    return at


@lean
def _numbers(data: Bytes, at: int, stop: int, kinds: Bytes, digits: int) -> int:
    """The end of a run of digits of which one lies behind."""
    count = 1
    while count < digits and _starts(data, at, stop, kinds, NUMBER):
        at = character(data, at)[1]
        count += 1
    return at


@lean
def _signs(data: Bytes, at: int, stop: int, kinds: Bytes, cuts: Cuts) -> int:
    at = _run(data, at, stop, kinds, OTHER)
    return _run(data, at, stop, kinds, NEWLINE) if cuts.line_ends else at


@lean
def _white(data: Bytes, at: int, stop: int, kinds: Bytes, cuts: Cuts) -> int:
    """The end of a piece of white space: its last line end, or before its last character."""
    count, last, line = 0, at, -1
    while at < stop:
        code, after = character(data, at)
        kind = kinds[code]
        if kind < SPACE:
            break
        last, at = at, after
        count += 1
        if kind == NEWLINE:
            line = at
    if cuts.lines and line >= 0:
        return line
    return at if at == stop or count == 1 else last


@lean
def character(data: Bytes, at: int) -> tuple[np.int64, int]:
    """The code point that starts at byte `at` of valid UTF-8, and where the next one starts."""
    first = np.int64(data[at])
    if first < 0x80:
        return first, at + 1
    second = np.int64(data[at + 1]) & 0x3F
    if first < 0xE0:
        return ((first & 0x1F) << 6) | second, at + 2
    third = np.int64(data[at + 2]) & 0x3F
    if first < 0xF0:
        return ((first & 0x0F) << 12) | (second << 6) | third, at + 3
    return ((first & 0x07) << 18) | (second << 12) | (third << 6) | (data[at + 3] & 0x3F), at + 4
