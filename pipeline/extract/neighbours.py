"""ftfy's pattern of unlikely neighbours as tables: which characters arouse suspicion in a row.

The tables are read off the pattern, so they follow ftfy. An alternative of it that is longer than
three characters arouses suspicion with its first three.
"""

import re
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.kept_arrays import source_of

SOURCE = source_of(__file__)

CHARACTERS = 0x10000 - 0x800  # below U+10000, of which some are surrogates and none themselves
ANYTHING = "(?s:.)"
_BEYOND = "\U00010000"  # a letter: it stands for all that have four bytes
_LONGEST = 3

_ATOM = re.compile(r"\[[^\]]*\]|\\x[0-9a-f]{2}|\\.|[^ ]")


@cache
def alphabet() -> str:
    """All characters below U+10000 but surrogates."""
    return "".join(map(chr, (*range(0xD800), *range(0xE000, 0x10000))))


def classes() -> tuple[NDArray[Any], NDArray[np.uint8], NDArray[np.bool_]]:
    """The k classes of characters, and what is suspicious.

    Returns:
        The class of every character of `alphabet`, and twice that of the characters beyond it;
        (k, k) of a pair: 1 where it is suspicious, 2 where a third character may make it so;
        (k, k, k) of three.
    """
    from ftfy.badness import BADNESS_RE  # the tables are kept: most processes do without ftfy

    sequences = _sequences(BADNESS_RE.pattern)
    atoms = sorted({atom for sequence in sequences for atom in sequence})
    fits = np.array([_fits(atom) for atom in atoms])  # (atoms, characters)
    examples, class_of = _alike(fits)
    fit = dict(zip(atoms, fits[:, examples], strict=True))  # each (k,)
    size = len(examples)
    pairs, triples = np.zeros((size, size), np.uint8), np.zeros((size, size, size), np.bool_)
    for first, second, third in sequences:
        triples |= fit[first][:, None, None] & fit[second][:, None] & fit[third]
    pairs[triples.any(axis=2)] = 2
    for first, second, third in sequences:
        if third == ANYTHING:
            pairs[np.outer(fit[first], fit[second])] = 1
    return class_of, pairs, triples


def _sequences(pattern: str) -> list[tuple[str, str, str]]:
    """The first three parts of every alternative of a verbose pattern."""
    lines = (line.strip() for line in pattern.splitlines())
    bare = " ".join(line for line in lines if not line.startswith("#"))
    sequences: list[list[str]] = [[]]
    for atom in _ATOM.findall(bare):
        if atom == "|":
            sequences.append([])
        elif atom == "?" or atom != "^":  # with what is before it; without is left for below
            sequences[-1].append(atom)
    return [_three(each) for sequence in sequences for each in _both(sequence) if each]


def _both(sequence: list[str]) -> list[list[str]]:
    """A sequence with, and without, the part that a `?` makes optional."""
    if "?" not in sequence:
        return [sequence]
    at = sequence.index("?")
    return [sequence[:at] + sequence[at + 1 :], sequence[: at - 1] + sequence[at + 1 :]]


def _three(sequence: list[str]) -> tuple[str, str, str]:
    first, second, third = (sequence + [ANYTHING] * _LONGEST)[:_LONGEST]
    return first, second, third


def _alike(fits: NDArray[np.bool_]) -> tuple[NDArray[Any], NDArray[Any]]:
    """A place of every different column, and for every column which of them it is like."""
    _, like = np.unique(fits[0], return_inverse=True)
    for row in fits[1:]:
        like = 2 * like + row
        if like.max() > 1 << 32:
            _, like = np.unique(like, return_inverse=True)
    _, examples, class_of = np.unique(like, return_index=True, return_inverse=True)
    return examples, class_of


def _fits(atom: str) -> NDArray[np.bool_]:
    """Which characters a part of the pattern matches."""
    found = "".join(re.findall(atom, alphabet() + _BEYOND)).encode("utf-32-le")
    points = np.frombuffer(found, "<u4").astype(np.int64)
    fits = np.zeros(CHARACTERS + 2, np.bool_)
    fits[np.where(points < 0xD800, points, points - 0x800)] = True  # no surrogates in between
    fits[-1] = fits[-2]
    return fits
