"""The files that a recipe's patterns mean, under names that do not tell where they lie."""

import glob
import gzip
import hashlib
import io
import os
import re
from pathlib import Path
from typing import NamedTuple, cast

import pyarrow as pa

from pipeline.crawl.errors import NothingFound, UnreadableFile

BUFFER = 1 << 18  # bytes read at once
DATE = "{date}"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class SourceFile(NamedTuple):
    """A file to read, and what it is called in the index."""

    path: Path
    name: str  # below the deepest folder that all patterns name, with `/`


def files_of(patterns: tuple[str, ...], window: str = "") -> list[SourceFile]:
    """The files that `patterns` mean, in the order of their names, each once.

    Args:
        patterns: paths, or patterns with `*`, `?`, `[...]`, `**` for folders at any depth, and
            `{date}` for a day, 2026-11-22; a path's last day counts.
        window: the files of later days than this window's are not there yet.

    Raises:
        NothingFound: a pattern means no file.
    """
    found: set[Path] = set()
    for pattern in patterns:
        files = {path.absolute() for path in _matches(pattern, window) if path.is_file()}
        if not files:
            until = f" of a day up to {window[:10]}" if DATE in pattern else ""
            raise NothingFound(
                pattern,
                because=f"No file has that name{until}.",
                remedy=f"Paths are read from {Path.cwd()}; check the spelling, or give the full "
                f"path.",
            )
        found |= files
    shared = Path(os.path.commonpath([_fixed(pattern) for pattern in patterns]))
    named = (SourceFile(path, path.relative_to(shared).as_posix()) for path in found)
    return sorted(named, key=lambda file: file.name)


def _fixed(pattern: str) -> Path:
    """The folder that a pattern names: what lies in it depends on no other file."""
    folder = Path(pattern).absolute().parent
    while glob.has_magic(str(folder)) or DATE in str(folder):
        folder = folder.parent
    return folder


def are_dated(patterns: tuple[str, ...]) -> bool:
    """Whether all files tell by their names from which day on they are there."""
    return all(DATE in pattern for pattern in patterns)


def not_dated(patterns: tuple[str, ...]) -> str:
    """Why an earlier window cannot be made of such files; empty where it can."""
    if are_dated(patterns):
        return ""
    plain = next(pattern for pattern in patterns if DATE not in pattern)
    return (
        f"the name {plain} does not tell from which day on a file is there: "
        f"put the day into the files' names, and {DATE} in its place in the recipe"
    )


def _matches(pattern: str, window: str) -> list[Path]:
    digits = pattern.replace(DATE, "[0-9]" * 4 + "-[0-9][0-9]" * 2)
    # Path.glob takes no absolute patterns.
    paths = [Path(path) for path in glob.glob(digits, recursive=True)]  # noqa: PTH207
    if DATE not in pattern or not window:
        return paths
    return [path for path in paths if _DAY.findall(str(path))[-1] <= window[:10]]


def is_packed(path: Path) -> bool:
    """Whether `unpacked` unpacks it."""
    return path.suffix.lower() in {".gz", ".zst"}


def unpacked(path: Path) -> io.BufferedIOBase:
    """A file's bytes as they come out of gzip (`.gz`) or Zstandard (`.zst`), or as they are.

    Reading raises OSError, EOFError or zlib.error where the file is damaged, and OSError where the
    machine fails: see `check_machine`.
    """
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rb")
    if path.suffix.lower() == ".zst":
        packed = pa.CompressedInputStream(pa.OSFile(str(path)), "zstd")
        return io.BufferedReader(cast("io.RawIOBase", packed))  # which has no lines of its own
    return cast("io.BufferedReader", path.open("rb", buffering=BUFFER))


def check_machine(error: Exception, path: Path) -> None:
    """Tell the machine's errors from those of what is in a file: only they have a number.

    Raises:
        UnreadableFile: the system could not open or read the file.
    """
    if isinstance(error, OSError) and error.errno:
        problem = error.strerror or str(error)
        raise UnreadableFile(str(path), problem=problem) from error


def file_sha256(path: Path) -> bytes:
    """The hash of a whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
