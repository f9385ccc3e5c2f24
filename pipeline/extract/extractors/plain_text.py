"""All visible text of a page, menus included."""

from pipeline.extract.extractor import Extracted, Extractor


class PlainText(Extractor):
    """All visible text, block by block; for pages that hold nothing but their content."""

    def extract(self, html: str, url: str) -> Extracted:
        """The text, title and language of a page."""
        from resiliparse.extract.html2text import extract_plain_text  # late, as all parsers are
        from resiliparse.parse.html import HTMLTree

        tree = HTMLTree.parse(html)
        text = extract_plain_text(tree, preserve_formatting=True, alt_texts=False)
        root = tree.document.query_selector("html") if tree.document else None
        return Extracted(text, tree.title or None, root.getattr("lang") if root else None)
