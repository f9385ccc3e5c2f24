"""The files that a recipe's patterns mean, under names that do not tell where they lie."""

import glob
import hashlib
import os
from pathlib import Path
from typing import NamedTuple

from pipeline.crawl.errors import NothingFound


class SourceFile(NamedTuple):
    """A file to read, and what it is called in the index."""

    path: Path
    name: str  # below the deepest folder that all files share, with `/`


def files_of(patterns: tuple[str, ...]) -> list[SourceFile]:
    """The files that `patterns` mean, in the order of their names, each once.

    Args:
        patterns: paths, or patterns with `*`, `?`, `[...]`, and `**` for folders at any depth.

    Raises:
        NothingFound: a pattern means no file.
    """
    found: set[Path] = set()
    for pattern in patterns:
        # Path.glob takes no absolute patterns.
        paths = [Path(path) for path in glob.glob(pattern, recursive=True)]  # noqa: PTH207
        files = {path.absolute() for path in paths if path.is_file()}
        if not files:
            raise NothingFound(
                pattern,
                because="No file has that name.",
                remedy=f"Paths are read from {Path.cwd()}; check the spelling, or give the full "
                f"path.",
            )
        found |= files
    shared = Path(os.path.commonpath([path.parent for path in found]))
    named = (SourceFile(path, path.relative_to(shared).as_posix()) for path in found)
    return sorted(named, key=lambda file: file.name)


def file_sha256(path: Path) -> bytes:
    """The hash of a whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
