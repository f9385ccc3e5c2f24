"""Pages that arrived in any order and are written in the order of their URLs."""

from collections import Counter
from collections.abc import Iterator

from pipeline.crawl.canonical_url import host
from pipeline.crawl.diary import whole
from pipeline.crawl.source import Page
from pipeline.storage.journal import Journal


class Waiting:
    """Pages whose records and links lie in a journal; what else there is of them, in memory."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._pages: list[Page] = []

    def put(self, page: Page) -> None:
        """Keep a page until all are there."""
        self._pages.append(page)

    def sites(self) -> list[tuple[str, int]]:
        """Each host and how many of its pages wait, by host."""
        return sorted(Counter(host(page.url) for page in self._pages).items())

    def pages(self) -> Iterator[Page]:
        """Every page, whole, by host and then by URL."""
        for page in sorted(self._pages, key=lambda one: (host(one.url), one.url)):
            yield whole(self._journal, page)
