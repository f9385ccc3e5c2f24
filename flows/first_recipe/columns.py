"""Guessing which column of a file holds the text, the URL, the title and the language."""

from __future__ import annotations

import itertools
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson

from pipeline.crawl.errors import BadSourceFile
from pipeline.crawl.files import unpacked
from pipeline.crawl.parquet_rows import Row, rows_of
from pipeline.errors import BadRecipe

_ROWS = 200  # looked at to guess which column is which
_MOST_BYTES = 1 << 20  # of one of them; a text of a book tells no more than its beginning
_NAMES = {  # what columns are called, the likeliest first
    "text": ("text", "content", "body", "raw_content", "document", "article", "markdown"),
    "url": ("url", "uri", "source_url", "page_url", "link", "warc_target_uri"),
    "title": ("title", "headline"),
    "language": ("language", "lang"),
}


def columns_of(path: Path, kind: str) -> dict[str, str]:
    """Which column is the text, and which, if any, the URL, title and language.

    Raises:
        BadRecipe: the file cannot be read, or no column holds text.
    """
    rows = _parquet_rows(path) if kind == "parquet_files" else _jsonl_rows(path)
    letters = {
        name: sum(len(row.get(name) or "") for row in rows)
        for name in dict.fromkeys(name for row in rows for name in row)
        if all(isinstance(row.get(name), str | None) for row in rows)
    }
    text = next((n for n in _NAMES["text"] if letters.get(n)), None)
    text = text or max(letters, key=letters.__getitem__, default=None)
    if not text or not letters[text]:
        msg = f"No column of {path} holds text in its first {_ROWS} rows."
        raise BadRecipe(msg)
    found = {"text": text}
    for role in ("url", "title", "language"):
        name = next((n for n in _NAMES[role] if letters.get(n) and n != text), None)
        if name:
            found[role] = name
    return found


def _parquet_rows(path: Path) -> list[dict[str, Any]]:
    try:
        with closing(rows_of(path, None, most_bytes=_MOST_BYTES)) as rows:
            first = list(itertools.islice(rows, _ROWS))
    except BadSourceFile as error:
        msg = f"{path} cannot be read as Parquet: {error}"
        raise BadRecipe(msg) from error
    return [row.values for row in first if isinstance(row, Row) and row.values]


def _jsonl_rows(path: Path) -> list[dict[str, Any]]:
    try:
        with unpacked(path) as lines:
            first = [lines.readline(_MOST_BYTES) for _ in range(_ROWS)]
            rows = [orjson.loads(line) for line in first if line.strip()]
    except (OSError, EOFError, zlib.error, ValueError) as error:
        msg = f"{path} cannot be read as one JSON object a line: {error}"
        raise BadRecipe(msg) from error
    return [row for row in rows if isinstance(row, dict)]
