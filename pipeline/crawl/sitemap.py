"""Sitemaps: the pages that a site says it has.

Format: https://www.sitemaps.org/protocol.html. XML is read by Expat as a stream; a document type,
and with it every entity, ends the reading. What was read up to a mistake counts.
"""

import zlib
from typing import NamedTuple
from xml.parsers import expat

from pipeline.crawl.canonical_url import canonical

MOST_BYTES = 50 << 20  # of one sitemap, unpacked; the protocol's own limit
MOST_ADDRESSES = 50_000  # in one sitemap; likewise
MOST_SITEMAPS = 1_000  # of one crawl
DEEPEST = 3  # an index of indexes of sitemaps
GZIP_MAGIC = b"\x1f\x8b"


class Sitemap(NamedTuple):
    """What one sitemap lists, canonical."""

    pages: tuple[str, ...]
    sitemaps: tuple[str, ...]


NOTHING = Sitemap((), ())


def parse(body: bytes, *, url: str) -> Sitemap:
    """The addresses in a sitemap: XML, an index, RSS, Atom or plain lines; packed or not."""
    if body.startswith(GZIP_MAGIC):
        body = _unpacked(body)
    text = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    reader = _Reader()
    if text.startswith(b"<") or b"\0" in text[:4]:
        reader.read(body)
    else:
        reader.pages = text.decode("utf-8", "replace").splitlines()
    return Sitemap(_canonical(reader.pages, url), _canonical(reader.sitemaps, url))


class _Reader:
    """Collects the text of the elements that hold an address."""

    def __init__(self) -> None:
        self.pages: list[str] = []
        self.sitemaps: list[str] = []
        self._path: list[str] = []
        self._text: list[str] = []

    def read(self, body: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            parser.Parse(body, True)
        except (expat.ExpatError, _Enough):
            return

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = _local(name)
        if local == "link" and self._parent == "entry" and attributes.get("href"):  # Atom
            self.pages.append(attributes["href"])
        self._path.append(local)
        self._text = []

    def _end(self, name: str) -> None:
        self._path.pop()
        where = (self._parent, _local(name))
        if where in (("url", "loc"), ("item", "link")):
            self.pages.append("".join(self._text))
        elif where == ("sitemap", "loc") or where[1] == "sitemap":  # some leave the <loc> out
            self.sitemaps.append("".join(self._text))
        self._text = []
        if len(self.pages) + len(self.sitemaps) >= MOST_ADDRESSES:
            raise _Enough

    def _characters(self, text: str) -> None:
        if self._path and self._path[-1] in ("loc", "link", "sitemap"):
            self._text.append(text)

    @staticmethod
    def _doctype(*_: object) -> None:
        raise _Enough

    @property
    def _parent(self) -> str:
        return self._path[-1] if self._path else ""


class _Enough(Exception):
    """What follows is not read."""


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _canonical(urls: list[str], base: str) -> tuple[str, ...]:
    found = (canonical(url.strip(), base) for url in urls[:MOST_ADDRESSES] if url.strip())
    return tuple(dict.fromkeys(url for url in found if url))


def _unpacked(body: bytes) -> bytes:
    """What can be inflated of a gzip file, at most `MOST_BYTES`."""
    try:
        return zlib.decompressobj(31).decompress(body, MOST_BYTES)
    except zlib.error:
        return b""
