"""One pass over a text that tells whether anything in it may want repair or another form.

Nearly all texts want nothing, and that is known after a nanosecond a character. A text may be said
to want what it does not; never the other way round.

ftfy changes a line only where its pattern of unlikely neighbours matches. Of each alternative of
that pattern the first three characters are looked for here: characters fall into classes by the
parts of the pattern that they fit, and tables say which class after which is suspicious.
"""

import unicodedata
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled, inlined
from pipeline.extract import neighbours, normalise
from pipeline.extract.neighbours import CHARACTERS, alphabet
from pipeline.extract.normalise import FORMS
from pipeline.kept_arrays import Arrays, kept, source_of

SUSPICIOUS, TOUCHABLE, UNCOMPOSED, LOOSE = 1, 2, 4, 8
_SPACE = 16
_CLASS = 8  # bits below a character's class in its traits
_BEYOND, _PICTURE = CHARACTERS, CHARACTERS + 1  # what is beyond; of it, U+1F000 and on
_JAMO = "".join(map(chr, range(0x1160, 0x1200)))  # they join the syllable before them
_NEWLINE, _ESCAPE, _SURROGATES = 10, 27, 0x800
_FIRST, _SPAN = np.uint16(32), np.uint16(126 - 32)  # printable ASCII
_STRIDE = 32


def look(text: str) -> int:
    """What a well-formed text may want: SUSPICIOUS, TOUCHABLE, UNCOMPOSED, LOOSE, or 0."""
    units = np.frombuffer(text.encode("utf-16-le"), "<u2")  # faster made than UTF-8
    found: int = _look(units, _TRAITS, _PAIRS, _TRIPLES)
    return found


@compiled
def _look(
    data: NDArray[np.uint16],
    traits: NDArray[np.uint16],
    pairs: NDArray[np.uint8],
    triples: NDArray[np.bool_],
) -> int:
    found, at, near = 0, 0, 0  # near: how many more characters have one beyond ASCII before them
    first = before = traits[_NEWLINE]
    while True:
        if near == 0:
            at = _past_plain(data, at)
        if at >= len(data):
            break
        unit, start, left = data[at], at, near - 1
        if unit < 0x80:
            here, at = traits[unit], at + 1
        else:
            if near == 0:  # the two before are ASCII
                before = traits[data[at - 1] if at > 0 else _NEWLINE]
                first = traits[data[at - 2] if at > 1 else _NEWLINE]
            here, at = _wide(data, at, traits)
            near, left = 1, 2
        found |= here
        if near:
            found |= _together(first >> _CLASS, before >> _CLASS, here >> _CLASS, pairs, triples)
        if unit < 32:
            found |= _control(data, start, near > 0 and before & _SPACE > 0)
        near = max(left, 0)
        first, before = before, here
    return _ended(data, found, near, before, traits, pairs)


@inlined
def _past_plain(data: NDArray[np.uint16], at: int) -> int:
    """The place of the next that is not printable ASCII; many at a time, which is vectorised."""
    while at + _STRIDE <= len(data):
        odd: Any = False
        for each in range(at, at + _STRIDE):
            odd |= np.uint16(data[each] - _FIRST) > _SPAN  # unsigned: less than the first is more
        if odd:
            break
        at += _STRIDE
    while at < len(data) and np.uint16(data[at] - _FIRST) <= _SPAN:
        at += 1
    return at


@inlined
def _together(
    first: int, before: int, here: int, pairs: NDArray[np.uint8], triples: NDArray[np.bool_]
) -> int:
    """Whether a character makes those before it suspicious."""
    if pairs[before, here] == 1:
        return SUSPICIOUS
    return SUSPICIOUS if pairs[first, before] == 2 and triples[first, before, here] else 0


@inlined
def _control(data: NDArray[np.uint16], at: int, after_space: bool) -> int:
    """What a line end, or a terminal's escape, makes a text want."""
    if data[at] == _ESCAPE:
        return SUSPICIOUS
    return LOOSE if data[at] == _NEWLINE and _is_loose(data, at, after_space) else 0


@inlined
def _is_loose(data: NDArray[np.uint16], at: int, after_space: bool) -> bool:
    """Whether a line end comes after space, or after two of its kind, or first of all."""
    if at == 0 or after_space or data[at - 1] == 32 or data[at - 1] == 9:
        return True
    return data[at - 1] == _NEWLINE and (at == 1 or data[at - 2] == _NEWLINE)


@inlined
def _ended(
    data: NDArray[np.uint16],
    found: int,
    near: int,
    before: np.uint16,
    traits: NDArray[np.uint16],
    pairs: NDArray[np.uint8],
) -> int:
    """What was found, with what the last character adds."""
    if near and pairs[before >> _CLASS, traits[_NEWLINE] >> _CLASS] == 1:
        found |= SUSPICIOUS
    if len(data):
        last = traits[data[len(data) - 1]] if data[len(data) - 1] < 0x80 else before
        if last & _SPACE or data[len(data) - 1] == _NEWLINE:
            found |= LOOSE
    return found & (SUSPICIOUS | TOUCHABLE | UNCOMPOSED | LOOSE)


@inlined
def _wide(data: NDArray[np.uint16], at: int, traits: NDArray[np.uint16]) -> tuple[np.uint16, int]:
    """The traits of the character beyond ASCII at `at`, and the place after it."""
    unit = data[at]
    if unit < 0xD800:
        return traits[unit], at + 1
    if unit >= 0xE000:
        return traits[unit - _SURROGATES], at + 1
    return traits[_PICTURE if 0xD83C <= unit <= 0xD83F else _BEYOND], at + 2


def _uncomposed(characters: str) -> NDArray[np.bool_]:
    """Whether NFC may change a text for having each of these; (characters,)."""
    joining, normal, second = unicodedata.combining, unicodedata.is_normalized, _second()
    wants = [c in second or joining(c) > 0 or not normal("NFC", c) for c in characters]
    return np.array(wants, np.bool_)


def _second() -> frozenset[str]:
    """What may become one with the character before it."""
    pairs = (unicodedata.decomposition(character).split() for character in alphabet())
    return frozenset(_JAMO) | frozenset(
        chr(int(each[1], 16)) for each in pairs if len(each) == 2 and each[0][0] != "<"
    )


@kept(source_of(__file__), neighbours.SOURCE, normalise.SOURCE, packages=("ftfy",))
def _tables() -> Arrays:
    """The traits of all characters below U+10000 but surrogates, and of the others; `classes`.

    Traits are a class and flags.
    """
    class_of, pairs, triples = neighbours.classes()
    traits = (class_of.astype(np.int64) << _CLASS).astype(np.uint16)
    known = traits[:CHARACTERS]
    known[[character in FORMS for character in alphabet()]] |= TOUCHABLE
    known[[character.isspace() and character != "\n" for character in alphabet()]] |= _SPACE
    known[_uncomposed(alphabet())] |= UNCOMPOSED
    pictures = _uncomposed("".join(map(chr, range(0x1F000, 0x20000))))
    traits[_BEYOND] |= UNCOMPOSED
    traits[_PICTURE] |= UNCOMPOSED if pictures.any() else 0
    return traits, pairs, triples


_TRAITS, _PAIRS, _TRIPLES = _tables()
