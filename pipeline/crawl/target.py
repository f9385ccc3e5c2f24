"""An address that a crawl visits, and what came of the visit."""

from typing import NamedTuple

from pipeline.crawl.source import Gone, Page, Same


class Target(NamedTuple):
    """An address to visit."""

    url: str
    depth: int = 0  # links from a seed; of a sitemap: from robots.txt
    hops: int = 0  # redirects since the last link
    round: int = 0  # visits from a seed, see frontier; sitemaps come first, below 0
    via: str = ""  # the page or sitemap that led here
    speaks_for: str = ""  # of a sitemap: the host whose pages it may list


class Outcome(NamedTuple):
    """What came of a visit."""

    target: Target
    why: str  # a slug, see schemas/visit.py
    found: Page | Same | Gone | None  # None: of a sitemap, which is no page
    links: tuple[str, ...] = ()  # to pages
    sitemaps: tuple[str, ...] = ()  # that a sitemap names
    redirect: str | None = None
    status: int | None = None
    detail: str = ""
    lost: bool = False  # where it leads to is not known, and may be at another time
    received: int = 0  # bytes of body


class Again(NamedTuple):
    """A visit that failed in a way that passes, and what it comes to if it is not tried again."""

    outcome: Outcome
    pause_seconds: float  # that the server asked for; 0 where it did not
