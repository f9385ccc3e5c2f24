"""A store on an object store: S3, and by the same code what speaks as Google's and Azure's do.

A file is created by a put that the store refuses where the name is taken (`If-None-Match: *`), so
of two writers one wins. A put whose answer is lost is made again, and then finds its name taken:
every writer therefore marks what it creates, and looks whose mark is there. Large files are
uploaded in parts under names that nobody else uses, and exist once the last part is confirmed.

What is asked of a store beside that: a listing, a size and a read show at once what was written.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import obstore

from pipeline.errors import StoreUnreachable
from pipeline.storage import object_calls
from pipeline.storage.fetched import fetched
from pipeline.storage.files import CLOCK, Entry, R, T
from pipeline.storage.nearby import Nearby
from pipeline.storage.object_calls import Calls, ShortAnswer, Taken
from pipeline.storage.object_reader import open_object

if TYPE_CHECKING:
    from obstore.store import ObjectStore

MARK = "penstock-mark"  # metadata of an object: whose it is
PART_BYTES = 16 * 2**20  # of a large upload
PARTS_AT_ONCE = 4
REQUESTS_AT_ONCE = 32


class ObjectFiles:
    """Files below a prefix of a bucket. Named by its URI alone wherever it is sent."""

    as_they_lie = False

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.conditional = True  # the store refuses to create what is there; see `probe`
        self._calls = Calls(uri)
        self._nearby = Nearby(uri)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.uri,)

    def create(self, path: str, content: bytes) -> bool:
        """Make a file that is not there yet; False, and nothing changed, where it is."""
        if not self.conditional:
            if self.size(path) is not None:
                return False
            self._calls(lambda client: self._put(client, path, content, None), path)
            return True
        return self.try_create(path, content)

    def try_create(self, path: str, content: bytes) -> bool:
        """Make a file by a put that the store refuses where it is; nothing else is looked at."""
        mark, pause = secrets.token_hex(16), 0.1
        until = time.monotonic() + object_calls.PATIENCE
        while True:
            try:
                self._calls(lambda client: self._put(client, path, content, mark), path)
                return True
            except Taken:
                holder = self.mark(path)
            if holder is not None:
                return holder == mark
            if time.monotonic() > until:  # refused all the time, and nothing is there
                raise StoreUnreachable(
                    f"{self.uri}/{path}",
                    problem="the store says that it is there, and that it is not",
                    remedy="Look at the store's own state and log.",
                )
            time.sleep(pause)
            pause = min(2 * pause, object_calls.LONGEST_PAUSE)

    def put(self, path: str, source: Path) -> None:
        """Make a file of a local one, under a name that nobody else uses."""
        size, until = source.stat().st_size, time.monotonic() + object_calls.PATIENCE
        while True:
            try:
                self._calls(lambda client: self._upload(client, path, source), path)
            except FileNotFoundError:
                if not source.exists():
                    raise  # else: an upload that was confirmed, and the answer was lost
            if self.size(path) == size:
                return
            if time.monotonic() > until:
                raise StoreUnreachable(
                    f"{self.uri}/{path}",
                    problem=f"an upload of {size} bytes is not there afterwards",
                    remedy="Look at the store's own state and log.",
                )
            time.sleep(object_calls.LONGEST_PAUSE / 10)

    def replace(self, path: str, content: bytes) -> None:
        """Write a file anew; the last one wins."""
        self._calls(lambda client: self._put(client, path, content, None), path)

    def read(self, path: str) -> bytes:
        """The whole file."""
        return self._calls(lambda client: _whole(client, path), path)

    def lying(self, path: str) -> bytes:
        """The whole file: it is read as it lies there."""
        return self.read(path)

    def open(self, path: str) -> BinaryIO:
        """The file, to read from any place in it; it must be one that never changes."""
        return cast("BinaryIO", open_object(self._calls, path))

    def local(self, path: str, scratch: Path) -> Path:
        """The file, fetched into `scratch`."""
        return fetched(self, path, scratch)

    def durable(self, name: str) -> Path:
        """A folder for a job's checkpoints on this machine: the same for the same name."""
        return self._nearby.durable(name)

    def size(self, path: str) -> int | None:
        """Its bytes, or None where it is not there."""
        try:
            return self._calls(lambda client: int(obstore.head(client, path)["size"]), path)
        except FileNotFoundError:
            return None

    def entries(self, folder: str) -> Iterator[Entry]:
        """Every file below `folder`, in order of its path."""
        return iter(self._calls(lambda client: _listed(client, folder), folder))

    def delete(self, path: str) -> None:
        """Remove a file; nothing happens where it is not there."""
        try:
            self._calls(lambda client: self._remove(client, path), path)
        except FileNotFoundError:
            return

    def together(self, act: Callable[[T], R], things: Iterable[T]) -> list[R]:
        """What `act` gives of each, in order; many requests are under way at once."""
        wanted = list(things)
        if len(wanted) < 2:
            return [act(thing) for thing in wanted]
        with ThreadPoolExecutor(min(REQUESTS_AT_ONCE, len(wanted))) as pool:
            return list(pool.map(act, wanted))

    def scratch(self) -> Path:
        """A new folder on this machine for one unit's work."""
        return self._nearby.scratch()

    def stale(self, before: float) -> Iterator[tuple[Path, int]]:
        """This machine's folders that nothing has touched since `before` by the store's clock."""
        path = f"{CLOCK}/{secrets.token_hex(8)}"
        self.create(path, b"")
        answer = self._calls(lambda client: obstore.head(client, path), path)
        self.delete(path)
        ahead = time.time() - answer["last_modified"].timestamp()
        return self._nearby.stale(before + min(ahead, 0.0))

    def mark(self, path: str) -> str | None:
        """Whose mark a file bears; None where there is no file."""
        try:
            return self._calls(lambda client: _mark(client, path), path)
        except FileNotFoundError:
            return None

    # All operations that change the store. Crash tests stop before each.

    def _put(self, client: ObjectStore, path: str, content: bytes, mark: str | None) -> None:
        """Write a small file; create it, where a mark is given."""
        if mark is None:
            obstore.put(client, path, content, mode="overwrite", use_multipart=False)
            return
        attributes = {MARK: mark}
        obstore.put(
            client, path, content, mode="create", attributes=attributes, use_multipart=False
        )

    def _upload(self, client: ObjectStore, path: str, source: Path) -> None:
        with source.open("rb") as content:
            obstore.put(
                client,
                path,
                content,
                chunk_size=PART_BYTES,
                max_concurrency=PARTS_AT_ONCE,
            )

    def _remove(self, client: ObjectStore, path: str) -> None:
        obstore.delete(client, path)


def _whole(client: ObjectStore, path: str) -> bytes:
    answer = obstore.get(client, path)
    content = bytes(answer.bytes())
    if len(content) != answer.meta["size"]:
        raise ShortAnswer
    return content


def _listed(client: ObjectStore, folder: str) -> list[Entry]:
    found = (
        Entry(each["path"], each["size"], each["last_modified"].timestamp())
        for some in obstore.list(client, folder or None, chunk_size=1000)
        for each in some
    )
    return sorted(found)


def _mark(client: ObjectStore, path: str) -> str:
    answer = obstore.get(client, path, options={"head": True})
    return str(answer.attributes.get(MARK, ""))
