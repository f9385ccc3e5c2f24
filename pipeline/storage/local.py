"""A store on a local disk: files appear whole, under their final name, once.

A file is written under a temporary name, flushed to the disk, linked to its final name, and the
folder is flushed, as the folders above it were when they were made. `os.link` fails where the name
is taken, so of two writers one wins; a crash at any point leaves a temporary file at worst, which
garbage collection removes. A loss of power keeps the order: what is linked was flushed before.
"""

import errno
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import StoreUnreachable
from pipeline.storage.files import Entry, R, T

TEMPORARY = ".part-"
SCRATCH = "attempts/scratch"
DURABLE = "attempts/jobs"
_REMEDIES = {
    errno.ENOSPC: "Free some space there, or point --store to a larger disk; "
    "what is finished is kept, and the same command goes on from it.",
    errno.EDQUOT: "The quota there is used up: free some space, or point --store elsewhere.",
    errno.EFBIG: "No file of that size may be there: raise the limit (ulimit -f), or point --store "
    "to another disk.",
    errno.EACCES: "Give this user the right to read and write there, or point --store elsewhere.",
    errno.EPERM: "Give this user the right to read and write there, or point --store elsewhere.",
    errno.EROFS: "That file system is read-only: point --store to one that is not.",
    errno.ENOTDIR: "Something on the way there is a file: point --store to a folder.",
    errno.EEXIST: "Something on the way there is a file: point --store to a folder.",
    errno.EIO: "The disk fails: copy the store to another one, and run `penstock verify` there.",
}


def unreachable(error: OSError, path: Path) -> StoreUnreachable:
    """What a failed operation on the disk means, in a sentence that says what to do."""
    problem = {errno.ENOSPC: "the disk is full"}.get(
        error.errno or 0, (error.strerror or str(error)).lower()
    )
    remedy = _REMEDIES.get(error.errno or 0, "Check that the place is there and mounted.")
    return StoreUnreachable(str(path), problem=problem, remedy=remedy)


def unchanged_since(before: float, *places: Path) -> Iterator[tuple[Path, int]]:
    """Folders of some places in which nothing has changed since `before`; their bytes."""
    for folder in sorted(each for place in places for each in place.glob("*")):
        try:
            found = [each.stat() for each in (folder, *folder.rglob("*"))]
        except FileNotFoundError:
            continue  # its work has just ended
        if max(each.st_mtime for each in found) < before:
            yield folder, sum(each.st_size for each in found[1:])


