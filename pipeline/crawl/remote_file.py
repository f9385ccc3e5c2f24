"""A file on a server, read once from its beginning to its end.

It comes in parts that are asked for one by one, some ahead of the reader: a connection that breaks
costs the part that it broke in, and the next try goes on there.
"""

from __future__ import annotations

import io
import re
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from pipeline.crawl.archives import Unanswered, Unavailable
from pipeline.crawl.remote import Part, Tries

if TYPE_CHECKING:
    from pipeline.crawl.fetch import Answer, Fetcher

PART_BYTES = 4 << 20
AHEAD = 4  # parts on their way or waiting
_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})")


class RemoteFile(io.RawIOBase):
    """Reads on where the last read ended; raises `Unavailable` where that cannot be had.

    A read gives what is left of one part at most: what has come is never lost with what has not.

    Args:
        url: canonical.
        fetcher: asks for parts of up to `PART_BYTES`.
        tries: how often.
        threads: ask ahead.
    """

    def __init__(
        self, url: str, fetcher: Fetcher, tries: Tries, threads: ThreadPoolExecutor
    ) -> None:
        super().__init__()
        self._url, self._fetcher, self._tries, self._threads = url, fetcher, tries, threads
        self._waiting: deque[tuple[int, Future[Answer | str]]] = deque()
        self._next = 0  # where the next part begins that nobody has asked for
        self._size: int | None = None  # of the file, once a part has come
        self._etag: str | None = None
        self._piece = memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """The next bytes; 0 at the end of the file.

        Raises:
            Unanswered: they cannot be had.
            Unavailable: the file was changed.
        """
        if not self._piece and (self._size is None or self._waiting or self._next < self._size):
            self._piece = memoryview(self._part())
        size = min(len(buffer), len(self._piece))
        buffer[:size] = self._piece[:size]
        self._piece = self._piece[size:]
        return size

    def close(self) -> None:
        """Nothing more is asked for."""
        for _, future in self._waiting:
            future.cancel()
        self._waiting.clear()
        super().close()

    def _part(self) -> bytes:
        if self._size is None:
            self._ask()
        start, future = self._waiting.popleft()
        answer = future.result()
        if isinstance(answer, str):
            msg = f"byte {start:,} and what follows cannot be had: {answer}"
            raise Unanswered(msg)
        size, etag = _total(answer), answer.header("etag")
        if self._size is None:
            self._size, self._etag = size, etag
        elif (size, etag) != (self._size, self._etag):
            msg = f"it was changed on the server while it was read, before byte {start:,}"
            raise Unavailable(msg)
        while len(self._waiting) < AHEAD and self._next < self._size:
            self._ask()
        return answer.body

    def _ask(self) -> None:
        start = self._next
        left = PART_BYTES if self._size is None else min(PART_BYTES, self._size - start)
        part = Part(self._url, start, left)
        self._waiting.append((start, self._threads.submit(self._answer, part)))
        self._next += left

    def _answer(self, part: Part) -> Answer | str:
        def judge(answer: Answer) -> str:
            found = _RANGE.fullmatch(answer.header("content-range") or "")
            if not found or int(found[1]) != part.start:
                return f"it came as {answer.header('content-range')!r}"
            stop = min(part.start + part.length, int(found[3]))
            wanted = stop - part.start
            if len(answer.body) != wanted or int(found[2]) + 1 != stop:
                return f"{len(answer.body):,} bytes came of {wanted:,}"
            return ""

        return self._tries.part(self._fetcher, part, judge)


def _total(answer: Answer) -> int:
    """The bytes of the whole file, as an answer that was judged says."""
    return int((answer.header("content-range") or "").rpartition("/")[2])
