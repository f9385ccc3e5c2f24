"""The addresses that a crawl still has to visit, in rounds that do not depend on who answers first.

A round is everything that the round before led to, sorted. What a limit cuts off is therefore the
same in every crawl of the same site. Held in memory: about 300 bytes an address.
"""

from typing import NamedTuple

MOST_HOPS = 5  # redirects after one another


class Target(NamedTuple):
    """An address to visit."""

    url: str
    depth: int  # links from a seed
    hops: int  # redirects since the last link


class Frontier:
    """Every address once, nearest first.

    Args:
        most_pages: visits in all.
        most_depth: links from a seed.
    """

    def __init__(self, *, most_pages: int, most_depth: int) -> None:
        self.cut = False  # a limit left an address out
        self.visited = 0
        self._most_pages, self._most_depth = most_pages, most_depth
        self._seen: set[str] = set()
        self._waiting: dict[str, Target] = {}

    @property
    def known(self) -> int:
        """Addresses visited or waiting."""
        return self.visited + len(self._waiting)

    def add(self, url: str, *, depth: int, hops: int = 0) -> None:
        """Visit `url` in the next round, unless it was visited."""
        if url in self._seen or hops > MOST_HOPS:
            return
        if depth > self._most_depth:
            self.cut = True
            return
        target = Target(url, depth, hops)
        before = self._waiting.get(url)
        if before is None or target[1:] < before[1:]:
            self._waiting[url] = target

    def next_round(self) -> list[Target]:
        """The addresses to visit now; none when the crawl is done."""
        room = self._most_pages - self.visited
        targets = sorted(self._waiting.values())
        if len(targets) > room:
            self.cut = True
            targets = targets[: max(room, 0)]
        self._waiting = {}
        self._seen.update(target.url for target in targets)
        self.visited += len(targets)
        return targets
