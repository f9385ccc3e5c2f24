"""A kind of private data as a pattern and a check, and what may stand around a span."""

import string
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import re2

from pipeline.signals.private.scanning import (
    KEY_SPACES,
    KEY_STROKES,
    REACH,
    THING_KEYS,
    THINGS,
)

LEADS = b" \t\n\r\f\v=:\"'(\\\xc2\xa0"
ALPHANUMERIC = (string.ascii_letters + string.digits).encode()

Check = Callable[[bytes, int, int], tuple[int, int] | None]
Cut = Callable[[bytes, int, int], Iterable[tuple[int, int]]]


def whole(text: bytes, start: int, stop: int) -> Iterable[tuple[int, int]]:
    """A match as its own only candidate."""
    return ((start, stop),)


@dataclass(frozen=True)
class Kind:
    """A kind of private data: what looks like it, and what is it.

    Args:
        name: what stands in its place once it is redacted, in lower case.
        pattern: for RE2, whose time is linear in the text. It can be generous.
        check: strict; given the text and where a candidate starts and stops, the span to redact,
            which lies within, or None where it only looks like it.
        cut: the candidates in a match, from left to right.
    """

    name: str
    pattern: bytes
    check: Check
    cut: Cut = whole

    def find(self, text: bytes) -> Iterator[tuple[int, int]]:
        """Where the text holds it, as byte offsets."""
        done = 0
        for match in _compiled(self.pattern).finditer(text):
            for start, stop in self.cut(text, *match.span()):
                span = self.check(text, start, stop) if start >= done else None
                if span:
                    done = span[1]
                    yield span


def latin() -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1  # match plain bytes
    return options


@cache
def _compiled(pattern: bytes) -> Any:  # re2 has no type hints
    return re2.compile(pattern, latin())


def alone(text: bytes, start: int, stop: int, *, joins: bytes = b"") -> bool:
    """Whether neither a letter, a digit nor any of `joins` touches a span on either side."""
    around = text[max(start - 1, 0) : start] + text[stop : stop + 1]
    return not any(byte in joins or byte in ALPHANUMERIC for byte in around)


def follows(text: bytes, start: int, words: tuple[str, ...], leads: bytes = LEADS) -> bool:
    """Whether the words before a place end with one of some, `leads` between them."""
    before = text[max(start - REACH, 0) : start].rstrip(leads).lower()
    for word in words:
        rest = before.removesuffix(word.encode())
        inside = word[0].isascii() and word[0].isalpha()
        if rest != before and not (
            inside and rest and (rest[-1] in ALPHANUMERIC or rest[-1] >= 128)
        ):
            return True
    return False


def in_json(text: bytes, start: int) -> bool:
    """Whether a number is a value in JSON whose key says that it names a thing."""
    return KEYED.search(text[max(start - 40, 0) : start].lower()) is not None


def in_decimal(text: bytes, start: int, stop: int, marks: bytes = b".,") -> bool:
    """Whether a point or comma joins the digits to more digits."""
    before, after = text[max(start - 2, 0) : start], text[stop : stop + 2]
    return (len(before) == 2 and before[1] in marks and before[:1].isdigit()) or (
        len(after) == 2 and after[0] in marks and after[1:].isdigit()
    )


def digits_of(text: bytes) -> str:
    return "".join(chr(byte) for byte in text if chr(byte).isdigit())


NO_PERSON = tuple(f"{what} {word}" for what in THINGS for word in ("no.", "number", "#"))
QUOTE, SPACES = rb'\\{0,%d}"' % KEY_STROKES, b" {0,%d}" % KEY_SPACES
KEYED = re2.compile(
    b"(?:"
    + "|".join(THING_KEYS).encode()
    + b")"
    + QUOTE
    + SPACES
    + b":"
    + SPACES
    + b"(?:"
    + QUOTE
    + rb")?\z",
    latin(),
)
