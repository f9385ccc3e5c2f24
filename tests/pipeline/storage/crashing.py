"""Local files that die, fill up, or tell what they do, at a chosen operation on the disk."""

import errno
import os
import shutil
import signal
from typing import NamedTuple

import pytest

from pipeline.storage.local import LocalFiles
from pipeline.storage.objects import ObjectFiles

on_both = pytest.mark.parametrize("where", ["disk", "s3"], indirect=True)


class Stepping(LocalFiles):
    """Counts the operations that change the disk; `at` is told of each before it happens."""

    def __init__(self, root):
        super().__init__(root)
        self.steps = 0

    def at(self, operation, path, half):
        """What happens before operation `self.steps`; `half` does half of it."""

    def _step(self, operation, path, half=lambda: None):
        self.steps += 1
        self.at(operation, path, half)

    def _make_folder(self, folder):
        if not folder.is_dir():
            self._step("make_folder", folder)
        super()._make_folder(folder)

    def _write(self, path, content):
        self._step("write", path, lambda: path.write_bytes(content[: len(content) // 2]))
        super()._write(path, content)

    def _bring(self, source, path):
        def half():
            content = source.read_bytes()
            path.write_bytes(content[: len(content) // 2])

        self._step("bring", path, half)
        super()._bring(source, path)

    def _flush(self, path):
        self._step("flush", path)
        super()._flush(path)

    def _link(self, part, target):
        self._step("link", target)
        return super()._link(part, target)

    def _rename(self, part, target):
        self._step("rename", target)
        super()._rename(part, target)

    def _unlink(self, path):
        if path.exists():
            self._step("unlink", path)
        super()._unlink(path)


class Dying(Stepping):
    """Kills the process with -9 before operation `last`; a write is by then half done."""

    def __init__(self, root, last):
        super().__init__(root)
        self._last = last

    def at(self, operation, path, half):
        if self.steps == self._last:
            half()
            os.kill(os.getpid(), signal.SIGKILL)


class DyingObjects(ObjectFiles):
    """Kills the process with -9 before operation `last` that changes an object store."""

    def __init__(self, uri, last):
        super().__init__(uri)
        self._last, self.steps = last, 0

    def _step(self):
        self.steps += 1
        if self.steps == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    def _put(self, client, path, content, mark):
        self._step()
        super()._put(client, path, content, mark)

    def _upload(self, client, path, source):
        self._step()
        super()._upload(client, path, source)

    def _remove(self, client, path):
        self._step()
        super()._remove(client, path)


class Full(Stepping):
    """The disk is full from the write `first` on, until `space` is made."""

    def __init__(self, root, first):
        super().__init__(root)
        self._first, self.writes, self.space = first, 0, False

    def at(self, operation, path, half):
        if operation not in ("make_folder", "write", "bring", "link"):
            return
        self.writes += 1
        if self.writes >= self._first and not self.space:
            half()
            raise OSError(errno.ENOSPC, "No space left on device", str(path))


class Operation(NamedTuple):
    """One operation on the disk, and which file's content it concerns."""

    kind: str
    path: str
    inode: int | None


class Telling(Stepping):
    """Writes down every operation, in order, after it has happened."""

    def __init__(self, root):
        super().__init__(root)
        self.done = []

    def _flush(self, path):
        super()._flush(path)
        self._tell("flush", path)

    def _make_folder(self, folder):
        new = not folder.is_dir()
        super()._make_folder(folder)
        if new:
            self._tell("make_folder", folder)

    def _write(self, path, content):
        super()._write(path, content)
        self._tell("write", path)

    def _bring(self, source, path):
        super()._bring(source, path)
        self._tell("write", path)

    def _link(self, part, target):
        first = super()._link(part, target)
        if first:
            self._tell("link", target)
        return first

    def _tell(self, kind, path):
        self.done.append(
            Operation(kind, str(path.relative_to(self.root.parent)), path.stat().st_ino)
        )


def empty(folder):
    """Remove everything in a folder."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
