"""The addresses that a crawl still has to visit, for each host in rounds that no speed decides.

A round of a host is everything that visits of the round before led to, sorted; the next one begins
when all of it is visited. So what a limit cuts off a host is the same in every crawl of it, killed
in between or not. (Where hosts link to each other, who answers first decides which of two ways to
a page counts as its depth.) Hosts do not wait for each other.
Held in memory: about 500 bytes an address.
"""

from collections import deque
from collections.abc import Iterable
from typing import Any

from pipeline.crawl.canonical_url import host
from pipeline.crawl.target import Target

MOST_HOPS = 5  # redirects after one another


class _Lane:
    """What waits at one host."""

    def __init__(self) -> None:
        self.rounds: dict[int, set[str]] = {}  # round -> addresses that wait for it
        self.now: deque[str] = deque()  # those of the round under way
        self.flying = 0

    def next(self) -> str | None:
        if not self.now and not self.flying and self.rounds:
            self.now = deque(sorted(self.rounds.pop(min(self.rounds))))
        return self.now.popleft() if self.now else None


class Frontier:
    """Every address once, nearest first.

    Args:
        most_pages: visits to pages in all.
        most_depth: links from a seed.
    """

    def __init__(self, *, most_pages: int, most_depth: int) -> None:
        self.cut = False  # a limit left an address out
        self.visited = 0  # pages
        self.left_out: dict[str, tuple[Target, str]] = {}  # address -> how it was met, which limit
        self._most_pages, self._most_depth = most_pages, most_depth
        self._seen: set[str] = set()
        self._waiting: dict[str, Target] = {}
        self._flying: dict[str, Target] = {}
        self._lanes: dict[str, _Lane] = {}

    @property
    def known(self) -> int:
        """Addresses visited or waiting."""
        return self.visited + len(self._waiting) + len(self._flying)

    def add(self, target: Target) -> str | None:
        """Visit an address, unless that was done; returns its host if it is to be visited."""
        url = target.url
        if url in self._seen:
            return None
        limit = self._limit(target)
        if limit:
            self.leave_out(target, limit)
            return None
        before = self._waiting.get(url)
        if before is not None:
            if _rank(target) >= _rank(before):
                return None
            self._drop(before)
        self.left_out.pop(url, None)
        self._waiting[url] = target
        name = host(url)
        lane = self._lanes.setdefault(name, _Lane())
        lane.rounds.setdefault(target.round, set()).add(url)
        return name

    def knows(self, url: str) -> bool:
        """Whether an address was visited."""
        return url in self._seen

    def awaits(self, url: str) -> bool:
        """Whether an address is to be visited."""
        return url in self._waiting

    def addresses(self) -> Iterable[str]:
        """Every address that was visited, or is to be."""
        return (*self._seen, *self._waiting)

    def leave_out(self, target: Target, limit: str) -> None:
        """Note that an address is not visited, and which limit says so."""
        self.cut = self.cut or limit == "too_deep"
        if target.url not in self._waiting:
            self.left_out.setdefault(target.url, (target, limit))

    def next(self, name: str) -> Target | None:
        """The next address at a host; None while there is none, or its round is not over."""
        lane = self._lanes.get(name)
        url = lane.next() if lane else None
        if lane is None or url is None:
            return None
        target = self._waiting[url]
        if not target.speaks_for:
            if self.visited >= self._most_pages:
                self.cut = True
                lane.now.appendleft(url)
                return None
            self.visited += 1
        del self._waiting[url]
        self._seen.add(url)
        self._flying[url] = target
        lane.flying += 1
        return target

    def put_back(self, target: Target, *, last: bool) -> None:
        """Visit an address again: next, or as the last one of its round."""
        self.landed(target)
        self._seen.discard(target.url)
        self._waiting[target.url] = target
        self.visited -= not target.speaks_for
        now = self._lanes[host(target.url)].now
        (now.append if last else now.appendleft)(target.url)

    def landed(self, target: Target) -> None:
        """The visit is over."""
        del self._flying[target.url]
        self._lanes[host(target.url)].flying -= 1

    def replay(self, target: Target) -> None:
        """An address was visited before this process began."""
        before = self._waiting.pop(target.url, None)
        if before is not None:
            self._drop(before)
        self.left_out.pop(target.url, None)
        if target.url not in self._seen:
            self._seen.add(target.url)
            self.visited += not target.speaks_for

    def hosts(self) -> list[str]:
        """The hosts at which something waits."""
        return [name for name, lane in self._lanes.items() if lane.now or lane.rounds]

    def waiting(self) -> Iterable[Target]:
        """What is still to be visited."""
        return self._waiting.values()

    def state(self) -> dict[str, Any]:
        """All of it, as JSON can say it; what is under way counts as waiting."""
        return {
            "cut": self.cut,
            "visited": self.visited - sum(not t.speaks_for for t in self._flying.values()),
            "seen": sorted(self._seen - self._flying.keys()),
            "waiting": [list(t) for t in (*self._waiting.values(), *self._flying.values())],
            "left_out": [[list(t), limit] for t, limit in self.left_out.values()],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self._seen = set(state["seen"])
        self.visited = state["visited"]
        for target in state["waiting"]:
            self.add(Target(*target))
        self.left_out = {target[0]: (Target(*target), limit) for target, limit in state["left_out"]}
        self.cut = state["cut"]

    def _limit(self, target: Target) -> str:
        if target.hops > MOST_HOPS:
            return "hops"
        return "too_deep" if target.depth > self._most_depth and not target.speaks_for else ""

    def _drop(self, target: Target) -> None:
        lane = self._lanes[host(target.url)]
        waiting = lane.rounds.get(target.round)
        if waiting and target.url in waiting:
            waiting.discard(target.url)
            if not waiting:
                del lane.rounds[target.round]
        elif target.url in lane.now:
            lane.now.remove(target.url)


def _rank(target: Target) -> tuple[int, int, int]:
    return target.round, target.depth, target.hops