class LocalFiles:
    """Files below a folder of this machine."""

    as_they_lie = True

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.uri = self.root.as_uri()
        self._lasting: set[Path] = set()  # folders whose names are flushed up to the root

    def create(self, path: str, content: bytes) -> bool:
        """Make a file that is not there yet; False, and nothing changed, where it is."""
        target = self.root / path
        part = self._part(target)
        try:
            self._make_folders(target.parent)
            if target.exists():
                self._flush(target.parent)  # whoever linked it may not have come to that yet
                return False
            self._write(part, content)
            return self._place(part, target)
        except OSError as error:
            raise unreachable(error, target) from error
        finally:
            self._discard(part)

    def put(self, path: str, source: Path) -> None:
        """Make a file of a local one; `source` stays as it is.

        A file in a scratch folder is linked, not copied: nobody may write to it afterwards.
        """
        target = self.root / path
        part = self._part(target)
        try:
            self._make_folders(target.parent)
            self._bring(source, part)
            self._place(part, target)
        except OSError as error:
            raise unreachable(error, target) from error
        finally:
            self._discard(part)

    def replace(self, path: str, content: bytes) -> None:
        """Write a file anew; the last one wins, and at every moment one of them is there, whole."""
        target = self.root / path
        part = self._part(target)
        try:
            self._make_folders(target.parent)
            self._write(part, content)
            self._flush(part)
            self._rename(part, target)
            self._flush(target.parent)
        except OSError as error:
            raise unreachable(error, target) from error
        finally:
            self._discard(part)

    def read(self, path: str) -> bytes:
        """The whole file."""
        with self.open(path) as file:
            return file.read()

    def lying(self, path: str) -> bytes:
        """The whole file: it is read as it lies there."""
        return self.read(path)

    def open(self, path: str) -> BinaryIO:
        """The file, to read from any place in it."""
        try:
            return (self.root / path).open("rb")
        except (FileNotFoundError, NotADirectoryError):
            raise FileNotFoundError(str(self.root / path)) from None
        except OSError as error:
            raise unreachable(error, self.root / path) from error

    def local(self, path: str, scratch: Path) -> Path:
        """The file where it lies: here nothing is far. Nobody may write to it."""
        with self.open(path):  # it is there, and may be read
            return self.root / path

    def durable(self, name: str) -> Path:
        """A folder for a job's checkpoints that outlives a crash: the same for the same name."""
        folder = self.root / DURABLE / name
        try:
            self._make_folder(folder)
        except OSError as error:
            raise unreachable(error, folder) from error
        return folder

    def size(self, path: str) -> int | None:
        """Its bytes, or None where it is not there."""
        try:
            return (self.root / path).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise unreachable(error, self.root / path) from error

    def entries(self, folder: str) -> Iterator[Entry]:
        """Every file below `folder`, in order of its path.

        Raises:
            StoreUnreachable: a folder may not be read; what it holds must not seem to be gone.
        """
        for place, folders, names in os.walk(self.root / folder, onerror=_unless_gone):
            folders.sort()
            inside = Path(place).relative_to(self.root).as_posix()
            below = "" if inside == "." else f"{inside}/"
            for name in sorted(names):
                try:
                    found = os.stat(f"{place}/{name}")  # noqa: PTH116 - a Path for each costs more
                except FileNotFoundError:
                    continue  # removed since the folder was listed
                yield Entry(f"{below}{name}", found.st_size, found.st_mtime)

    def delete(self, path: str) -> None:
        """Remove a file; nothing happens where it is not there."""
        try:
            self._unlink(self.root / path)
        except OSError as error:
            raise unreachable(error, self.root / path) from error

    def together(self, act: Callable[[T], R], things: Iterable[T]) -> list[R]:
        """What `act` gives of each, in order."""
        return [act(thing) for thing in things]

    def scratch(self) -> Path:
        """A new folder on the store's own disk, so that `put` need not copy."""
        folder = self.root / SCRATCH / secrets.token_hex(8)
        try:
            self._make_folder(folder)
        except OSError as error:
            raise unreachable(error, folder) from error
        return folder

    def stale(self, before: float) -> Iterator[tuple[Path, int]]:
        """Folders of units and jobs in which nothing has changed since `before`; their bytes."""
        return unchanged_since(before, self.root / SCRATCH, self.root / DURABLE)

    def _make_folders(self, folder: Path) -> None:
        """Make a folder and those above it, and flush their names, each once in this process."""
        if folder in self._lasting and folder.is_dir():
            return
        if folder != self.root:
            self._make_folders(folder.parent)
        self._make_folder(folder)
        self._flush(folder.parent)
        self._lasting.add(folder)

    def _place(self, part: Path, target: Path) -> bool:
        self._flush(part)
        first = self._link(part, target)
        self._flush(target.parent)
        return first

    def _discard(self, part: Path) -> None:
        with suppress(OSError):  # what cannot be removed now is left to garbage collection
            self._unlink(part)

    @staticmethod
    def _part(target: Path) -> Path:
        return target.with_name(f"{TEMPORARY}{secrets.token_hex(8)}")

    # All operations that change the disk. Crash tests stop before, or in the middle of, each.

    def _make_folder(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)

    def _write(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)

    def _bring(self, source: Path, path: Path) -> None:
        source = source.resolve()
        if not source.is_relative_to((self.root / SCRATCH).resolve()):
            shutil.copyfile(source, path)  # a user's file: it may change later
            return
        try:
            os.link(source, path)
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK):
                raise
            shutil.copyfile(source, path)
        else:
            os.utime(path)  # its age, to garbage collection, counts from now

    def _flush(self, path: Path) -> None:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _link(self, part: Path, target: Path) -> bool:
        try:
            os.link(part, target)
        except FileExistsError:
            return False
        return True

    def _rename(self, part: Path, target: Path) -> None:
        part.replace(target)

    def _unlink(self, path: Path) -> None:
        path.unlink(missing_ok=True)


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise unreachable(error, Path(error.filename)) from error
