"""Folders on this machine for a store that is far: of units at work, and of jobs that may resume.

They lie below PENSTOCK_SCRATCH, or in the user's cache folder; nobody else may read them. A store
that is encrypted has them wherever it is, since what lies in them is in clear.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipeline.cache_folder import cache_folder
from pipeline.errors import StoreUnreachable
from pipeline.storage.local import unchanged_since
from pipeline.storage.places import is_far

VARIABLE = "PENSTOCK_SCRATCH"
SCRATCH = "scratch"
NAME = re.compile(r"[0-9a-f]{16}")  # of a store's folder, and of a unit's in it


class Nearby:
    """The folders of one store on this machine."""

    def __init__(self, uri: str) -> None:
        self._name = hashlib.sha256(uri.encode()).hexdigest()[:16]

    @property
    def root(self) -> Path:
        """Where they lie."""
        return _home() / self._name

    def scratch(self) -> Path:
        """A new folder for one unit."""
        return self._made(self.root / SCRATCH / secrets.token_hex(8))

    def durable(self, name: str) -> Path:
        """A folder that outlives a crash: the same for the same name, on this machine."""
        return self._made(self.root / "jobs" / name)

    def lies_in(self, uri: str) -> bool:
        """Whether they are below a place, and therefore part of what is kept or copied there."""
        return not is_far(uri) and self.root.resolve().is_relative_to(_path(uri).resolve())

    def holds(self, folder: Path) -> bool:
        """Whether a folder is one of them."""
        return folder.is_relative_to(self.root)

    def stale(self, before: float) -> Iterator[tuple[Path, int]]:
        """Folders in which nothing has changed since `before`, by this machine's clock."""
        return unchanged_since(before, self.root / SCRATCH, self.root / "jobs")

    def _made(self, folder: Path) -> Path:
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.root.chmod(0o700)
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(error, folder) from error
        return folder


def is_work(uri: str) -> bool:
    """Whether a place is itself below such a folder of a unit, as a store for a comparison is."""
    if is_far(uri) or not _path(uri).is_relative_to(_home()):
        return False
    store, scratch, unit, *below = (*_path(uri).relative_to(_home()).parts, "", "", "")
    named = NAME.fullmatch(store) and NAME.fullmatch(unit)
    return bool(named) and scratch == SCRATCH and any(below)


def _path(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))


def _home() -> Path:
    """Where the folders of all stores lie."""
    named = os.environ.get(VARIABLE)
    return (Path(named) if named else cache_folder()).absolute()


def unwritable(error: OSError, folder: Path) -> StoreUnreachable:
    """What a failed operation in such a folder means, in a sentence that says what to do."""
    return StoreUnreachable(
        str(folder),
        problem=(error.strerror or str(error)).lower(),
        remedy=f"Set {VARIABLE} to a folder that can be written, on a disk with room.",
    )
