"""The rules of one robots.txt for one crawler, as RFC 9309 reads them.

Beyond the RFC: `Crawl-delay` and `Request-rate` (the slower one counts), `Sitemap`, and what a site
says about use: `Content-Signal: ai-train=no` and `Content-Usage: /path train-ai=n`. Misspellings of
`Disallow` and `User-agent` that are common in the wild are taken for what they are meant to be.

How paths are compared: both sides are brought to one spelling first (unreserved characters plain,
everything else percent-encoded in upper case), so `/~a`, `/%7Ea` and `/%7ea` are one path. `*` and
`$` have their meaning only where they are written as themselves: `%2A` and `%24` match the
characters. Matching never goes back, so its time is bounded by the lengths of path and rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.crawl.canonical_url import ESCAPE, plain_escape

MOST_BYTES = 500 * 1024  # RFC 9309, 2.5: at least 500 kibibytes are parsed
LONGEST_DELAY = 60.0  # seconds; a site that asks for more is asked once a minute
BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8",
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
}
TOKEN = re.compile(r"[A-Za-z_-]+")  # RFC 9309, 2.2.1: what a product token is made of
NAMES = {
    "user-agent": "agent",
    "useragent": "agent",
    "user agent": "agent",
    "disallow": "disallow",
    "dissallow": "disallow",
    "dissalow": "disallow",
    "disalow": "disallow",
    "diasllow": "disallow",
    "disallaw": "disallow",
    "allow": "allow",
    "crawl-delay": "delay",
    "request-rate": "rate",
    "sitemap": "sitemap",
    "site-map": "sitemap",
    "content-signal": "usage",
    "content-usage": "usage",
}
RULES = ("allow", "disallow")
_SECONDS = {"m": 60.0, "h": 3600.0}
PLAIN_IN_QUERIES = ":/?@!'(),;"
# Neither may stand in a URL's path, by the URL standard; a rule may be written with them.
_ESCAPED_IN_PATHS = re.compile(r'[^\x21-\x7e]|["<>`{}^]')


class Rule(NamedTuple):
    """One line of a group, ready to be compared."""

    length: int  # of the path as written, in one spelling; the longest rule decides
    allow: bool
    pieces: tuple[str, ...]  # what stands between the stars
    to_the_end: bool  # it ends with `$`

    def matches(self, path: str) -> bool:
        """Whether a path, in one spelling, is meant."""
        first, *others = self.pieces
        if not path.startswith(first):
            return False
        if not others:
            return not self.to_the_end or len(path) == len(first)
        place = len(first)
        for piece in others[:-1]:
            place = path.find(piece, place)
            if place < 0:
                return False
            place += len(piece)
        last = others[-1]
        if self.to_the_end:
            return len(path) - len(last) >= place and path.endswith(last)
        return path.find(last, place) >= 0


class Usage(NamedTuple):
    """What a site says about the use of some of its pages."""

    path: str  # in one spelling; "" for all
    words: dict[str, str]  # ai-train -> no


class Rules(NamedTuple):
    """What a site tells one crawler."""

    rules: tuple[Rule, ...] = ()  # the one that decides first
    delay_seconds: float = 0.0  # between two requests
    sitemaps: tuple[str, ...] = ()  # as written
    usages: tuple[Usage, ...] = ()

    def allows(self, target: str) -> bool:
        """Whether a path with its query, as a canonical URL has it, may be fetched."""
        path = spelled(target, is_rule=False)
        if path == "/robots.txt":
            return True
        return next((rule.allow for rule in self.rules if rule.matches(path)), True)

    def usage(self, target: str) -> dict[str, str]:
        """What is said about the use of a path: the longest path that is named decides."""
        path = spelled(target, is_rule=False)
        found: dict[str, str] = {}
        for usage in sorted(self.usages, key=lambda each: len(each.path)):
            if path.startswith(usage.path):
                found |= usage.words
        return found


def parse(body: bytes, *, agent: str) -> Rules:
    """The rules for `agent`: of all groups that name it, or else of all that name `*`."""
    groups: dict[str, list[tuple[str, str]]] = {}
    agents: list[str] = []
    everybody: list[tuple[str, str]] = []
    sitemaps: list[str] = []
    in_rules = False  # a group's rules have begun: the next agent begins another group
    spoken_to: list[str] = []  # whom a line that is no rule is about: those named just before it
    spoken = False
    for name, value in _lines(text_of(body)):
        if name == "agent":
            agents, spoken_to = ([] if in_rules else agents), ([] if spoken else spoken_to)
            agents.append(_token(value))
            spoken_to.append(agents[-1])
            groups.setdefault(agents[-1], [])
            in_rules = spoken = False
        elif name == "sitemap":
            sitemaps.append(value)
        elif name == "usage" and not agents:
            everybody.append((name, value))  # before all groups: said to all
        else:
            spoken, in_rules = True, in_rules or name in RULES
            for each in agents if name in RULES else spoken_to:
                groups[each].append((name, value))
    wanted = groups.get(agent.lower(), groups.get("*", []))
    said = [(name, value) for name, value in (*everybody, *wanted) if value]
    rules = {pattern(value, allow=name == "allow") for name, value in said if name in RULES}
    return Rules(
        tuple(sorted(filter(None, rules), key=lambda rule: (-rule.length, not rule.allow, rule))),
        max((_delay(name, value) for name, value in said), default=0.0),
        tuple(dict.fromkeys(sitemaps)),
        tuple(_usage(value) for name, value in said if name == "usage"),
    )


def text_of(body: bytes) -> str:
    """The first 500 kibibytes, whole lines only, without a byte order mark."""
    coding = "utf-8"
    for mark, name in BYTE_ORDER_MARKS.items():
        if body.startswith(mark):
            body, coding = body.removeprefix(mark), name
    if len(body) > MOST_BYTES:
        body = body[:MOST_BYTES]
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]
    return body.decode(coding, "replace")


def spelled(path: str, *, is_rule: bool) -> str:
    """A path in one spelling; the stars and dollars of a URL are no signs, so they are escaped."""
    if _ESCAPED_IN_PATHS.search(path):
        path = _ESCAPED_IN_PATHS.sub(_escaped, path)
    if "%" in path:
        place, mark, query = path.partition("?")
        path = ESCAPE.sub(plain_escape, place) + mark + ESCAPE.sub(_plain_in_query, query)
    return path if is_rule else path.replace("*", "%2A").replace("$", "%24")


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Name and value of every line that says something we know."""
    for line in re.split(r"\r\n|\n|\r", text.replace("\0", "")):
        name, colon, value = line.partition("#")[0].partition(":")
        known = NAMES.get(name.strip().lower())
        if not colon:
            first, _, rest = name.strip().partition(" ")  # `Disallow /x`: the colon was forgotten
            known, value = NAMES.get(first.lower()), rest
        if known:
            yield known, value.strip()


