"""Articles out of dumps of Wikipedia and other wikis."""

import hashlib
from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import quote

from pydantic import Field

from pipeline.crawl.archive_files import ArchiveFiles
from pipeline.crawl.canonical_url import canonical
from pipeline.crawl.errors import BadSourceFile
from pipeline.crawl.files import SourceFile
from pipeline.crawl.identity import doc_id, payload_of_text
from pipeline.crawl.mediawiki import Dump, NoDump, Site, WikiPage
from pipeline.crawl.rights import Rights
from pipeline.crawl.source import Page, Refused
from pipeline.crawl.unpacking import Damage

CANONICAL_NAMES = ("File", "Image", "Category")  # as every wiki takes them, whatever its language
UNESCAPED = "/:;@$!*(),~'"  # as MediaWiki spells addresses
SOURCE = "wikipedia"


class WikipediaDumps(ArchiveFiles):
    """Reads the articles out of XML dumps of a wiki, `dewiki-20261101-pages-articles.xml.bz2`.

    Multistream dumps and unpacked ones are read as well. A page's address is made of the wiki's and
    its title; the id and the time of its revision stand in `etag` and `last_modified`, the language
    is the dump's. Redirects are passed over. Wikitext becomes text in the stage `documents`, where
    templates, tables, pictures and references give none.

    Fields:
        paths: files or patterns, `*-pages-articles*.xml.bz2`; `{date}` means a day: a window takes
            the files of days up to its own.
        namespaces: to take, by their numbers; 0 are articles.
        license: of the texts, an address; Wikipedia's by default, which no dump tells.
        most_bytes: of one page's wikitext; a larger one is quarantined.
        tolerate_damage: keep what stands before the damage in a broken file and warn; otherwise
            that is an error once everything else is read.
    """

    pages_of: ClassVar[str] = SOURCE
    remedy: ClassVar[str] = (
        "Name dumps with articles, *-pages-articles*.xml.bz2, and check `namespaces`."
    )

    namespaces: tuple[int, ...] = (0,)
    license: str = "https://creativecommons.org/licenses/by-sa/4.0/"
    most_bytes: int = Field(default=8 << 20, gt=0)

    def found_in(self, file: SourceFile) -> Iterator[Page | Refused | str]:
        """The articles of one dump."""
        with file.path.open("rb") as content:
            dump = Dump(content, most_bytes=self.most_bytes)
            try:
                for page in dump.pages():
                    yield self._page(page, dump.site)
            except NoDump as error:
                raise BadSourceFile(
                    str(file.path),
                    problem=f"it is no dump of a wiki: its first element is <{error}>",
                    remedy="Name dumps in MediaWiki's export format, *-pages-articles*.xml.bz2.",
                ) from error

    def _page(self, page: WikiPage, site: Site) -> Page | Refused | str:
        if page.namespace not in map(str, self.namespaces):
            return "pages of other namespaces"
        if page.redirects:
            return "redirects"
        if page.model != "wikitext":
            return f"pages in {page.model}"
        folder = _folder(site)
        url = _address(page.title, folder)
        why, detail = _problem(page, url, self.most_bytes)
        if why or page.text is None or url is None:
            known = hashlib.sha256(f"{page.revision} {page.timestamp}".encode()).digest()
            return Refused(doc_id(SOURCE, url or folder, known), url or folder, why, detail)
        payload = payload_of_text(page.text, page.title, site.language)
        return Page(
            url=url,
            source=SOURCE,
            doc_id=doc_id(SOURCE, url, payload),
            payload_sha256=payload,
            content_type=_content_type(site),
            text=page.text,
            title=page.title,
            etag=page.revision or None,
            last_modified=page.timestamp or None,
            rights=Rights(license=self.license or None),
        )


def _problem(page: WikiPage, url: str | None, most_bytes: int) -> tuple[str, str]:
    """Why a page cannot be taken, as a slug and in words; both empty where it can."""
    if url is None:
        return ("no_address", f"revision {page.revision[:40]}: its title is missing or too long")
    if page.text is None:
        return ("too_many_bytes", f"its wikitext has more than {most_bytes:,} bytes")
    if not page.whole:
        return ("damaged_page", "its text is another than the dump's hash of it says")
    return "", ""


def _folder(site: Site) -> str:
    """What the addresses of all pages begin with.

    Raises:
        Damage: the dump does not say of which wiki it is.
    """
    folder = site.base.rpartition("/")[0] + "/"
    if canonical(folder) is None:
        msg = f"its siteinfo has the address {site.base[:80]!r}, which no page can be below"
        raise Damage(msg)
    return folder


def _address(title: str, folder: str) -> str | None:
    """Where people read a page; None where its title gives no address."""
    return canonical(folder + quote(title.replace(" ", "_"), safe=UNESCAPED)) if title else None


def _content_type(site: Site) -> str:
    """Wikitext, its language, and which links in it show nothing."""
    hidden = ",".join(dict.fromkeys((*CANONICAL_NAMES, *site.hidden)))
    language = f"; language={quote(site.language)}" if site.language else ""
    return f"text/x-wiki{language}; hidden={quote(hidden)}"
