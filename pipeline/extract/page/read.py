"""From a page's HTML to its text, title and language."""

import html

import numpy as np

from pipeline.extract.page.blocks import WORDS, read_blocks
from pipeline.extract.page.choice import chosen
from pipeline.extract.page.coefficients import LINES
from pipeline.extract.page.features import features
from pipeline.extract.page.forest import Forest
from pipeline.extract.page.layout import written
from pipeline.extract.page.tree import read_tree

FOREST = Forest.read(LINES)


def read_page(
    source: str, recall_weight: float, forest: Forest = FOREST
) -> tuple[str, str | None, str | None]:
    """The main content of a page, its title, and the language that it declares.

    Args:
        source: HTML.
        recall_weight: how many times as important recall is as precision.
        forest: what judges the blocks.
    """
    content = source.encode("utf-8", "replace")
    page = np.frombuffer(content, np.uint8)
    tree = read_tree(page)
    blocks = read_blocks(page, tree)
    odds = forest.odds(features(tree, blocks))
    keep = chosen(odds, blocks.counts[:, WORDS], recall_weight)
    title = html.unescape(content[tree.title].decode("utf-8", "replace")).strip()
    language = content[tree.language].decode("utf-8", "replace").strip("\"' \t\r\n")
    return written(page, tree, blocks, keep), title or None, language or None
