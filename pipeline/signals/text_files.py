"""Files of texts that a recipe names: benchmarks, examples. JSON objects, one a line."""

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.signals.errors import BadTextFile


def sha256_of(file: str) -> str:
    """The hash of the file's bytes, in hex.

    Raises:
        BadTextFile: it cannot be read.
    """
    return hashlib.sha256(_content(file)).hexdigest()


def texts_of(file: str, columns: Sequence[str]) -> Iterator[str]:
    """Of each line the texts in `columns`, or the lists of texts there, one under the other.

    Raises:
        BadTextFile: it cannot be read, or a line lacks a text.
    """
    content = _content(file)
    try:
        plain = gzip.decompress(content) if file.endswith(".gz") else content
        lines = plain.decode().splitlines()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise BadTextFile(file, str(error)) from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _text(line, columns, f"line {number}", file)


def _text(line: str, columns: Sequence[str], where: str, file: str) -> str:
    try:
        row = json.loads(line)
        return "\n".join(part for name in columns for part in _parts(row[name]))
    except (ValueError, KeyError, TypeError) as error:
        problem = f"{where} has no text in {', '.join(columns)} ({error!r})"
        raise BadTextFile(file, problem) from error


def _parts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    raise TypeError(type(value).__name__)


def _content(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise BadTextFile(file, error.strerror or str(error)) from error
