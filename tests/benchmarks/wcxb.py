"""WCXB's development pages (../shared/data/extraction), their truth, and the word F1."""

import html
import io
import json
import re
import tarfile
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.extract.page.blocks import read_blocks
from pipeline.extract.page.features import features
from pipeline.extract.page.tree import read_tree

DATA = Path(__file__).parents[3] / "shared/data/extraction"
WORD = re.compile(r"\w+")
RUN = 4  # words in a row that are found in the truth before they count as part of it


class Page(NamedTuple):
    """A page with its main content."""

    name: str
    kind: str  # one of seven page types
    site: str
    html: str
    truth: str


@cache
def pages():
    """The 1,497 development pages, by name."""
    with tarfile.open(DATA / "wcxb_dev.tar.xz") as archive:
        files = {
            member.name.removeprefix("./"): archive.extractfile(member).read()
            for member in archive
            if member.isfile()
        }
    about = json.loads(files["metadata.json"])["files"]
    names = sorted(path[9:13] for path in files if path.startswith("dev/html/"))
    return [
        Page(
            name,
            about[name]["page_type"],
            about[name]["domain"],
            files[f"dev/html/{name}.html"].decode("utf-8", "replace"),
            json.loads(files[f"dev/ground-truth/{name}.json"])["ground_truth"].get(
                "main_content", ""
            ),
        )
        for name in names
    ]


def word_f1(text, truth):
    """As WCXB's README defines it: over words in lower case, order aside."""
    ours, theirs = (Counter(WORD.findall(each.lower())) for each in (text, truth))
    if not ours or not theirs:
        return float(not ours and not theirs)
    return 2 * sum((ours & theirs).values()) / (ours.total() + theirs.total())


def labelled(page):
    """The features of a page's blocks, (b, f), the share of each that is content, and its words."""
    content = page.html.encode("utf-8", "replace")
    source = np.frombuffer(content, np.uint8)
    tree = read_tree(source)
    blocks = read_blocks(source, tree)
    words, block_of = [], []
    for block, (first, last) in enumerate(blocks.pieces):
        text = io.StringIO()
        for start, stop, _, gap, spaced in tree.pieces[first:last]:
            text.write(" " if gap or spaced else "")
            text.write(content[start:stop].decode("utf-8", "replace"))
        found = WORD.findall(html.unescape(text.getvalue()).lower())
        words += found
        block_of += [block] * len(found)
    count = len(blocks.elements)
    totals = np.bincount(block_of, minlength=count) if words else np.zeros(count)
    hits = _hits(words, np.array(block_of, np.int64), page.truth, count)
    return features(tree, blocks), hits / np.maximum(totals, 1), totals


def _hits(words, block_of, truth, count):
    """How many words of each block stand in a run of the truth, or are a line of it."""
    true = WORD.findall(truth.lower())
    runs = {tuple(true[at : at + RUN]) for at in range(len(true) - RUN + 1)}
    lines = {tuple(WORD.findall(line.lower())) for line in truth.split("\n")}
    inside = np.zeros(len(words), bool)
    for at in range(len(words) - RUN + 1):
        if tuple(words[at : at + RUN]) in runs:
            inside[at : at + RUN] = True
    bounds = np.searchsorted(block_of, np.arange(count + 1))
    for start, stop in pairwise(bounds):
        if stop - start < RUN + 2 and tuple(words[start:stop]) in lines:
            inside[start:stop] = True
    return np.bincount(block_of, inside, minlength=count) if len(words) else np.zeros(count)
