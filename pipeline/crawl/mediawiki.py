"""Pages out of a dump of a wiki in MediaWiki's export format, as a stream.

XML is read by Expat; a document type, and with it every entity, ends the reading. What is held is
one page's text and short fields, whatever the file says.

Format: https://www.mediawiki.org/xml/export-0.11.xsd
"""

import hashlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple
from xml.parsers import expat

from pipeline.crawl.unpacking import Damage, Unpacked

DEEPEST = 32  # elements open at once; dumps have 5
LONGEST_FIELD = 4096  # characters of any text but a page's
LONGEST_TAG = 1 << 20  # bytes; Expat holds a tag until it ends
MOST_NAMESPACES = 1000
HIDDEN = ("6", "14")  # namespaces of files and categories: links into them show no text
PAGE, REVISION = ("mediawiki", "page"), ("mediawiki", "page", "revision")
FIELDS = {
    ("mediawiki", "siteinfo", "base"),
    ("mediawiki", "siteinfo", "namespaces", "namespace"),
    *((*PAGE, name) for name in ("title", "ns")),
    *((*REVISION, name) for name in ("id", "timestamp", "model", "text")),
}


class NoDump(Exception):
    """A file is XML, and no dump of a wiki."""


class Site(NamedTuple):
    """The wiki that a dump is of."""

    base: str  # address of its main page
    language: str  # BCP 47; "" where it is not said
    hidden: tuple[str, ...]  # what files and categories are called


class WikiPage(NamedTuple):
    """A page with its newest revision in the dump."""

    title: str
    namespace: str  # a number
    redirects: bool
    revision: str  # its id
    timestamp: str  # ISO 8601
    model: str
    text: str | None  # wikitext; None where it is too long
    whole: bool  # it is what the dump's own hash says


class Dump:
    """A dump that is open to be read once.

    Args:
        file: packed or not.
        most_bytes: of one page's text, as UTF-8.
    """

    def __init__(self, file: BinaryIO, *, most_bytes: int) -> None:
        self._unpacked = Unpacked(file)
        self._most = most_bytes
        self._language, self._base = "", ""
        self._hidden: list[str] = []
        self._path: list[str] = []
        self._fields: dict[str, str] = {}  # of the page so far
        self._redirects = False
        self._said: str | None = None  # the hash of a text, as the dump says
        self._key = ""  # of a namespace
        self._text: list[str] = []  # of the element that is open
        self._room = 0
        self._pages: list[WikiPage] = []

    @property
    def site(self) -> Site:
        """The wiki; whole once the first page has come."""
        return Site(self._base, self._language, tuple(self._hidden))

    def pages(self) -> Iterator[WikiPage]:
        """Every whole page.

        Raises:
            NoDump: it is something else.
            Damage: what follows the pages so far is damaged, missing, or no such XML.
        """
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = _doctype
        fed = 0
        while True:
            piece, damage = b"", None
            try:
                piece = self._unpacked.piece()
                parser.Parse(piece, not piece)
            except Damage as error:
                damage = error
            except expat.ExpatError as error:
                damage = Damage(f"its XML is damaged ({error})")
            yield from self._pages
            self._pages.clear()
            if damage:
                raise damage
            if not piece:
                return
            fed += len(piece)
            if fed - parser.CurrentByteIndex > LONGEST_TAG:
                msg = "a tag in it does not end"
                raise Damage(msg)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if len(self._path) > DEEPEST:
            msg = f"more than {DEEPEST} of its elements lie in each other"
            raise Damage(msg)
        path = tuple(self._path)
        if len(path) == 1:
            if name != "mediawiki":
                raise NoDump(name[:80])
            self._language = attributes.get("xml:lang", "")[:LONGEST_FIELD]
        elif path == PAGE:
            self._fields, self._redirects = {}, False
        elif path == (*PAGE, "redirect"):
            self._redirects = True
        elif path == (*REVISION, "text"):
            self._said = attributes.get("sha1")
        self._key = attributes.get("key", "")
        self._text = []
        self._room = (self._most if name == "text" else LONGEST_FIELD) if path in FIELDS else -1

    def _end(self, name: str) -> None:
        path = tuple(self._path)
        text = "".join(self._text)
        if path == PAGE:
            self._pages.append(self._page())
        elif path[:2] == PAGE and path in FIELDS:
            self._fields[name] = text
            if name == "text":
                self._fields["long"] = "yes" if self._room < 0 else ""
        elif path == ("mediawiki", "siteinfo", "base"):
            self._base = text
        elif name == "namespace" and self._key in HIDDEN and len(self._hidden) < MOST_NAMESPACES:
            self._hidden.append(text)
        self._path.pop()
        self._text, self._room = [], -1

    def _characters(self, text: str) -> None:
        if self._room >= 0:
            self._room -= len(text)
            self._text.append(text)
            if self._room < 0:
                self._text = []

    def _page(self) -> WikiPage:
        fields = self._fields
        text = fields.get("text", "")
        raw = text.encode()
        return WikiPage(
            title=fields.get("title", ""),
            namespace=fields.get("ns", ""),
            redirects=self._redirects,
            revision=fields.get("id", ""),
            timestamp=fields.get("timestamp", ""),
            model=fields.get("model", "wikitext"),
            text=None if fields.get("long") or len(raw) > self._most else text,
            whole=not self._said or self._said == _base_36(raw),
        )


def _base_36(text: bytes) -> str:
    """How a dump writes the hash of a text: SHA-1 in base 36, 31 digits."""
    number = int.from_bytes(hashlib.sha1(text, usedforsecurity=False).digest(), "big")
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits.rjust(31, "0")


def _doctype(*_: object) -> None:
    msg = "it has a document type, which no dump has"
    raise Damage(msg)
