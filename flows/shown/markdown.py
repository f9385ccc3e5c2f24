"""Markdown of Prefect's pages: whatever came from a page or a recipe stays text there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from flows.terminal.plain_text import one_line

_MARKS = re.compile(r"([!-/:-@\[-`{-~])")  # ASCII punctuation: all that can mean something
_PERCENT = {"`": "%60", "|": "%7C", "<": "%3C", ">": "%3E", "\\": "%5C"}


def words(text: str, most: int = 300) -> str:
    """Text on one line that shows nothing but itself: no link, no picture, no HTML."""
    return _MARKS.sub(r"\\\1", one_line(text, most))


def address(url: str, most: int = 100) -> str:
    """A URL to read; it is code, so that nobody is led to where a page wants them."""
    quiet = _quiet(url, most)
    return f"`{quiet}`" if quiet.strip() else "(no URL)"


def addresses(lines: Iterable[str]) -> str:
    """URLs in full, one a line, each with what is said of it, to read and copy."""
    told = "".join(f"{_quiet(line, 2000) or '(no URL)'}\n" for line in lines)
    return f"```text\n{told}```\n"


def _quiet(url: str, most: int) -> str:
    return "".join(_PERCENT.get(letter, letter) for letter in one_line(url, most))


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[str] = ()) -> str:
    """A table of cells that are Markdown already; the columns in `right` hold numbers."""
    lines = ["---:" if heading in set(right) else ":---" for heading in headings]
    every = [headings, lines, *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in every)


def paragraphs(*parts: str) -> str:
    """The parts that say something, each on its own."""
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"
