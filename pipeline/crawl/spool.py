"""Pages that wait on disk: they arrive in any order, and are written in the order of their URLs."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from pipeline.crawl.canonical_url import host
from pipeline.crawl.source import Page


class Spool:
    """Holds the bodies and links of pages in one file, and what else there is in memory."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w+b")
        self._path = path
        # The page without body and links, where these begin, and the bytes of the body and of both.
        self._waiting: list[tuple[Page, int, int, int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def put(self, page: Page) -> None:
        """Keep a page until all are there."""
        body = page.body or b""
        whole = body + "\n".join(page.links or ()).encode()
        light = page._replace(body=None, links=None)
        self._waiting.append((light, self._file.tell(), len(body), len(whole)))
        self._file.write(whole)

    def sites(self) -> list[tuple[str, int]]:
        """Each host and how many of its pages wait, by host."""
        return sorted(Counter(host(page.url) for page, *_ in self._waiting).items())

    def pages(self) -> Iterator[Page]:
        """Every page, whole, by host and then by URL."""
        self._waiting.sort(key=lambda one: (host(one[0].url), one[0].url))
        for page, offset, body_bytes, all_bytes in self._waiting:
            self._file.seek(offset)
            whole = self._file.read(all_bytes)
            links = tuple(whole[body_bytes:].decode().split())
            yield page._replace(body=whole[:body_bytes], links=links)
