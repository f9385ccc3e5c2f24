"""Trying out what a commit needs of an object store, once, before a store is founded there.

What cannot be seen from one machine in a second (a listing that is late now and then) is not found
out here; the providers of today's object stores promise it.
"""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from pipeline.storage.errors import Refused

if TYPE_CHECKING:
    from pipeline.storage.files import Files
    from pipeline.storage.objects import ObjectFiles

FOLDER = "attempts/probe"
WRITERS = 8  # that want one name at once
ROUNDS = 3  # of listing what was just written and removed
CREATES = "two writers can both create one file there (it does not heed If-None-Match: *)"
MARKS = "it does not keep the metadata of a file, by which a writer knows its own"
READS = "what was just written is not read at once"
LISTS = "what was just written or removed is not seen at once in a listing"


def weak_points(files: ObjectFiles) -> tuple[str, ...]:
    """What a commit needs and does not get there; nothing is left behind."""
    folder = f"{FOLDER}/{secrets.token_hex(8)}"
    try:
        found = {
            CREATES: _creates_once(files, folder),
            MARKS: _keeps_marks(files, folder),
            READS: _reads_at_once(files, folder),
            LISTS: _lists_at_once(files, folder),
        }
    finally:
        for entry in files.entries(folder):
            files.delete(entry.path)
    return tuple(point for point, holds in found.items() if not holds)


def points_of(files: Files) -> tuple[str, ...]:
    """The weak points of any store's place; a disk has none."""
    from pipeline.storage.encryption.encrypted_files import EncryptedFiles
    from pipeline.storage.objects import ObjectFiles  # a local store does not load it

    place = files.beneath if isinstance(files, EncryptedFiles) else files
    return weak_points(place) if isinstance(place, ObjectFiles) else ()


def _creates_once(files: ObjectFiles, folder: str) -> bool:
    def create(writer: int) -> bool:
        return files.try_create(f"{folder}/one", str(writer).encode())

    try:
        with ThreadPoolExecutor(WRITERS) as pool:
            first = sum(pool.map(create, range(WRITERS)))
        return first == 1 and not create(WRITERS)
    except Refused as error:
        if error.status not in (400, 501):
            raise
        return False  # it says that it cannot


def _keeps_marks(files: ObjectFiles, folder: str) -> bool:
    path = f"{folder}/marked"
    try:
        files.try_create(path, b"")
    except Refused:
        return False
    return bool(files.mark(path))


def _reads_at_once(files: ObjectFiles, folder: str) -> bool:
    path = f"{folder}/read"
    for number in range(ROUNDS):
        content = b"x" * (number + 1)
        files.replace(path, content)
        if files.read(path) != content or files.size(path) != len(content):
            return False
    return True


def _lists_at_once(files: ObjectFiles, folder: str) -> bool:
    for number in range(ROUNDS):
        path = f"{folder}/listed/{number}"
        files.replace(path, b"x")
        if path not in [entry.path for entry in files.entries(f"{folder}/listed")]:
            return False
        files.delete(path)
        if [*files.entries(f"{folder}/listed")]:
            return False
    return True
