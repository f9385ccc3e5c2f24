"""One visit to one address: what is there, and where it leads."""

import hashlib

from pipeline.crawl import sitemap
from pipeline.crawl.canonical_url import canonical, host
from pipeline.crawl.earlier import Known
from pipeline.crawl.errors import FetchFailed
from pipeline.crawl.fetch import REDIRECTS, TRANSIENT, Answer, Fetcher, retry_after
from pipeline.crawl.identity import doc_id
from pipeline.crawl.links import Outline, Wishes, header_wishes, outline
from pipeline.crawl.page_type import HTML_TYPES, page_type
from pipeline.crawl.rights import Rights, Wish, page_rights
from pipeline.crawl.source import Gone, Page, Same, Visit
from pipeline.crawl.target import Again, Outcome, Target
from pipeline.crawl.warc import record_id, response_member


class Visitor:
    """Visits addresses that robots.txt allows, from any thread."""

    def __init__(
        self, fetcher: Fetcher, visit: Visit, *, agent: str, obeyed: tuple[Wish, ...]
    ) -> None:
        self._fetcher, self._agent, self._obeyed = fetcher, agent, obeyed
        self._earlier = visit.earlier
        self._window = visit.window

    def visit(self, target: Target, site: Rights) -> Outcome | Again:
        """Fetch an address, and judge the answer.

        Args:
            target: the address.
            site: what its site says of its use.
        """
        if target.speaks_for:
            return self._sitemap(target)
        known = self._earlier.get(target.url)
        try:
            answer = self._fetcher.get(target.url, _conditions(known), wanted=_is_wanted)
        except FetchFailed as error:
            failed = self._unlearnt(target, error.slug, passing=error.passing, detail=str(error))
            return Again(failed, 0.0) if error.passing else failed
        outcome = self._judge(target, answer, known, site)
        return _perhaps_again(outcome, answer)

    def _judge(self, target: Target, answer: Answer, known: Known | None, site: Rights) -> Outcome:
        url, status = target.url, answer.status
        if status == 304 and known:
            reserved = _with_headers(site, answer, Outline((), Wishes())).reserved(self._obeyed)
            if reserved:  # the page is as it was; what the site says of it need not be
                gone = Gone(url, "refused")
                return Outcome(target, "opted_out", gone, self._led_to(target), detail=reserved)
            return Outcome(target, "not_modified", Same(url), self._led_to(target), status=status)
        if status in REDIRECTS:
            hop = canonical(answer.header("location") or "", url)
            return Outcome(
                target,
                "redirected",
                Gone(url, "gone"),
                redirect=hop,
                status=status,
                detail=hop or "nowhere",
            )
        if status in (404, 410):
            return Outcome(target, "gone", Gone(url, "gone"), status=status)
        if status != 200:
            passing = status in TRANSIENT or status == 304
            return self._unlearnt(target, "status", passing=passing, status=status)
        if page_type(answer.header("content-type"), answer.body) is None:
            detail = answer.header("content-type") or "no type is given"
            return Outcome(target, "not_a_page", Gone(url, "gone"), status=status, detail=detail)
        return self._read(target, answer, site)

    def _read(self, target: Target, answer: Answer, site: Rights) -> Outcome:
        content_type = answer.header("content-type") or ""
        wishes = header_wishes(answer.header("x-robots-tag"), agent=self._agent)
        seen = Outline((), wishes)
        if page_type(content_type, answer.body) in HTML_TYPES:
            seen = outline(
                answer.body, url=target.url, content_type=content_type, agent=self._agent
            )
            wishes = wishes.and_also(seen.wishes)
        links = seen.links if wishes.follow else ()
        received = len(answer.body)
        if not wishes.keep:
            gone = Gone(target.url, "refused")
            return Outcome(target, "noindex", gone, links, status=200, received=received)
        rights = _with_headers(site, answer, seen._replace(wishes=wishes))
        reserved = rights.reserved(self._obeyed)
        if reserved:
            gone = Gone(target.url, "refused")
            return Outcome(
                target, "opted_out", gone, links, status=200, detail=reserved, received=received
            )
        page = self._page(answer, links, rights)
        return Outcome(target, "kept", page, links, status=200, received=received)

    def _unlearnt(
        self,
        target: Target,
        why: str,
        *,
        passing: bool,
        status: int | None = None,
        detail: str = "",
    ) -> Outcome:
        """The earlier page stands, and leads where it led."""
        lost = passing and target.url not in self._earlier
        same, links = Same(target.url), self._led_to(target)
        return Outcome(target, why, same, links, status=status, detail=detail, lost=lost)

    def _led_to(self, target: Target) -> tuple[str, ...]:
        """The links of the earlier page."""
        return self._earlier.links(target.url)

    def _sitemap(self, target: Target) -> Outcome | Again:
        url = target.url
        try:
            answer = self._fetcher.get(url, most_bytes=sitemap.MOST_BYTES)
        except FetchFailed as error:
            failed = Outcome(target, error.slug, None, detail=str(error), lost=error.passing)
            return Again(failed, 0.0) if error.passing else failed
        status, passing = answer.status, answer.status in TRANSIENT
        if status in REDIRECTS:
            hop = canonical(answer.header("location") or "", url)
            further = (hop,) if hop else ()
            return Outcome(target, "sitemap", None, (), further, status=status, detail=hop or "")
        found = sitemap.parse(answer.body, url=url) if status == 200 else sitemap.NOTHING
        pages = tuple(page for page in found.pages if host(page) == target.speaks_for)
        why = "sitemap" if status == 200 else "gone" if status in (404, 410) else "status"
        outcome = Outcome(target, why, None, pages, found.sitemaps, status=status, lost=passing)
        return _perhaps_again(outcome, answer)

    def _page(self, answer: Answer, links: tuple[str, ...], rights: Rights) -> Page:
        sha256 = hashlib.sha256(answer.body).digest()
        identity = doc_id("web", answer.url, sha256)
        record = record_id(identity, self._window.encode())
        return Page(
            url=answer.url,
            source="web",
            doc_id=identity,
            payload_sha256=sha256,
            content_type=answer.header("content-type"),
            member=response_member(
                answer.url,
                status=answer.status,
                headers=answer.headers,
                body=answer.body,
                fetched=answer.fetched,
                record=record,
                address=answer.address,
            ),
            fetched=answer.fetched,
            status=answer.status,
            record_id=record,
            etag=answer.header("etag"),
            last_modified=answer.header("last-modified"),
            links=links,
            rights=rights,
        )


def _with_headers(site: Rights, answer: Answer, seen: Outline) -> Rights:
    headers = {name: answer.header(name) for name in ("tdm-reservation", "tdm-policy", "link")}
    return page_rights(site, headers, seen, seen.wishes, url=answer.url)


def _perhaps_again(outcome: Outcome, answer: Answer) -> Outcome | Again:
    return Again(outcome, retry_after(answer)) if answer.status in TRANSIENT else outcome


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
