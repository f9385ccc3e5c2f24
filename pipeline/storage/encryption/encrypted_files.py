"""A store's files, encrypted, over any place that keeps them: a disk and S3 get it by this code.

Each file is one file there too, under the same name, made by the same operation, so all that is
said of crashes and of two writers holds as it did. Work in progress is in clear and therefore lies
outside of the store, as that of stores that are far does (see `nearby`), unless the store is itself
work in progress; what `put` seals on its way lies, sealed, where the place has its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, cast

from pipeline.storage.encryption.errors import ScratchInside
from pipeline.storage.encryption.keyring import FOLDER, Keyring
from pipeline.storage.encryption.seal import plain_size, seal, seal_file, unseal
from pipeline.storage.encryption.sealed_reader import SealedReader
from pipeline.storage.fetched import fetched
from pipeline.storage.files import Entry, Files, R, T
from pipeline.storage.local import unreachable
from pipeline.storage.nearby import VARIABLE, Nearby, is_work, unwritable
from pipeline.storage.places import is_far


class EncryptedFiles:
    """Files whose content only a store's keys open; but for `clear`, which say how to open it."""

    as_they_lie = False

    def __init__(self, beneath: Files, keyring: Keyring, clear: str) -> None:
        """Put a layer over a place.

        Args:
            beneath: what keeps the sealed files.
            keyring: the store's data keys.
            clear: the one file beside the wrapped keys that is not encrypted.

        Raises:
            ScratchInside: work in clear would lie in the place.
        """
        self.uri = beneath.uri
        self.beneath, self._keyring, self._clear = beneath, keyring, clear
        nearby = Nearby(beneath.uri)
        if nearby.lies_in(beneath.uri):
            raise ScratchInside(beneath.uri, str(nearby.root), VARIABLE)
        self._work = beneath if is_work(beneath.uri) else nearby

    def __reduce__(self) -> tuple[Any, ...]:
        from pipeline.storage.founding import opened_at  # which opens with this layer

        return opened_at, (self.uri,)  # the other process has its keys from its own environment

    def create(self, path: str, content: bytes) -> bool:
        """Make a file that is not there yet; False, and nothing changed, where it is."""
        return self.beneath.create(path, self._sealed(path, content))

    def put(self, path: str, source: Path) -> None:
        """Make a file of a local one, under a name that nobody else uses.

        Raises:
            StoreUnreachable: it cannot be sealed there, or not put.
        """
        folder = self.beneath.scratch()
        try:
            self._seal_beside(path, source, folder / "sealed")
            self.beneath.put(path, folder / "sealed")
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def replace(self, path: str, content: bytes) -> None:
        """Write a file anew; the last one wins."""
        self.beneath.replace(path, self._sealed(path, content))

    def read(self, path: str) -> bytes:
        """The whole file.

        Raises:
            FileNotFoundError: it is not there.
            DamagedCiphertext: it is not what was written there.
        """
        content = self.beneath.read(path)
        return content if self._is_clear(path) else unseal(self._keyring, path, content)

    def lying(self, path: str) -> bytes:
        """The whole file as it lies there, sealed, and be it damaged."""
        return self.beneath.read(path)

    def open(self, path: str) -> BinaryIO:
        """The file, to read from any place in it; of a range, only its segments are read.

        Raises:
            FileNotFoundError: it is not there.
            DamagedCiphertext: it is not what was written there; also, later, by what reads.
        """
        content = self.beneath.open(path)
        if self._is_clear(path):
            return content
        try:
            return cast("BinaryIO", SealedReader(self._keyring, path, content))
        except BaseException:
            content.close()
            raise

    def local(self, path: str, scratch: Path) -> Path:
        """The file in clear, below `scratch`."""
        return fetched(self, path, scratch)

    def durable(self, name: str) -> Path:
        """A folder for a job's checkpoints on this machine: the same for the same name."""
        return self._work.durable(name)

    def size(self, path: str) -> int | None:
        """Its bytes of plaintext, or None where it is not there."""
        found = self.beneath.size(path)
        return found if found is None or self._is_clear(path) else plain_size(found)

    def entries(self, folder: str) -> Iterator[Entry]:
        """Every file below `folder`, in order of its path; sizes are those of plaintext."""
        for entry in self.beneath.entries(folder):
            clear = self._is_clear(entry.path)
            yield entry if clear else entry._replace(size=plain_size(entry.size))

    def delete(self, path: str) -> None:
        """Remove a file; nothing happens where it is not there."""
        self.beneath.delete(path)

    def together(self, act: Callable[[T], R], things: Iterable[T]) -> list[R]:
        """What `act` gives of each, in order; as the place beneath does it."""
        return self.beneath.together(act, things)

    def scratch(self) -> Path:
        """A new folder on this machine, outside of the store, for one unit's work in clear."""
        return self._work.scratch()

    def stale(self, before: float) -> Iterator[tuple[Path, int]]:
        """Local folders that nothing has touched since `before`, in clear and sealed ones."""
        sealed = self.beneath.stale(before)
        alike = is_far(self.uri) or self._work is self.beneath
        return sealed if alike else chain(sealed, self._work.stale(before))

    def _seal_beside(self, path: str, source: Path, sealed: Path) -> None:
        try:
            with sealed.open("wb") as target:
                seal_file(self._keyring, path, source, target)
        except OSError as error:
            told = unwritable if is_far(self.uri) else unreachable  # by what makes room for it
            raise told(error, sealed) from error

    def _sealed(self, path: str, content: bytes) -> bytes:
        return content if self._is_clear(path) else seal(self._keyring, path, content)

    def _is_clear(self, path: str) -> bool:
        return path == self._clear or path.startswith(f"{FOLDER}/")
