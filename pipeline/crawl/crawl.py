"""A crawl: rounds of visits, several hosts at once, each at its own pace."""

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty, SimpleQueue

from pipeline.crawl import canonical_url
from pipeline.crawl.fetch import Fetcher
from pipeline.crawl.frontier import Frontier, Target
from pipeline.crawl.pace import Stopped
from pipeline.crawl.robots import Robots
from pipeline.crawl.sitemap import Sitemaps
from pipeline.crawl.source import Found, Page, Rest, Visit
from pipeline.crawl.visitor import Outcome, Visitor

MOST_THREADS = 32

log = logging.getLogger(__name__)


class Crawl:
    """Follows links from seeds until nothing new turns up.

    Args:
        visit: what is known from earlier.
        fetcher: asks the servers.
        frontier: what is still to visit.
        in_scope: whether an address belongs to the crawl.
        agent: the crawler's name in robots.txt.
        connections: requests to one host at once.
    """

    def __init__(
        self,
        visit: Visit,
        fetcher: Fetcher,
        frontier: Frontier,
        *,
        in_scope: Callable[[str], bool],
        agent: str,
        connections: int,
    ) -> None:
        self.pages = 0
        self.outcomes: Counter[str] = Counter()
        self.examples: dict[str, str] = {}  # outcome -> one address, and what was said
        self._visit, self._fetcher, self._frontier = visit, fetcher, frontier
        self._in_scope, self._connections = in_scope, connections
        self._robots = Robots(fetcher, agent=agent)
        self._sitemaps = Sitemaps(fetcher, self._robots)
        self._visitor = Visitor(fetcher, self._robots, visit.earlier, agent=agent)
        self._lost = False
        self._came: SimpleQueue[Outcome] = SimpleQueue()

    def run(self, seeds: tuple[str, ...], *, sitemaps: bool) -> Iterator[Found]:
        """Everything found, in the order of arrival."""
        for seed in seeds:
            self._frontier.add(seed, depth=0)
        if sitemaps:
            for site in dict.fromkeys(map(canonical_url.origin, seeds)):
                self._add(self._sitemaps.pages(site), depth=1)
        pool = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="crawl")
        try:
            while targets := self._frontier.next_round():
                yield from self._round(targets, pool)
        finally:
            self._fetcher.paces.stop.set()
            pool.shutdown(cancel_futures=True)
        if not (self._frontier.cut or self._lost or self._sitemaps.failed):
            yield Rest("unlinked")
        else:
            log.warning(
                "The crawl did not see everything; earlier pages it did not reach are kept: %s",
                self.problems(),
            )

    def problems(self) -> str:
        """What came of the visits, in words."""
        said = [
            f"{why} ({count}, first {self.examples[why]})"
            for why, count in self.outcomes.most_common(5)
        ]
        return "; ".join((*said, *self._robots.problems.values()))

    def _round(self, targets: list[Target], pool: ThreadPoolExecutor) -> Iterator[Found]:
        lanes: dict[str, deque[Target]] = {}
        for target in targets:
            lanes.setdefault(canonical_url.host(target.url), deque()).append(target)
        running = [
            pool.submit(self._drain, lane)
            for lane in lanes.values()
            for _ in range(min(self._connections, len(lane)))
        ]
        done = self._frontier.visited - len(targets)
        for number in range(1, len(targets) + 1):
            outcome = self._next(running)
            self._take(outcome)
            self._visit.progress(done + number, self._frontier.known)
            yield outcome.found

    def _drain(self, lane: deque[Target]) -> None:
        """One thread's work: visit one host's addresses until none is left."""
        while True:
            try:
                target = lane.popleft()
                self._came.put(self._visitor.visit(target))
            except (IndexError, Stopped):
                return

    def _next(self, running: list[Future[None]]) -> Outcome:
        while True:
            try:
                return self._came.get(timeout=1.0)
            except Empty:
                for lane in running:
                    if lane.done():
                        lane.result()  # a mistake in a thread ends the crawl here

    def _take(self, outcome: Outcome) -> None:
        self.outcomes[outcome.why] += 1
        self.examples.setdefault(outcome.why, f"{outcome.target.url} {outcome.detail}".strip())
        self.pages += isinstance(outcome.found, Page)
        self._lost |= outcome.lost
        self._add(outcome.links, depth=outcome.target.depth + 1)
        if outcome.redirect and self._in_scope(outcome.redirect):
            target = outcome.target
            self._frontier.add(outcome.redirect, depth=target.depth, hops=target.hops + 1)

    def _add(self, urls: "tuple[str, ...] | Iterator[str]", *, depth: int) -> None:
        for url in urls:
            if self._in_scope(url):
                self._frontier.add(url, depth=depth)
