"""A unit is committed only while the code on this machine is the code that its key names."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from pipeline.run.errors import CodeEdited
from pipeline.run.keys import code_of
from pipeline.run.resolve import Resolution
from pipeline.run.source_files import Mark, mark
from pipeline.stage import Stage
from pipeline.versions.canonical import canonical_json
from pipeline.versions.errors import VersionError
from pipeline.versions.key import KeyParts


def code_digest(parts: KeyParts) -> str:
    """The code and packages that a key names, in one hash."""
    return _digest(parts.code, parts.packages)


def alike(resolution: Resolution) -> dict[str, str]:
    """Role -> the key of what this stage made before, by the same code and configuration."""
    name, asked = resolution.stage.name(), resolution.parts.key_on({}, {})
    return {
        role: manifest.ref.key
        for role, manifest in resolution.inputs.items()
        if manifest.stage == name and KeyParts.from_json(manifest.parts).key_on({}, {}) == asked
    }


def check_code(stage: Stage, expected: str) -> None:
    """See that the files here hold the code of digest `expected`.

    What was imported at any time before, by this process or by a child of it, is then that code
    too. The files are read once in a process; after that only their marks are looked at, in less
    than a millisecond, until one changes.

    Raises:
        CodeEdited: they do not.
    """
    try:
        found = _Now.of(stage.entries()).digest()
    except (VersionError, OSError) as error:  # half an edit, say
        raise CodeEdited(stage.name()) from error
    if found != expected:
        raise CodeEdited(stage.name())


class _Now:
    """The code behind some entries as it is now."""

    def __init__(self, entries: tuple[str, ...]) -> None:
        self._entries = entries
        self._marks: dict[Path, Mark | None] = {}
        self._digest = ""

    @staticmethod
    @lru_cache(maxsize=256)
    def of(entries: tuple[str, ...]) -> _Now:
        return _Now(entries)

    def digest(self) -> str:
        if not self._digest or any(mark(path) != was for path, was in self._marks.items()):
            self._marks = {}
            code = code_of(self._entries, self._read)
            self._digest = _digest(code.definitions, code.versions())
        return self._digest

    def _read(self, path: Path) -> bytes:
        # Before it is read, and as it was first: an edit in between is seen next time.
        self._marks.setdefault(path, mark(path))
        return path.read_bytes()


def _digest(code: Mapping[str, str], packages: Mapping[str, str]) -> str:
    return hashlib.sha256(canonical_json([dict(code), dict(packages)])).hexdigest()
