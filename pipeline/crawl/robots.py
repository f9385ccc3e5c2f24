"""What a site allows: robots.txt as RFC 9309 reads it, parsed by Protego."""

import threading
from enum import Enum

from protego import Protego

from pipeline.crawl import canonical_url
from pipeline.crawl.errors import FetchFailed
from pipeline.crawl.fetch import Answer, Fetcher

MOST_BYTES = 500 * 1024  # RFC 9309, 2.5: at least 500 kibibytes are parsed
MOST_HOPS = 5  # RFC 9309, 2.3.1.2
REDIRECTS = (301, 302, 303, 307, 308)
LONGEST_DELAY = 86_400.0  # seconds; some files ask for eternity
HOLD_BYTES = 8 << 20  # what is read before the rest is cut off


class Say(Enum):
    """A site's answer to whether a page may be fetched."""

    YES = "allowed"
    NO = "disallowed"
    NOT_NOW = "unavailable"


class Robots:
    """The rules of every site that a crawl meets, each fetched once."""

    def __init__(self, fetcher: Fetcher, *, agent: str) -> None:
        self._fetcher, self._agent = fetcher, agent
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._rules: dict[str, Protego | None] = {}
        self.problems: dict[str, str] = {}  # site -> why its rules cannot be had

    def say(self, url: str) -> Say:
        """Whether `url` may be fetched. A site whose rules cannot be had is left alone for now."""
        rules = self._of(canonical_url.origin(url))
        if rules is None:
            return Say.NOT_NOW
        return Say.YES if rules.can_fetch(url, self._agent) else Say.NO

    def sitemaps(self, site: str) -> tuple[str, ...]:
        """The sitemaps that a site names, canonical."""
        rules = self._of(site)
        urls = rules.sitemaps if rules else ()
        named = (canonical_url.canonical(url, f"{site}/") for url in urls)
        return tuple(dict.fromkeys(url for url in named if url))

    def _of(self, site: str) -> Protego | None:
        with self._lock:
            lock = self._locks.setdefault(site, threading.Lock())
        with lock:
            if site not in self._rules:
                self._rules[site] = self._fetched(site)
            return self._rules[site]

    def _fetched(self, site: str) -> Protego | None:
        try:
            answer = self._answer(f"{site}/robots.txt")
        except FetchFailed as error:
            self.problems[site] = f"robots.txt: {error}"
            return None
        if answer is None or (300 <= answer.status < 500 and answer.status != 429):
            return Protego.parse("")  # RFC 9309, 2.3.1.3: unavailable means no rules
        if not 200 <= answer.status < 300:
            self.problems[site] = f"robots.txt: status {answer.status}"
            return None
        rules = Protego.parse(_text(answer.body))
        self._slow_down(site, rules)
        return rules

    def _answer(self, url: str) -> Answer | None:
        """The last answer after redirects; None where they do not end."""
        for _ in range(MOST_HOPS + 1):
            answer = self._fetcher.get(url, most_bytes=HOLD_BYTES)
            if answer.status not in REDIRECTS:
                return answer
            hop = canonical_url.canonical(answer.header("location") or "", url)
            if hop is None:
                return answer
            url = hop
        return None

    def _slow_down(self, site: str, rules: Protego) -> None:
        pace = self._fetcher.paces.of(canonical_url.host(f"{site}/"))
        delay = rules.crawl_delay(self._agent)
        if delay:
            pace.slow_to(min(float(delay), LONGEST_DELAY))
        rate = rules.request_rate(self._agent)
        if rate and rate.requests:
            pace.slow_to(min(rate.seconds / rate.requests, LONGEST_DELAY))


def _text(body: bytes) -> str:
    """The first 500 kibibytes, whole lines only, without a byte order mark."""
    kept = body.removeprefix(b"\xef\xbb\xbf")
    if len(kept) > MOST_BYTES:
        kept = kept[:MOST_BYTES]
        kept = kept[: kept.rfind(b"\n") + 1]
    return kept.decode("utf-8", "replace")