def _token(value: str) -> str:
    if value.startswith("*"):
        return "*"
    found = TOKEN.match(value)
    return found[0].lower() if found else ""


def pattern(value: str, *, allow: bool = False) -> Rule | None:
    """A path with stars, as a rule or a reservation names it; None where it is none."""
    path = spelled(value, is_rule=True)
    if not path.startswith(("/", "*")):
        path = f"/{path}" if not allow else path  # meant as a path; to allow it may mean anything
    if not path.startswith(("/", "*")):
        return None
    to_the_end = path.endswith("$")
    length = len(path)
    path = path.removesuffix("$")
    pieces = path.replace("$", "%24").split("*")
    if not to_the_end and len(pieces) > 1 and not pieces[-1]:
        pieces.pop()  # a star at the end says nothing
    return Rule(length, allow, tuple(pieces), to_the_end)


def _delay(name: str, value: str) -> float:
    number, _, seconds = value.partition("/")
    try:
        if name == "delay":
            delay = float(value)
        elif name == "rate":
            unit = _SECONDS.get(seconds.strip()[-1:].lower(), 1.0)
            delay = float(seconds.strip().rstrip("smhSMH")) * unit / float(number)
        else:
            return 0.0
    except (ValueError, ZeroDivisionError):
        return 0.0
    return min(delay, LONGEST_DELAY) if delay > 0 else 0.0  # not a number is not above 0 either


def _usage(value: str) -> Usage:
    path, _, rest = value.partition(" ") if value.startswith("/") else ("", "", value)
    words = (part.partition("=") for part in rest.lower().replace(";", ",").split(","))
    said = {name.strip(): word.strip() for name, equals, word in words if equals}
    return Usage(spelled(path, is_rule=True), said)


def _plain_in_query(escape: re.Match[str]) -> str:
    """RFC 9309, 2.2.2: `?u=https://a` and `?u=https%3A%2F%2Fa` are one path."""
    character = chr(int(escape[1], 16))
    return character if character in PLAIN_IN_QUERIES else plain_escape(escape)


def _escaped(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace"))
