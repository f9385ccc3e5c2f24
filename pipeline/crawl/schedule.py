"""Whose turn it is: hosts in a queue by the moment at which each may be asked again.

A host is asked at most so often and by so many connections at once; slower where its robots.txt
says so, and not at all for a while after it was overloaded. Nobody waits for another host: of
those that may be asked now, the one that was asked longest ago comes first.
"""

import heapq
from collections.abc import Callable

from pipeline.crawl.canonical_url import host, origin, target
from pipeline.crawl.frontier import Frontier
from pipeline.crawl.robots import Known, SiteRules
from pipeline.crawl.robots_rules import Rules
from pipeline.crawl.source import Gone, Same
from pipeline.crawl.target import Again, Outcome, Target
from schemas.record import Record

MOST_FAILURES = 12  # in a row; then a host rests
MOST_RESTS = 3  # then it is left for another window
REST = 300  # a first rest is so much longer than a first pause; the others double
LONGEST_PAUSE = 600.0  # seconds; a host that asks for more is left for another window


class Pace(Record):
    """How fast one host may be asked."""

    interval_seconds: float  # from one request to the next
    connections: int  # at once
    retries: int
    backoff_seconds: float  # before the first retry; it doubles with every failure in a row


class Ask(str):
    """A site whose robots.txt has to be fetched first."""


class _Host:
    def __init__(self, interval: float) -> None:
        self.interval = interval
        self.turn = 0.0  # when it may be asked again
        self.flying = 0
        self.failures = 0  # in a row
        self.rests = 0
        self.left_alone = False
        self.queued = False
        self.asking = False  # its robots.txt is on its way


Job = Target | Ask | Outcome


class Schedule:
    """Decides what to do next. Not to be shared by threads.

    Args:
        frontier: what is still to visit.
        known: the rules of sites.
        pace: of every host.
        clock: seconds, never going back.
    """

    def __init__(
        self, frontier: Frontier, known: Known, pace: Pace, *, clock: Callable[[], float]
    ) -> None:
        self._frontier, self._known, self._pace, self._clock = frontier, known, pace, clock
        self._hosts: dict[str, _Host] = {}
        self._queue: list[tuple[float, int, str]] = []
        self._count = 0
        self._tries: dict[str, int] = {}  # address -> visits that failed

    def wake(self, name: str) -> None:
        """Something may be to do at a host."""
        one = self._hosts.setdefault(name, _Host(self._pace.interval_seconds))
        if not one.queued:
            one.queued = True
            self._count += 1
            heapq.heappush(self._queue, (one.turn, self._count, name))

    def next(self) -> Job | None:
        """What to do now: visit, ask for rules, or take note of what needs no visit."""
        now = self._clock()
        while self._queue and self._queue[0][0] <= now:
            name = heapq.heappop(self._queue)[2]
            one = self._hosts[name]
            one.queued = False
            if one.turn > now:
                self.wake(name)
                continue
            job = self._job(name, one)
            if job is not None:
                self.wake(name)
                return job
        return None

    def seconds(self) -> float | None:
        """Until somebody's turn comes; None where nothing waits for its time."""
        return max(0.0, self._queue[0][0] - self._clock()) if self._queue else None

    def landed(self, visit: Outcome | Again) -> Outcome | None:
        """A visit is over; what came of it, or None where it is tried again later."""
        outcome = visit.outcome if isinstance(visit, Again) else visit
        name = host(outcome.target.url)
        one = self._hosts[name]
        one.flying -= 1
        again = isinstance(visit, Again) and self._failed(one, visit)
        if isinstance(visit, Outcome):
            one.failures = 0
        if again:
            self._frontier.put_back(outcome.target, last=True)
        else:
            self._tries.pop(outcome.target.url, None)
            self._frontier.landed(outcome.target)
        self.wake(name)
        return None if again else outcome

    def take(self, answer: SiteRules) -> None:
        """A site's robots.txt has come, or has not."""
        name = host(f"{answer.site}/")
        one = self._hosts[name]
        one.flying -= 1
        one.asking = False
        self._known.take(answer)
        if answer.rules and answer.rules.delay_seconds:
            one.interval = max(self._pace.interval_seconds, answer.rules.delay_seconds)
        self.wake(name)

    def _job(self, name: str, one: _Host) -> Job | None:
        if one.asking or one.flying >= self._pace.connections:
            return None  # it is woken when what is under way is over
        found = self._frontier.next(name)
        if found is None:
            return None
        if one.left_alone:
            return self._unasked(found, "host_rests", "", passing=True)
        site = origin(found.url)
        if self._known.given_up(site):
            problem = self._known.problems[site]
            return self._unasked(found, "robots_unavailable", problem, passing=True)
        rules = self._known.rules(site)
        if rules is None:
            return self._ask(found, site, one)
        return self._allowed(found, rules, one)

    def _ask(self, found: Target, site: str, one: _Host) -> Ask | None:
        self._frontier.put_back(found, last=False)
        wait = self._known.wait_seconds(site)
        if wait:
            one.turn = self._clock() + wait
            self.wake(host(found.url))
            return None
        self._begun(one)
        one.asking = True
        return Ask(site)

    def _allowed(self, found: Target, rules: Rules, one: _Host) -> Job:
        if rules.allows(target(found.url)):
            self._begun(one)
            return found
        return self._unasked(found, "robots", "", passing=False)

    def _begun(self, one: _Host) -> None:
        one.flying += 1
        one.turn = max(one.turn, self._clock()) + one.interval

    def _unasked(self, found: Target, why: str, detail: str, *, passing: bool) -> Outcome:
        """What comes of an address that nobody asks for; an earlier page stands, if it may."""
        self._frontier.landed(found)
        told = Same(found.url) if passing else Gone(found.url, "refused")
        page = None if found.speaks_for else told
        return Outcome(found, why, page, detail=detail, lost=passing)

    def _failed(self, one: _Host, visit: Again) -> bool:
        """Slow down; whether the visit is to be tried again."""
        one.failures += 1
        pause = self._pace.backoff_seconds * 2 ** min(one.failures - 1, 6)
        if one.failures >= MOST_FAILURES:
            one.failures, one.rests = 0, one.rests + 1
            pause = self._pace.backoff_seconds * REST * 2 ** (one.rests - 1)
        one.left_alone |= one.rests > MOST_RESTS or visit.pause_seconds > LONGEST_PAUSE
        one.turn = max(one.turn, self._clock() + max(pause, visit.pause_seconds))
        url = visit.outcome.target.url
        self._tries[url] = self._tries.get(url, 0) + 1
        if one.left_alone:
            one.turn = 0.0
        return not one.left_alone and self._tries[url] <= self._pace.retries
