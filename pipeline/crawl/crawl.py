"""A crawl: visits to many hosts at once, each at its own pace, written down as they come.

One thread decides and takes note, so nothing here is shared; the others only ask servers. A visit
counts once it is in the journal: a crawl that is killed goes on from there, asks for nothing that
is written down, and asks again for what was on its way.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from pipeline.crawl import canonical_url, robots
from pipeline.crawl.account import account
from pipeline.crawl.diary import Diary, now
from pipeline.crawl.fetch import Fetcher
from pipeline.crawl.frontier import Frontier
from pipeline.crawl.rights import Rights, Wish
from pipeline.crawl.robots import SiteRules
from pipeline.crawl.schedule import Ask, Pace, Schedule
from pipeline.crawl.sitemap import DEEPEST, MOST_SITEMAPS
from pipeline.crawl.source import Found, Noted, Page, Rest, Visit
from pipeline.crawl.target import Again, Outcome, Target
from pipeline.crawl.traps import TrapDoor, Traps, without_session
from pipeline.crawl.visitor import Visitor
from pipeline.crawl.workers import Workers
from schemas.record import Record

MOST_THREADS = 32
TICK_SECONDS = 1.0  # the longest wait without a look at the clock

Result = Outcome | Again | SiteRules

log = logging.getLogger(__name__)


class Order(NamedTuple):
    """What a thread is asked for."""

    job: Target | Ask
    site: Rights


class Budget(Record):
    """What a crawl may use up, beside its number of pages."""

    most_bytes: int  # of bodies, unpacked
    most_seconds: float  # all tries of a window together


class Crawl:
    """Follows links from seeds until nothing new turns up.

    Args:
        visit: what is known from earlier, and where to write.
        fetcher: asks the servers.
        frontier: what is still to visit.
        in_scope: whether an address belongs to the crawl.
        agent: the crawler's name in robots.txt.
        pace: of every host.
        budget: where it ends.
        traps: addresses that are left out.
        obeyed: which reservations of use keep a page out.
    """

    def __init__(
        self,
        visit: Visit,
        fetcher: Fetcher,
        frontier: Frontier,
        *,
        in_scope: Callable[[str], bool],
        agent: str,
        pace: Pace,
        budget: Budget,
        traps: Traps,
        obeyed: tuple[Wish, ...],
    ) -> None:
        self.pages = 0
        self.outcomes: Counter[str] = Counter()
        self.examples: dict[str, str] = {}  # outcome -> one address, and what was said
        self._visit, self._fetcher, self._frontier = visit, fetcher, frontier
        self._in_scope, self._budget, self._agent = in_scope, budget, agent
        self._known = robots.Known(
            tries=pace.retries, pause_seconds=pace.backoff_seconds, clock=now
        )
        self._schedule = Schedule(frontier, self._known, pace, clock=now)
        self._visitor = Visitor(fetcher, visit, agent=agent, obeyed=obeyed)
        self._traps = TrapDoor(traps)
        self._diary = Diary(visit.journal, window=visit.window, clock=now)
        self._account: dict[str, Outcome] = {}
        self._sites: set[str] = set()  # whose sitemaps are wanted
        self._sitemaps = 0
        self._received = 0
        self._lost = False

    def run(self, seeds: tuple[str, ...], *, sitemaps: bool) -> Iterator[Found]:
        """Everything found, in the order of arrival."""
        self._sites = set(map(canonical_url.origin, seeds)) if sitemaps else set()
        yield from self._resumed()
        for seed in seeds:
            self._add(Target(seed))
        for name in self._frontier.hosts():
            self._schedule.wake(name)
        workers: Workers[Order, Result] = Workers(self._work, most=MOST_THREADS)
        try:
            yield from self._visits(workers)
        finally:
            workers.end()
        yield Noted("visits", account(self._account, self._frontier))
        if self._frontier.cut or self._lost:
            log.warning(
                "The crawl did not see everything; earlier pages it did not reach are kept: %s",
                self.problems(),
            )
        else:
            yield Rest("unlinked")

    def problems(self) -> str:
        """What came of the visits, in words."""
        said = [
            f"{why} ({count}, first {self.examples[why]})"
            for why, count in self.outcomes.most_common(5)
        ]
        return "; ".join((*said, *self._known.problems.values()))

    def _resumed(self) -> Iterator[Found]:
        """What earlier tries of this window found; the frontier stands again where it stood."""
        state = self._diary.begin()
        if state is not None:
            self._frontier.restore(state)
            for url in self._frontier.addresses():
                self._traps.count(url)
        for event, covered in self._diary.known():
            if isinstance(event, Outcome):
                self._count(event)
                self._frontier.replay(event.target)
                if not covered:
                    self._follow(event)
                if event.found:
                    yield event.found
            elif not covered:
                self._add_sitemaps(*event)
            else:
                self._sites.discard(event[0])

    def _visits(self, workers: Workers[Order, Result]) -> Iterator[Found]:
        while True:
            while workers.free and not self._used_up():
                job = self._schedule.next()
                if job is None:
                    break
                if isinstance(job, Outcome):
                    self._take(job)
                else:
                    workers.begin(self._order(job))
            wait = None if self._used_up() else self._schedule.seconds()
            if not workers.busy and wait is None:
                break
            due = self._diary.due_seconds()
            result = workers.result(min(due, TICK_SECONDS, wait or TICK_SECONDS))
            if result is not None:
                self._landed(result)
            if not self._diary.due_seconds():
                yield from self._written()
        yield from self._written()

    def _order(self, job: Target | Ask) -> Order:
        """A job with what whoever does it has to know."""
        if isinstance(job, Ask):
            return Order(job, Rights())
        url = job.url
        return Order(job, self._known.rights(canonical_url.origin(url), canonical_url.target(url)))

    def _work(self, order: Order) -> Result:
        """What a thread does."""
        if isinstance(order.job, Ask):
            return robots.ask(self._fetcher, str(order.job), agent=self._agent)
        return self._visitor.visit(order.job, order.site)

    def _landed(self, result: Result) -> None:
        if isinstance(result, SiteRules):
            self._schedule.take(result)
            if result.rules and result.site in self._sites:
                named = (
                    canonical_url.canonical(url, f"{result.site}/") for url in result.rules.sitemaps
                )
                starts = dict.fromkeys((*filter(None, named), f"{result.site}/sitemap.xml"))
                self._diary.note_sitemaps(result.site, tuple(starts))
                self._add_sitemaps(result.site, tuple(starts))
            return
        outcome = self._schedule.landed(result)
        if outcome is not None:
            self._take(outcome)

    def _take(self, outcome: Outcome) -> None:
        self._diary.note(outcome)
        self._count(outcome)
        self._follow(outcome)
        self._visit.progress(self._frontier.visited, self._frontier.known)

    def _count(self, outcome: Outcome) -> None:
        url = outcome.target.url
        if not outcome.target.speaks_for:
            self.outcomes[outcome.why] += 1
            said = f"status {outcome.status}" if outcome.status else outcome.detail
            self.examples.setdefault(outcome.why, f"{url} {said}".strip())
        self.pages += isinstance(outcome.found, Page)
        self._received += outcome.received
        self._lost |= outcome.lost
        self._account[url] = outcome._replace(found=None, links=(), sitemaps=())

    def _follow(self, outcome: Outcome) -> None:
        target = outcome.target
        for url in outcome.links:
            if not self._frontier.knows(url):
                self._add(Target(url, target.depth + 1, 0, max(target.round, 0) + 1, target.url))
        self._add_further(outcome)
        if outcome.redirect:
            hop = target._replace(
                url=outcome.redirect, hops=target.hops + 1, round=target.round + 1, via=target.url
            )
            self._add(hop)

    def _add(self, target: Target) -> None:
        url = without_session(target.url)
        if self._frontier.knows(url) or not self._in_scope(url):
            return
        target = target if url == target.url else target._replace(url=url)
        new = not self._frontier.awaits(target.url)
        trap = self._traps.why(target.url) if new and target.via else ""
        if trap:
            self._frontier.leave_out(target, f"trap: {trap}")
            return
        name = self._frontier.add(target)
        if name:
            self._schedule.wake(name)
            if new:
                self._traps.count(target.url)

    def _add_sitemaps(self, site: str, urls: Iterable[str]) -> None:
        """Read the sitemaps that a site names, before its pages."""
        self._sites.discard(site)
        for url in urls:
            speaks_for = canonical_url.host(f"{site}/")
            self._add_sitemap(Target(url, 0, 0, -DEEPEST, f"{site}/robots.txt", speaks_for))

    def _add_further(self, outcome: Outcome) -> None:
        target = outcome.target
        if target.depth < DEEPEST - 1:
            for url in outcome.sitemaps:
                depth, turn = target.depth + 1, target.round + 1
                self._add_sitemap(Target(url, depth, 0, turn, target.url, target.speaks_for))

    def _add_sitemap(self, target: Target) -> None:
        """Sitemaps may lie on any host."""
        self._sitemaps += 1
        if self._sitemaps <= MOST_SITEMAPS and not self._visit.taken_down(target.url):
            name = self._frontier.add(target)
            if name:
                self._schedule.wake(name)

    def _used_up(self) -> bool:
        """Whether the budget is; what is waiting is then left for another window."""
        if (
            self._received < self._budget.most_bytes
            and self._diary.seconds < self._budget.most_seconds
        ):
            return False
        self._frontier.cut = True
        return True

    def _written(self) -> Iterator[Found]:
        for outcome in self._diary.write():
            if outcome.found:
                yield outcome.found
        if self._diary.snapshot_due():
            self._diary.snapshot(self._frontier.state())
