"""The rules of every site that a crawl meets: fetched, kept for a day, and waited for.

RFC 9309, 2.3.1: an answer of 2xx is parsed; five redirects are followed; no such file (4xx) means
no rules; an error of the server, and no answer at all, mean that nobody may ask for now. Then the
site is asked again, later and later, before its pages are left for another window.
"""

from collections.abc import Callable
from typing import NamedTuple

from pipeline.crawl import canonical_url
from pipeline.crawl.errors import FetchFailed
from pipeline.crawl.fetch import REDIRECTS, Answer, Fetcher
from pipeline.crawl.rights import Reservation, Rights, path_rights, reservations
from pipeline.crawl.robots_rules import Rules, parse

MOST_HOPS = 5  # RFC 9309, 2.3.1.2
HOLD_BYTES = 8 << 20  # what is read before the rest is cut off
KEPT_SECONDS = 86_400.0  # RFC 9309, 2.4
PATIENCE = 10  # a site's rules are waited for so much longer than a page


class SiteRules(NamedTuple):
    """What came of asking for a site's rules."""

    site: str
    rules: Rules | None  # None: they cannot be had now
    problem: str = ""
    reservations: tuple[Reservation, ...] = ()


def ask(fetcher: Fetcher, site: str, *, agent: str) -> SiteRules:
    """Fetch the rules of a site, and what it reserves."""
    try:
        answer = _answer(fetcher, f"{site}/robots.txt")
    except FetchFailed as error:
        return SiteRules(site, None, f"robots.txt: {error}")
    if answer is None or (300 <= answer.status < 500 and answer.status != 429):
        return SiteRules(site, Rules(), "", _reserved(fetcher, site))
    if not 200 <= answer.status < 300:
        return SiteRules(site, None, f"robots.txt: status {answer.status}")
    return SiteRules(site, parse(answer.body, agent=agent), "", _reserved(fetcher, site))


def _reserved(fetcher: Fetcher, site: str) -> tuple[Reservation, ...]:
    """What the site's tdmrep.json says; a file that cannot be had says nothing."""
    try:
        answer = _answer(fetcher, f"{site}/.well-known/tdmrep.json")
    except FetchFailed:
        return ()
    return reservations(answer.body) if answer and answer.status == 200 else ()


def _answer(fetcher: Fetcher, url: str) -> Answer | None:
    """The last answer after redirects; None where they do not end."""
    for _ in range(MOST_HOPS + 1):
        answer = fetcher.get(url, most_bytes=HOLD_BYTES)
        if answer.status not in REDIRECTS:
            return answer
        hop = canonical_url.canonical(answer.header("location") or "", url)
        if hop is None:
            return answer
        url = hop
    return None


class _Site:
    """What is known of one site's rules."""

    def __init__(self) -> None:
        self.rules: Rules | None = None
        self.reservations: tuple[Reservation, ...] = ()
        self.until = float("-inf")  # when they have to be asked for
        self.failures = 0
        self.given_up = False


class Known:
    """The rules of all sites so far.

    Args:
        tries: how often a site is asked again before it is given up.
        pause_seconds: before the first of these; it doubles.
        clock: seconds, never going back.
    """

    def __init__(self, *, tries: int, pause_seconds: float, clock: Callable[[], float]) -> None:
        self.problems: dict[str, str] = {}  # site -> why its rules cannot be had
        self._tries, self._pause, self._clock = tries, pause_seconds * PATIENCE, clock
        self._sites: dict[str, _Site] = {}

    def rules(self, site: str) -> Rules | None:
        """The rules of a site, where they are known and not too old."""
        found = self._sites.get(site)
        return found.rules if found and self._clock() < found.until else None

    def rights(self, site: str, target: str) -> Rights:
        """What a site says of the use of one of its paths."""
        found = self._sites.get(site)
        if found is None or found.rules is None:
            return Rights()
        return path_rights(found.rules, found.reservations, target)

    def given_up(self, site: str) -> bool:
        """Whether a site's rules cannot be had in this crawl."""
        found = self._sites.get(site)
        return found is not None and found.given_up

    def wait_seconds(self, site: str) -> float:
        """How long it is until a site may be asked for its rules."""
        found = self._sites.get(site)
        return max(0.0, found.until - self._clock()) if found and found.rules is None else 0.0

    def take(self, answer: SiteRules) -> None:
        """Remember what came of asking."""
        site = self._sites.setdefault(answer.site, _Site())
        site.rules, site.reservations = answer.rules, answer.reservations
        if answer.rules is not None:
            site.failures, site.until = 0, self._clock() + KEPT_SECONDS
            self.problems.pop(answer.site, None)
            return
        self.problems[answer.site] = answer.problem
        site.failures += 1
        site.given_up = site.failures > self._tries
        site.until = self._clock() + self._pause * 2 ** (site.failures - 1)
