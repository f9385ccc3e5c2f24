"""What a kind of private data is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import re2

Check = Callable[[bytes, int, int], tuple[int, int] | None]


@dataclass(frozen=True)
class Kind:
    """A kind of private data: what looks like it, and what is it.

    Args:
        name: what stands in its place once it is redacted, in lower case.
        pattern: for RE2, whose time is linear in the text. It can be generous.
        check: strict; given the text and where a match starts and stops, the span to redact, which
            lies within the match, or None where it only looks like it.
    """

    name: str
    pattern: bytes
    check: Check

    def find(self, text: bytes) -> Iterator[tuple[int, int]]:
        """Where the text holds it, as byte offsets."""
        for match in _compiled(self.pattern).finditer(text):
            span = self.check(text, *match.span())
            if span:
                yield span


@cache
def _compiled(pattern: bytes) -> Any:  # re2 has no type hints
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1  # all patterns are ASCII: match plain bytes
    return re2.compile(pattern, options)


def alone(text: bytes, start: int, stop: int, *, joins: bytes = b"") -> bool:
    """Whether neither a letter, a digit nor any of `joins` touches a span on either side."""
    around = text[max(start - 1, 0) : start] + text[stop : stop + 1]
    return not any(byte in joins or chr(byte).isascii() and chr(byte).isalnum() for byte in around)
