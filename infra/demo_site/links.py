"""Links of the manual's pages: reading them, and taking out those that lead nowhere.

The pages come from one generator, which writes every attribute in double quotes. That is what
makes plain patterns enough here; for pages of the web they are not.
"""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

HOST = "http://site.invalid/"
DECLARED = re.compile(rb'charset="?([\w-]+)')
ANCHOR = re.compile(r'<a\b(?:"[^"]*"|[^>"])*>')  # a fragment may be "#<directive>"
HREF = re.compile(r'\s+href="([^"]*)"')
LINK_ATTRIBUTES = re.compile(r'\s+(?:href|hreflang|rel)="[^"]*"')


def charset(page: bytes) -> str:
    """The encoding that a page's meta element declares.

    Raises:
        ValueError: the page declares none.
    """
    declared = DECLARED.search(page[:1024])
    if declared is None:
        raise ValueError("The page declares no charset in its first 1,024 bytes.")
    return declared[1].decode("ascii")


def target(page: str, href: str) -> str | None:
    """The site path that `href` on the page at the site path `page` leads to.

    Returns:
        A path without leading slash or fragment, or None where the link leaves the site.
    """
    url = urlsplit(urljoin(HOST + page, unescape(href)))
    if f"{url.scheme}://{url.netloc}/" != HOST:
        return None
    return unquote(url.path).removeprefix("/")


def targets(page: str, html: str) -> list[str]:
    """The site paths that the page's anchors lead to, in page order, repeats included."""
    hrefs = (HREF.search(anchor) for anchor in ANCHOR.findall(html))
    paths = (target(page, href[1]) for href in hrefs if href)
    return [path for path in paths if path is not None]


def unlink(page: str, html: str, served: Callable[[str], bool]) -> str:
    """The page with only those links inside the site that lead to something served.

    A dead link stays as `<a>` without `href`, HTML's placeholder link: its words, its id and its
    title remain.
    """

    def mend(anchor: re.Match[str]) -> str:
        href = HREF.search(anchor[0])
        path = target(page, href[1]) if href else None
        if path is None or served(path):
            return anchor[0]
        return LINK_ATTRIBUTES.sub("", anchor[0])

    return ANCHOR.sub(mend, html)


def site_pages(folder: Path) -> list[str]:
    """The site paths of all pages under `folder`, sorted."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))
