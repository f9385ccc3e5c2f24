"""What CLD2 says of texts, as columns."""

from functools import cache
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]

RENAMED = {"iw": "he", "in": "id", "jw": "jv", "ji": "yi", "mo": "ro", "nb": "no", "sh": "sr"}
TRADITIONAL = "zh-Hant"
UNKNOWN = "un"
PIECES = 6  # of a text that is not seen whole, at most
LEAST = 200  # bytes of a piece
CONTINUES = 0x80  # the top two bits of a byte that does not begin a character


class Found(NamedTuple):
    """CLD2's answers on n texts. Where it was not asked or knows no language, all is empty."""

    languages: list[str | None]  # the language of most of the text, BCP 47
    shares: Array  # (n,) float64: of the text in that language
    scores: Array  # (n,) float64: CLD2's own, for a kilobyte of it
    parts: list[list[tuple[str | None, float]]]  # up to three languages and their shares
    traditional: list[bool]  # the Chinese in it is written so


def cld2(raw: bytes, offsets: Array, wanted: Array, first: int) -> Found:
    """Ask CLD2 about each wanted text.

    Args:
        raw: the bytes of all texts, UTF-8, with only characters that CLD2 takes.
        offsets: (n + 1,) int64: text i is `raw[offsets[i]:offsets[i + 1]]`.
        wanted: (n,) bool.
        first: the bytes of a text that are looked at; of a longer text so many in all, from
            up to `PIECES` places.
    """
    from pycld2 import detect  # here: recipes are read without it

    count = len(wanted)
    found = Found([None] * count, np.zeros(count), np.zeros(count), [[]] * count, [False] * count)
    bounds = offsets.tolist()
    for row in np.flatnonzero(wanted).tolist():
        seen = _seen(raw, bounds[row], bounds[row + 1], first)
        _, _, details = detect(seen, isPlainText=True, bestEffort=True)
        known = [each for each in details if each[2] and language_of(each[1])]
        if known:
            _, code, percent, score = known[0]
            found.languages[row] = language_of(code)
            found.shares[row], found.scores[row] = percent / 100, score
            found.parts[row] = _parts(known)
            found.traditional[row] = code == TRADITIONAL
    return found


def _parts(known: list[tuple[str, str, int, float]]) -> list[tuple[str | None, float]]:
    """The languages and their shares; CLD2 tells simplified and traditional Chinese apart."""
    percents: dict[str | None, int] = {}
    for _, code, percent, _ in known:
        language = language_of(code)
        percents[language] = percents.get(language, 0) + percent
    return [(language, percent / 100) for language, percent in percents.items()]


def _seen(raw: bytes, start: int, stop: int, first: int) -> bytes:
    """A text, or of a long one pieces that say how much of it is what: the middle of each part."""
    size = stop - start
    if size <= first:
        return raw[start:stop]
    count = max(1, min(PIECES, first // LEAST))
    pieces, each = [], first // count
    for piece in range(count):
        begin = start + (size * (2 * piece + 1) // count - each) // 2
        pieces.append(raw[_whole(raw, begin, stop) : _whole(raw, begin + each, stop)])
    return b"\n".join(pieces)


def _whole(raw: bytes, at: int, stop: int) -> int:
    """The first place from `at` on where no character is cut."""
    while at < stop and raw[at] & 0xC0 == CONTINUES:
        at += 1
    return at


@cache
def language_of(code: str) -> str | None:
    """BCP 47 of a detector's code; None for what is no human language."""
    primary = code.partition("-")[0]
    unknown = code == UNKNOWN or primary == "xx" or primary.startswith("zz")
    return None if unknown else RENAMED.get(primary, primary)
