"""Addresses of which there is no end: calendars, sessions, paths that grow, tables sorted each way.

What tells them is their shape alone, so a crawl of the same site leaves out the same ones.
"""

import re
from collections import Counter

from pydantic import Field

from pipeline.crawl.canonical_url import host, target
from schemas.record import Record

DATED = re.compile(r"(?:19|20)\d\d[/_.-]?(?:0?[1-9]|1[0-2])(?!\d)")
DIGITS = re.compile(r"\d+")
# The names under which web frameworks carry a session; what is left of the address is the page.
SESSION = re.compile(
    r"(?i)(?<=[?&])(?:jsessionid|phpsessid|aspsessionid\w*|asp\.net_sessionid|cfid|cftoken|osid|"
    r"session_?id|sid(?==[0-9a-f]{16,}(?:&|$)))=[^&]*(?:&|$)"
)
PATH_SESSION = re.compile(r"(?i);(?:jsessionid|phpsessid)=[^/?;]*|/\([SX]\([0-9a-z]{20,}\)\)")


class Traps(Record):
    """From where on an address is left out."""

    most_characters: int = Field(default=2000, gt=0)
    most_segments: int = Field(default=24, gt=0, description="parts of a path")
    most_repeats: int = Field(
        default=3, gt=0, description="times that a part of a path may stand in it"
    )
    most_alike: int = Field(
        default=5000,
        gt=0,
        description="addresses of a host that differ only in the values of their parameters, or "
        "in the numbers of a date",
    )


class TrapDoor:
    """Judges the addresses of one crawl."""

    def __init__(self, traps: Traps) -> None:
        self._traps = traps
        self._alike: Counter[str] = Counter()

    def why(self, url: str) -> str:
        """Why an address is left out; "" where it is not."""
        if len(url) > self._traps.most_characters:
            return f"it has {len(url)} characters"
        segments = [part for part in target(url).partition("?")[0].split("/") if part]
        if len(segments) > self._traps.most_segments:
            return f"its path has {len(segments)} parts"
        if len(segments) > self._traps.most_repeats:
            part, times = Counter(segments).most_common(1)[0]
            if times > self._traps.most_repeats:
                return f"{part!r} stands {times} times in its path"
        pattern = alike(url)
        if pattern and self._alike[pattern] >= self._traps.most_alike:
            return f"there are {self._alike[pattern]} like {pattern}"
        return ""

    def count(self, url: str) -> None:
        """An address is to be visited."""
        pattern = alike(url)
        if pattern:
            self._alike[pattern] += 1


def alike(url: str) -> str:
    """What an address has in common with those like it; "" where they can be told apart for good.

    A path with numbers says nothing: sites number their articles. Parameters, and dates, do.
    """
    path, mark, query = target(url).partition("?")
    if mark:
        names = sorted(part.partition("=")[0] for part in query.split("&"))
        return f"{host(url)}{DIGITS.sub('0', path)}?{'&'.join(names)}"
    return f"{host(url)}{DIGITS.sub('0', path)}" if DATED.search(path) else ""


def without_session(url: str) -> str:
    """The address without the number of a session."""
    if "=" not in url and "/(" not in url:
        return url
    start = len(url) - len(target(url))
    path, mark, query = url[start:].partition("?")
    query = SESSION.sub("", f"?{query}")[1:].rstrip("&") if mark else ""
    return f"{url[:start]}{PATH_SESSION.sub('', path) or '/'}{'?' if query else ''}{query}"
