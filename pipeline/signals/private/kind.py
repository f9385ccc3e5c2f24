"""What a kind of private data is."""

import string
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import re2

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


@cache
def _compiled(pattern: bytes) -> Any:  # re2 has no type hints
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1  # all patterns are ASCII: match plain bytes
    return re2.compile(pattern, options)


def alone(text: bytes, start: int, stop: int, *, joins: bytes = b"") -> bool:
    """Whether neither a letter, a digit nor any of `joins` touches a span on either side."""
    around = text[max(start - 1, 0) : start] + text[stop : stop + 1]
    return not any(byte in joins or byte in ALPHANUMERIC for byte in around)
