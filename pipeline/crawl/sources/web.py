"""A live crawl of web sites."""

from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import ClassVar, Self

import re2
from pydantic import Field, model_validator

from pipeline.crawl.canonical_url import canonical, host
from pipeline.crawl.errors import NothingFound
from pipeline.crawl.rights import ALL, Wish
from pipeline.crawl.source import AGENT, Found, Source, Visit
from pipeline.crawl.traps import Traps

CONNECTIONS = 32  # over all hosts
LOCAL_NAMES = ("localhost", "127.", "[::1]")


class Web(Source):
    """Crawls web sites: follows links from `seeds`, and sitemaps, on the seeds' hosts.

    robots.txt is obeyed, `nofollow` and `noindex` too. Pages are fetched at most
    `requests_per_second` per host, or slower where the site asks for it. A refresh asks only for
    what changed. HTML, XHTML and plain text are kept.

    Fields:
        seeds: the addresses to begin at.
        contact: an address or a page where a site's owner reaches you; sent with every request.
            Only a crawl of this machine alone goes without.
        hosts: the hosts to stay on, `example.org` or `example.org:8080`; the seeds' by default.
        allow, deny: patterns (RE2), searched for in an address. With `allow`, only addresses that
            one of them is found in are visited; those of `deny` never are. Seeds always are.
        sitemaps: read the sitemaps that robots.txt names, and /sitemap.xml.
        most_pages, most_depth: visits in all, and links from a seed. A crawl that such a limit cuts
            takes no earlier page for gone because it did not get there.
        traps: from where on an address counts as one of endlessly many, which nobody visits.
        obey: which reservations keep a page out: `noai` (meta robots, X-Robots-Tag), `tdm` (TDMRep)
            and `content_signal` (ai-train=no in robots.txt). All are kept as columns.
        most_total_bytes, most_seconds: what a crawl may use up in all; such a limit cuts too.
        most_bytes: of one page, unpacked; a larger one is left out.
        loopback: whether this machine's own addresses may be reached. No other private address
            may be, unless `networks` names it: `10.1.0.0/16`.
        requests_per_second, connections_per_host: the most that a host is asked for.
        seconds, retries, backoff_seconds: for one try, how many more, and the first pause between.
    """

    ordered: ClassVar[bool] = False
    pace: ClassVar[tuple[str, ...]] = (
        "requests_per_second",
        "connections_per_host",
        "seconds",
        "retries",
        "backoff_seconds",
    )

    seeds: tuple[str, ...] = Field(min_length=1)
    contact: str = ""
    hosts: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    sitemaps: bool = True
    most_pages: int = Field(default=100_000, gt=0)
    most_depth: int = Field(default=50, ge=0)
    traps: Traps = Traps()
    obey: tuple[Wish, ...] = ALL
    most_total_bytes: int = Field(default=1 << 40, gt=0)
    most_seconds: float = Field(default=7 * 86_400.0, gt=0)
    most_bytes: int = Field(default=10 << 20, gt=0)
    loopback: bool = False
    networks: tuple[str, ...] = ()
    requests_per_second: float = Field(default=1.0, gt=0)
    connections_per_host: int = Field(default=2, gt=0, le=CONNECTIONS)
    seconds: float = Field(default=30.0, gt=0)
    retries: int = Field(default=3, ge=0)
    backoff_seconds: float = Field(default=1.0, ge=0)

    @model_validator(mode="after")
    def _can_be_meant(self) -> Self:
        for seed in self.seeds:
            if canonical(seed) is None:
                msg = f"seeds: {seed!r} is no http or https address without a user name in it"
                raise ValueError(msg)
        for pattern in (*self.allow, *self.deny):
            try:
                re2.compile(pattern)
            except re2.error as error:
                msg = f"allow, deny: {pattern!r} is no RE2 pattern: {error}"
                raise ValueError(msg) from error
        for network in self.networks:
            ip_network(network)
        if not self.contact and not (self.loopback and all(map(_is_local, self._hosts()))):
            msg = (
                "contact: say how a site's owner reaches you, an e-mail address or a page; "
                "it is sent with every request"
            )
            raise ValueError(msg)
        return self

    def visit(self, visit: Visit) -> Iterator[Found]:
        """Crawl once."""
        # The HTTP client takes 0.2 s to import.
        from pipeline.crawl.address import opened
        from pipeline.crawl.crawl import Budget, Crawl
        from pipeline.crawl.fetch import Fetcher, Limits, user_agent
        from pipeline.crawl.frontier import Frontier
        from pipeline.crawl.schedule import Pace

        limits = Limits(most_bytes=self.most_bytes, seconds=self.seconds, connections=CONNECTIONS)
        reachable = opened(self.networks, loopback=self.loopback)
        named = filter(None, map(canonical, self.seeds))
        seeds = tuple(seed for seed in named if not visit.taken_down(seed))
        in_scope = self._scope(seeds)
        with Fetcher(limits, user_agent=user_agent(self.contact), opened=reachable) as fetcher:
            crawl = Crawl(
                visit,
                fetcher,
                Frontier(most_pages=self.most_pages, most_depth=self.most_depth),
                in_scope=lambda url: in_scope(url) and not visit.taken_down(url),
                agent=AGENT,
                pace=Pace(
                    interval_seconds=1 / self.requests_per_second,
                    connections=self.connections_per_host,
                    retries=self.retries,
                    backoff_seconds=self.backoff_seconds,
                ),
                traps=self.traps,
                obeyed=self.obey,
                budget=Budget(most_bytes=self.most_total_bytes, most_seconds=self.most_seconds),
            )
            yield from crawl.run(seeds, sitemaps=self.sitemaps)
        if not crawl.pages and not visit.earlier:
            raise NothingFound(
                ", ".join(seeds),
                because=f"What came back: {crawl.problems()}.",
                remedy="Check the seeds in a browser, the site's robots.txt, and that the crawl "
                "may go where the seeds lead: hosts, allow, deny, loopback, most_bytes.",
            )

    def outside(self, url: str) -> str:
        """Which of the crawl's limits leaves a canonical address out; "" where none does."""
        if url in map(canonical, self.seeds):
            return ""
        if host(url) not in self._hosts():
            return f"its host is none of {', '.join(sorted(self._hosts()))}"
        if self.allow and not any(re2.search(pattern, url) for pattern in self.allow):
            return "no pattern of `allow` is found in it"
        denied = next((pattern for pattern in self.deny if re2.search(pattern, url)), None)
        return f"the pattern {denied!r} of `deny` is found in it" if denied else ""

    def _scope(self, seeds: tuple[str, ...]) -> Callable[[str], bool]:
        hosts, begun = self._hosts(), frozenset(seeds)
        allow = tuple(map(re2.compile, self.allow))
        deny = tuple(map(re2.compile, self.deny))

        def in_scope(url: str) -> bool:
            return url in begun or (
                host(url) in hosts
                and (not allow or any(pattern.search(url) for pattern in allow))
                and not any(pattern.search(url) for pattern in deny)
            )

        return in_scope

    def _hosts(self) -> frozenset[str]:
        named = [f"http://{name}/" for name in self.hosts] or list(self.seeds)
        return frozenset(host(url) for url in map(canonical, named) if url)


def _is_local(name: str) -> bool:
    return name.startswith(LOCAL_NAMES)
