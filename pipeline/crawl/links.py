"""The links of a page, and what the page says about being kept and followed.

The page is read as a row of tags by RE2, in time that grows with its length whatever is in it; no
tree is built, since parsers of trees take minutes over hostile nesting. Comments, scripts and
other raw text are passed over whole. Every alternative also ends at the end of the page, so that
an unclosed one never makes the search begin again.
"""

import html
import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import re2

from pipeline.crawl.canonical_url import canonical

MOST_LINKS = 10_000  # of one page; the rest is left
MOST_ATTRIBUTES = 100_000  # of one page, in all of its tags: two seconds at worst
# Bytes that a browser would take the encoding from: HTML standard, 13.2.3.2.
PRESCAN_BYTES = 1024

RIGHTS = ("tdm-reservation", "tdm-policy")  # <meta> names, see rights
RAW = ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
_ATTRIBUTES = rb"""(?:[^>"']|"[^"]*(?:"|\z)|'[^']*(?:'|\z))*(?:>|\z)"""
_PIECES = re2.compile(
    rb"(?is)<!---?>|<!--.*?(?:--!?>|\z)|"
    + b"|".join(
        rb"<%s\b[^>]*(?:>|\z).*?(?:</%s\b|\z)" % (name.encode(), name.encode()) for name in RAW
    )
    + rb"|<(a|area|base|link|meta)(?:[\s/]"
    + _ATTRIBUTES
    + rb")"
)
# Python's own engine is ten times quicker on many short matches, and here has nothing to go back
# for: no two neighbours match the same character, and an open quote ends with the tag.
_ATTRIBUTE = re.compile(
    rb"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)(?:"|\Z)|'([^']*)(?:'|\Z)|([^\s>"']+)))?"""
)
_CHARSET = re2.compile(rb"""(?i)<meta\b[^>]*charset\s*=\s*["']?\s*([a-z0-9_:.-]+)""")
_HEADER_CHARSET = re2.compile(r"""(?i)charset\s*=\s*["']?\s*([a-z0-9_:.-]+)""")


class Wishes(NamedTuple):
    """What a site asks of those who come by a page."""

    keep: bool = True
    follow: bool = True
    no_ai: bool = False
    no_image_ai: bool = False

    def and_also(self, other: "Wishes") -> "Wishes":
        """Both wishes together."""
        return Wishes(
            self.keep and other.keep,
            self.follow and other.follow,
            self.no_ai or other.no_ai,
            self.no_image_ai or other.no_image_ai,
        )


class Outline(NamedTuple):
    """What a crawl wants to know of a page."""

    links: tuple[str, ...]  # canonical, in page order, once each
    wishes: Wishes
    metas: dict[str, str] = {}  # noqa: RUF012 - of those that speak of rights; never changed
    license: str | None = None  # where the first link to one leads


def outline(body: bytes, *, url: str, content_type: str, agent: str) -> Outline:
    """The links of an HTML page and its wishes.

    Args:
        body: the page.
        url: where it was found; links are relative to it, or to the page's own <base>.
        content_type: the header, for the charset.
        agent: the crawler's name, which a <meta> may be addressed to.
    """
    reading = _Reading(url, agent)
    for name, attributes in _tags(_as_utf8(body, content_type)):
        if name == b"meta":
            reading.meta(attributes)
        elif "href" in attributes:
            reading.link(name, attributes["href"].strip(), attributes.get("rel", "").lower())
    links = tuple(reading.links) if reading.wishes.follow else ()
    return Outline(links, reading.wishes, reading.metas, reading.license)


class _Reading:
    """A page on its way, tag by tag."""

    def __init__(self, url: str, agent: str) -> None:
        self.links: dict[str, None] = {}
        self.wishes = Wishes()
        self.metas: dict[str, str] = {}
        self.license: str | None = None
        self._url, self._agent = url, agent.lower()
        self._base = ""
        self._known: dict[str, str | None] = {}  # as written -> canonical

    def meta(self, attributes: dict[str, str]) -> None:
        name = attributes.get("name", "").strip().lower()
        content = attributes.get("content", "")
        if name in ("robots", self._agent):
            self.wishes = self.wishes.and_also(_wishes(content))
        elif name in RIGHTS:
            self.metas.setdefault(name, content.strip())

    def link(self, name: bytes, href: str, relations: str) -> None:
        if name == b"base":
            self._known.clear()
            self._base = self._base or canonical(href, self._url) or self._url  # the first counts
            return
        said = relations.split() if relations else ()
        licensed = "license" in said and self.license is None
        leads = name != b"link" and "nofollow" not in said and len(self.links) < MOST_LINKS
        found = self._spelled(href.partition("#")[0]) if licensed or leads else None
        if found and licensed:
            self.license = found
        if found and leads:
            self.links[found] = None

    def _spelled(self, href: str) -> str | None:
        """The address that a link leads to; pages repeat their links a few times."""
        if href not in self._known:
            self._known[href] = canonical(href, self._base or self._url)
        return self._known[href]


def header_wishes(header: str | None, *, agent: str) -> Wishes:
    """What `X-Robots-Tag` asks: `noindex, nofollow`, for everyone or after a crawler's name."""
    wishes = Wishes()
    addressee = ""
    for part in (header or "").split(","):
        name, colon, rest = part.partition(":")
        if colon and name.strip().lower() != "unavailable_after":
            addressee, part = name.strip().lower(), rest
        if addressee in ("", agent.lower()):
            wishes = wishes.and_also(_wishes(part))
    return wishes


def _wishes(words: str) -> Wishes:
    said = {word.strip() for word in words.lower().split(",")}
    return Wishes(
        keep=said.isdisjoint(("none", "noindex")),
        follow=said.isdisjoint(("none", "nofollow")),
        no_ai="noai" in said,
        no_image_ai="noimageai" in said,
    )


def _tags(page: bytes) -> Iterator[tuple[bytes, dict[str, str]]]:
    """The name and the attributes of every tag that matters here, in page order."""
    left = MOST_ATTRIBUTES
    for match in _PIECES.finditer(page):
        name = match.group(1)
        if left <= 0:
            return
        left -= 1
        if name:
            inside = match.group(0)[1 + len(name) :]
            attributes: dict[str, str] = {}
            for found in islice(_ATTRIBUTE.finditer(inside), left):
                left -= 1
                key = found.group(1).lower().decode("utf-8", "replace")
                value = found.group(2) or found.group(3) or found.group(4) or b""
                attributes.setdefault(key, html.unescape(value.decode("utf-8", "replace")))
            yield name.lower(), attributes


def _as_utf8(body: bytes, content_type: str) -> bytes:
    """The page in UTF-8; pages that do not say what they are in are taken for UTF-8."""
    told = _HEADER_CHARSET.search(content_type)
    declared = None if told else _CHARSET.search(body[:PRESCAN_BYTES])
    charset = told.group(1) if told else declared.group(1).decode() if declared else "utf-8"
    if charset.lower() in ("utf-8", "utf8"):
        return body
    try:
        return body.decode(charset, "replace").encode("utf-8", "replace")
    except (LookupError, UnicodeError):
        return body
