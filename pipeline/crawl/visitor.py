"""One visit to one address: what is there, and where it leads."""

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from pipeline.crawl.canonical_url import canonical
from pipeline.crawl.errors import FetchFailed
from pipeline.crawl.fetch import TRANSIENT, Answer, Fetcher
from pipeline.crawl.frontier import Target
from pipeline.crawl.identity import doc_id
from pipeline.crawl.links import Outline, header_wishes, outline
from pipeline.crawl.page_type import HTML_TYPES, page_type
from pipeline.crawl.robots import REDIRECTS, Robots, Say
from pipeline.crawl.source import Gone, Known, Page, Same


class Outcome(NamedTuple):
    """What came of a visit."""

    target: Target
    why: str  # a few words, for counting
    found: Page | Same | Gone
    links: tuple[str, ...] = ()
    redirect: str | None = None
    detail: str = ""
    lost: bool = False  # where it leads to is not known, and may be at another time


class Visitor:
    """Visits addresses, from any thread."""

    def __init__(
        self, fetcher: Fetcher, robots: Robots, earlier: Mapping[str, Known], *, agent: str
    ) -> None:
        self._fetcher, self._robots, self._earlier, self._agent = fetcher, robots, earlier, agent

    def visit(self, target: Target) -> Outcome:
        """Ask robots.txt, fetch, and judge the answer."""
        say = self._robots.say(target.url)
        if say is Say.NO:
            return Outcome(target, "disallowed by robots.txt", Gone(target.url, "refused"))
        if say is Say.NOT_NOW:
            return self._unlearnt(target, "robots.txt not to be had", passing=True)
        known = self._earlier.get(target.url)
        try:
            answer = self._fetcher.get(target.url, _conditions(known), wanted=_is_wanted)
        except FetchFailed as error:
            return self._unlearnt(target, error.slug, passing=error.passing, detail=str(error))
        return self._judge(target, answer, known)

    def _judge(self, target: Target, answer: Answer, known: Known | None) -> Outcome:
        url, status = target.url, answer.status
        if status == 304 and known:
            return Outcome(target, "not changed", Same(url), known.links)
        if status in REDIRECTS:
            hop = canonical(answer.header("location") or "", url)
            return Outcome(
                target, "redirected", Gone(url, "gone"), redirect=hop, detail=f"to {hop}"
            )
        if status in (404, 410):
            return Outcome(target, f"status {status}", Gone(url, "gone"))
        if status != 200:
            passing = status in TRANSIENT or status == 304
            return self._unlearnt(target, f"status {status}", passing=passing)
        if page_type(answer.header("content-type"), answer.body) is None:
            return Outcome(target, "not a text page", Gone(url, "gone"))
        return self._read(target, answer)

    def _read(self, target: Target, answer: Answer) -> Outcome:
        content_type = answer.header("content-type") or ""
        wishes = header_wishes(answer.header("x-robots-tag"), agent=self._agent)
        seen = Outline((), wishes)
        if page_type(content_type, answer.body) in HTML_TYPES:
            seen = outline(
                answer.body, url=target.url, content_type=content_type, agent=self._agent
            )
            wishes = wishes.and_also(seen.wishes)
        links = seen.links if wishes.follow else ()
        if not wishes.keep:
            return Outcome(target, "marked noindex", Gone(target.url, "refused"), links)
        return Outcome(target, "stored", _page(answer, links), links)

    def _unlearnt(self, target: Target, why: str, *, passing: bool, detail: str = "") -> Outcome:
        """The earlier page stands, and leads where it led."""
        known = self._earlier.get(target.url)
        links = known.links if known else ()
        lost = passing and known is None
        return Outcome(target, why, Same(target.url), links, detail=detail, lost=lost)


def _is_wanted(answer: Answer) -> bool:
    return answer.status == 200 and page_type(answer.header("content-type"), b"<") is not None


def _conditions(known: Known | None) -> dict[str, str]:
    """Headers that ask for the page only if it is another one than `known`."""
    conditions = {}
    if known and known.etag:
        conditions["If-None-Match"] = known.etag
    if known and known.last_modified:
        conditions["If-Modified-Since"] = known.last_modified
    return conditions


def _page(answer: Answer, links: tuple[str, ...]) -> Page:
    sha256 = hashlib.sha256(answer.body).digest()
    return Page(
        url=answer.url,
        source="web",
        doc_id=doc_id("web", answer.url, sha256),
        payload_sha256=sha256,
        content_type=answer.header("content-type"),
        body=answer.body,
        fetched=answer.fetched,
        status=answer.status,
        headers=answer.headers,
        address=answer.address,
        etag=answer.header("etag"),
        last_modified=answer.header("last-modified"),
        links=links,
    )
