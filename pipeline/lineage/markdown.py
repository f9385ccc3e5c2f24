"""Text from anywhere, as Markdown and YAML that say it and do nothing."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from pydantic import JsonValue

MOST = 300  # characters of one text
_JOINERS = "\u200c\u200d"  # Persian and the scripts of India need them
_ACTIVE = re.compile(r"([\\`*_{}\[\]<>()#+!|~&$@^])")


def seen(text: str, most: int = MOST) -> str:
    """The text on one line, without what is not seen: controls, marks of direction, tags."""
    spaced = " ".join(text.split())
    kept = "".join(
        letter for letter in spaced if letter in _JOINERS or unicodedata.category(letter)[0] != "C"
    )
    return kept if len(kept) <= most else f"{kept[:most]}…"


def words(text: str) -> str:
    """The text as words: no markup, no HTML, no link, no mention. Not for the start of a line."""
    quiet = _ACTIVE.sub(r"\\\1", seen(text))
    return re.sub(r"(?i)\bwww\.", r"www\\.", quiet.replace("://", ":\\/\\/"))


def code(text: str) -> str:
    """The text as code, also in a table."""
    quiet = seen(text).replace("`", "'").replace("|", "\\|")
    return f"`{quiet}`" if quiet else "` `"


def block(lines: Iterable[str]) -> str:
    """Lines as a block of code."""
    body = "\n".join(seen(line) for line in lines)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", body)), default=0))
    return f"{fence}\n{body}\n{fence}"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, right: int = 0) -> str:
    """A table of cells that are Markdown already; the last `right` columns are numbers."""
    left = len(headings) - right
    lines = [headings, ["---"] * left + ["---:"] * right, *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def front_matter(fields: Mapping[str, JsonValue]) -> str:
    """YAML between dashes. JSON is YAML, and quotes whatever it holds."""
    lines = [
        f"{name}: {json.dumps(_seen(value), ensure_ascii=False)}" for name, value in fields.items()
    ]
    return "\n".join(["---", *lines, "---"])


def _seen(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return seen(value)
    if isinstance(value, list):
        return [_seen(each) for each in value]
    if isinstance(value, dict):
        return {seen(key): _seen(each) for key, each in value.items()}
    return value


def number(value: float | None, *, unknown: str = "not known") -> str:
    """1,234 or 0.123, or that it is not known."""
    if value is None:
        return unknown
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"


def counted(count: int, what: str) -> str:
    """`1 document`, `2,000 documents`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def size(count: int) -> str:
    """Bytes as people say them."""
    for unit, name in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= unit:
            return f"{count / unit:,.1f} {name}"
    return f"{count:,} bytes"


def settings(values: Mapping[str, JsonValue]) -> str:
    """Settings as `name = value`, each as code."""
    return ", ".join(
        code(f"{name} = {json.dumps(value, ensure_ascii=False)}") for name, value in values.items()
    )
