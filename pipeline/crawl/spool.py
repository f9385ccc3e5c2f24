"""Pages that wait on disk: they arrive in any order, and are written in the order of their URLs."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.crawl.canonical_url import host
from pipeline.crawl.source import Page


class Spool:
    """Holds the bodies of pages in one file, and everything else about them in memory."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w+b")
        self._path = path
        self._waiting: list[tuple[Page, int, int]] = []  # the page without its body, offset, length

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def put(self, page: Page) -> None:
        """Keep a page until all are there."""
        body = page.body or b""
        self._waiting.append((page._replace(body=None), self._file.tell(), len(body)))
        self._file.write(body)

    def sites(self) -> Iterator[tuple[str, list[Page]]]:
        """Each host and its pages without their bodies, by host and then by URL."""
        self._waiting.sort(key=lambda one: (host(one[0].url), one[0].url))
        start = 0
        for end in range(1, len(self._waiting) + 1):
            here = host(self._waiting[start][0].url)
            if end == len(self._waiting) or host(self._waiting[end][0].url) != here:
                yield here, [page for page, _, _ in self._waiting[start:end]]
                start = end

    def pages(self) -> Iterator[Page]:
        """Every page with its body, by host and then by URL."""
        self._waiting.sort(key=lambda one: (host(one[0].url), one[0].url))
        for page, offset, length in self._waiting:
            self._file.seek(offset)
            yield page._replace(body=self._file.read(length))
