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

RAW = ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
_ATTRIBUTES = rb"""(?:[^>"']|"[^"]*(?:"|\z)|'[^']*(?:'|\z))*(?:>|\z)"""
_PIECES = re2.compile(
    rb"(?is)<!---?>|<!--.*?(?:--!?>|\z)|"
    + b"|".join(
        rb"<%s\b[^>]*(?:>|\z).*?(?:</%s\b|\z)" % (name.encode(), name.encode()) for name in RAW
    )
    + rb"|<(a|area|base|meta)(?:[\s/]"
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

    def and_also(self, other: "Wishes") -> "Wishes":
        """Both wishes together."""
        return Wishes(self.keep and other.keep, self.follow and other.follow)


class Outline(NamedTuple):
    """What a crawl wants to know of a page."""

    links: tuple[str, ...]  # canonical, in page order, once each
    wishes: Wishes


def outline(body: bytes, *, url: str, content_type: str, agent: str) -> Outline:
    """The links of an HTML page and its wishes.

    Args:
        body: the page.
        url: where it was found; links are relative to it, or to the page's own <base>.
        content_type: the header, for the charset.
        agent: the crawler's name, which a <meta> may be addressed to.
    """
    base, wishes = url, Wishes()
    based = False
    links: dict[str, None] = {}
    for name, attributes in _tags(_as_utf8(body, content_type)):
        if name == b"meta":
            if attributes.get("name", "").strip().lower() in ("robots", agent.lower()):
                wishes = wishes.and_also(_wishes(attributes.get("content", "")))
        elif name == b"base":
            if not based and "href" in attributes:  # only the first one counts
                base, based = canonical(attributes["href"].strip(), url) or url, True
        elif "href" in attributes and "nofollow" not in attributes.get("rel", "").lower().split():
            link = canonical(attributes["href"].strip(), base)
            if link and len(links) < MOST_LINKS:
                links[link] = None
    return Outline(tuple(links) if wishes.follow else (), wishes)


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
        keep=said.isdisjoint(("none", "noindex")), follow=said.isdisjoint(("none", "nofollow"))
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
