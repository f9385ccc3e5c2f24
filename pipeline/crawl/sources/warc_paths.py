"""Whole archives that lie elsewhere, as a list of their paths names them."""

from __future__ import annotations

import hashlib
import io
import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self, cast

from pydantic import Field, model_validator

from pipeline.crawl.archived import pages_in
from pipeline.crawl.archives import Archive, Unavailable, told
from pipeline.crawl.canonical_url import canonical
from pipeline.crawl.errors import BadSourceFile, DamagedSource
from pipeline.crawl.files import DATE, files_of, not_dated
from pipeline.crawl.member_memory import Met
from pipeline.crawl.path_lists import MOST_LIST_BYTES, address, paths_in
from pipeline.crawl.remote import RemoteSource, Tries
from pipeline.crawl.source import Found, Page, Refused, Visit

if TYPE_CHECKING:
    from pipeline.crawl.fetch import Fetcher

LONGEST_NAME = 48  # characters of a file's name in that of its shards


class WarcPaths(RemoteSource):
    """Reads whole WARC or WET files that a list of paths names, such as `wet.paths.gz`.

    What is taken of a file is what `warc_files` takes. A file on a server is asked for in parts,
    ahead of the reader, and where a connection breaks it goes on with the part that is missing. Its
    length is checked, and so is each record's digest. The pages of a file are in shards of their
    own. WAT files are refused: they hold no text.

    Fields:
        lists: files or patterns, `lists/wet.paths.gz`, or addresses of lists; in a file's name
            `{date}` means a day: a window takes the files of days up to its own.
        base: where the archives lie, an address or a folder; each path is added to it.
        most_files: to read at one visit; no page is taken for gone because of it. All by default.
        most_bytes: of one page, unpacked; a larger one is quarantined.
        tolerate_damage: keep what stands before the damage in a broken file, or in one that cannot
            be had any further, and warn; otherwise that is an error once everything else is read.
        contact: an address or a page where the archive's owner reaches you.
        loopback, networks: which addresses that are not public may be reached.
        connections, seconds, retries, backoff_seconds: parts asked for at once; for one try, how
            many more, and the first pause between.
    """

    lists: tuple[str, ...] = Field(min_length=1)
    most_files: int | None = Field(default=None, gt=0)
    tolerate_damage: bool = False

    @model_validator(mode="after")
    def _can_be_meant(self) -> Self:
        for url in (*filter(_is_address, self.lists), *filter(_is_address, (self.base,))):
            if canonical(url) is None:
                msg = f"lists, base: {url!r} is no http or https address"
                raise ValueError(msg)
        for url in filter(_is_address, self.lists):
            if DATE in url:
                msg = (
                    f"lists: {DATE} stands for a day in the names of files that lie here, and not "
                    f"in an address, {url!r}: name each list"
                )
                raise ValueError(msg)
        if DATE in self.base:
            msg = f"base: {DATE} stands for a day in the names of lists, and not in {self.base!r}"
            raise ValueError(msg)
        if _is_address(self.base) and not self.base.endswith("/"):
            msg = f"base: {self.base!r} does not end with a slash"
            raise ValueError(msg)
        return self

    def asks_others(self) -> bool:
        """Whether a list or the archives lie on a server."""
        return any(map(_is_address, (self.base, *self.lists)))

    def cannot_look_back(self) -> str:
        """Not unless the lists' names have a day."""
        return not_dated(self.lists)

    def visit(self, visit: Visit) -> Iterator[Found]:
        """Read every file once."""
        over = threading.Event()
        with (
            self.fetcher(most_bytes=MOST_LIST_BYTES) as fetcher,
            ThreadPoolExecutor(self.connections) as threads,
        ):
            try:
                yield from self._told(fetcher, threads, over, visit)
            finally:
                over.set()
                threads.shutdown(wait=False, cancel_futures=True)

    def _told(
        self, fetcher: Fetcher, threads: ThreadPoolExecutor, over: threading.Event, visit: Visit
    ) -> Iterator[Found]:
        listed = dict.fromkeys(self._paths(fetcher, self.tries(over), visit.window))
        paths = list(itertools.islice(listed, self.most_files))
        archives = []
        for path in paths:
            place, opened = self._place(path, fetcher, threads, over)
            archives.append(Archive(path, place, partial(self._pages, path, opened)))
        yield from told(
            archives,
            visit,
            source="warc",
            whole=len(paths) == len(listed),
            tolerate_damage=self.tolerate_damage,
            remedy="Check `base`, and that the list is one of WARC or WET files.",
        )

    def _pages(
        self, path: str, opened: Callable[[], BinaryIO]
    ) -> Iterator[Page | Refused | str | Met]:
        shards = _shard_name(path)
        with closing(opened()) as file:
            for found in pages_in(file, most_bytes=self.most_bytes):
                yield found._replace(archive=shards) if isinstance(found, Page) else found

    def _place(
        self, path: str, fetcher: Fetcher, threads: ThreadPoolExecutor, over: threading.Event
    ) -> tuple[str, Callable[[], BinaryIO]]:
        """Where a file lies, and how it is opened.

        Raises:
            BadSourceFile: it is not below the base.
        """
        from pipeline.crawl.remote_file import RemoteFile

        if _is_address(self.base):
            url = address(path, self.base)
            if url:
                tries = self.tries(over)
                # With no buffer around it: that would keep what came before a part that is missing.
                return url, lambda: cast("BinaryIO", RemoteFile(url, fetcher, tries, threads))
        elif not (Path(path).is_absolute() or ".." in Path(path).parts or _is_address(path)):
            return f"{self.base}/{path}", partial(_opened, Path(self.base) / path)
        raise BadSourceFile(
            path, problem=f"it is no file below {self.base}", remedy="Mend the list, or `base`."
        )

    def _paths(self, fetcher: Fetcher, tries: Tries, window: str) -> Iterator[str]:
        """The paths in every list, in order."""
        for url in filter(_is_address, self.lists):
            yield from paths_in(_fetched(canonical(url) or url, fetcher, tries), url)
        local = tuple(each for each in self.lists if not _is_address(each))
        for each in files_of(local, window) if local else ():
            with each.path.open("rb") as file:
                yield from paths_in(file, str(each.path))


def _fetched(url: str, fetcher: Fetcher, tries: Tries) -> BinaryIO:
    """A list that lies on a server.

    Raises:
        DamagedSource: it cannot be had.
    """
    answer = tries.whole(fetcher, url)
    if isinstance(answer, str):
        raise DamagedSource(
            url, problem=f"the list cannot be had: {answer}", remedy="Check its address."
        )
    return io.BytesIO(answer.body)


def _opened(path: Path) -> BinaryIO:
    """A file that lies here.

    Raises:
        Unavailable: there is none that can be read.
    """
    try:
        return path.open("rb")
    except OSError as error:
        msg = f"it cannot be opened: {error.strerror}"
        raise Unavailable(msg) from error


def _shard_name(path: str) -> str:
    """What the shards of a file are called after: its name, and a hash of where it lies."""
    name = path.rpartition("/")[2].partition(".")[0].lower()[:LONGEST_NAME]
    return f"{name}-{hashlib.sha256(path.encode()).hexdigest()[:8]}"


def _is_address(text: str) -> bool:
    return "://" in text
