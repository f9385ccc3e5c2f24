"""Extraction by trafilatura: rules, two other extractors to compare with, and a rescue."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from pipeline.extract.extractor import Extracted, Extractor

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Every page that it finds nothing in would be a line on stderr; an empty text says the same.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL + 1)

XML_FORBIDS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF))


class Trafilatura(Extractor):
    """Main content by trafilatura (Barbaresi, 2021, ACL demo 15).

    The most exact that is here, at about 50 pages of 174 kB a second and core. Comparing with
    other extractors (`fast = false`) takes half of that.
    """

    favour: Literal["balance", "precision", "recall"] = "balance"
    fast: bool = Field(default=False, description="only its own rules, and the rescue")
    tables: bool = True
    comments: bool = Field(default=False, description="what readers wrote below")

    def extract(self, html: str, url: str) -> Extracted:
        """The text, title and language of a page."""
        import trafilatura  # 0.3 s that whoever only reads a recipe should not wait for

        tree = _parsed(html)
        if tree is None:
            return Extracted("", None, None)
        title = tree.findtext(".//title")
        text = trafilatura.extract(
            tree,
            fast=self.fast,
            favor_precision=self.favour == "precision",
            favor_recall=self.favour == "recall",
            include_tables=self.tables,
            include_comments=self.comments,
            deduplicate=False,  # its memory of segments spans pages
        )
        return Extracted(text or "", title, tree.get("lang"))


def _parsed(html: str) -> HtmlElement | None:
    """The tree; None for a page without any element.

    Without `huge_tree` libxml2 ends silently at 256 levels. How deep a page may be is decided
    before, in `limits`.
    """
    from lxml import etree
    from lxml.html import HTMLParser, fromstring

    parser = HTMLParser(
        encoding="utf-8",  # whatever the page declares: it is decoded already
        huge_tree=True,
        collect_ids=False,
        default_doctype=False,
        remove_comments=True,
        remove_pis=True,
    )
    content = html.translate(XML_FORBIDS).encode("utf-8", "replace")
    try:
        tree = fromstring(content, parser=parser)
    except etree.ParserError:  # "Document is empty"
        return None
    if tree.tag == "html":
        return tree
    return fromstring(b"<html><body>" + content + b"</body></html>", parser=parser)
