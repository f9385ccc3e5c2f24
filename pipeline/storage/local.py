"""A store on a local disk: files appear whole, under their final name, once.

A file is written under a temporary name, flushed to the disk, linked to its final name, and the
folder is flushed. `os.link` fails where the name is taken, so of two writers one wins; a crash at
any point leaves a temporary file at worst, which garbage collection removes.
"""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import StoreUnreachable
from pipeline.storage.files import Entry

TEMPORARY = ".part-"


class LocalFiles:
    """Files below a folder of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.uri = self.root.as_uri()

    def create(self, path: str, content: bytes) -> bool:
        """Make a file that is not there yet; False, and nothing changed, where it is."""
        target = self._target(path)
        if target.exists():
            return False
        part = self._part(target)
        try:
            self._write(part, content)
            return self._link(part, target)
        except OSError as error:
            raise self._sentence(error, target) from error
        finally:
            self._unlink(part)

    def put(self, path: str, source: Path) -> None:
        """Make a file of a local one; `source` stays as it is."""
        target = self._target(path)
        part = self._part(target)
        try:
            self._bring(source, part)
            self._link(part, target)
        except OSError as error:
            raise self._sentence(error, target) from error
        finally:
            self._unlink(part)

    def replace(self, path: str, content: bytes) -> None:
        """Write a file anew; the last one wins."""
        target = self._target(path)
        part = self._part(target)
        try:
            self._write(part, content)
            os.replace(part, target)
        except OSError as error:
            raise self._sentence(error, target) from error

    def read(self, path: str) -> bytes:
        """The whole file."""
        return self._found(path).read_bytes()

    def open(self, path: str) -> BinaryIO:
        """The file, to read from any place in it."""
        return self._found(path).open("rb")

    def size(self, path: str) -> int | None:
        """Its bytes, or None where it is not there."""
        try:
            return (self.root / path).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None

    def entries(self, folder: str) -> Iterator[Entry]:
        """Every file below `folder`, in order of its path."""
        for place, folders, names in os.walk(self.root / folder):
            folders.sort()
            for name in sorted(names):
                file = Path(place, name)
                try:
                    found = file.stat()
                except FileNotFoundError:
                    continue  # removed since the folder was listed
                yield Entry(str(file.relative_to(self.root)), found.st_size, found.st_mtime)

    def delete(self, path: str) -> None:
        """Remove a file; nothing happens where it is not there."""
        try:
            self._unlink(self.root / path)
        except OSError as error:
            raise self._sentence(error, self.root / path) from error

    def scratch(self) -> Path:
        """A new folder on the store's own disk, so that `put` need not copy."""
        return self._target(f"attempts/scratch/{secrets.token_hex(8)}/x").parent

    def _target(self, path: str) -> Path:
        target = self.root / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._sentence(error, target) from error
        return target

    def _found(self, path: str) -> Path:
        target = self.root / path
        if not os.access(target, os.R_OK):
            if not target.exists():
                raise FileNotFoundError(str(target))
            raise self._sentence(PermissionError(errno.EACCES, "may not be read"), target)
        return target

    @staticmethod
    def _part(target: Path) -> Path:
        return target.with_name(f"{TEMPORARY}{secrets.token_hex(8)}")

    # The four operations that touch the disk. Crash tests stop before, or in the middle of, each.

    def _write(self, path: Path, content: bytes) -> None:
        with path.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())

    def _bring(self, source: Path, path: Path) -> None:
        try:
            os.link(source, path)
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK):
                raise
            shutil.copyfile(source, path)
        with path.open("rb") as written:
            os.fsync(written.fileno())

    def _link(self, part: Path, target: Path) -> bool:
        try:
            os.link(part, target)
        except FileExistsError:
            return False
        self._flush_folder(target.parent)
        return True

    def _unlink(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    @staticmethod
    def _flush_folder(folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    @staticmethod
    def _sentence(error: OSError, path: Path) -> StoreUnreachable:
        remedies = {
            errno.ENOSPC: "Free some space there, or point --store to a larger disk; "
            "what is finished is kept, and the same command goes on from it.",
            errno.EDQUOT: "The quota there is used up: free some space, or point --store elsewhere.",
            errno.EACCES: "Give this user the right to write there, or point --store elsewhere.",
            errno.EPERM: "Give this user the right to write there, or point --store elsewhere.",
            errno.EROFS: "That file system is read-only: point --store to one that is not.",
        }
        problem = {errno.ENOSPC: "the disk is full"}.get(
            error.errno or 0, (error.strerror or str(error)).lower()
        )
        remedy = remedies.get(error.errno or 0, "Check that the place is there and mounted.")
        return StoreUnreachable(str(path), problem=problem, remedy=remedy)
