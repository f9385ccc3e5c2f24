"""Trains what judges blocks in `main_text`: `python -m tests.benchmarks.extraction_model`.

Blocks of WCXB's development pages, labelled by the truth, go to LightGBM in an environment of its
own; the forest is written to pipeline/extract/page/coefficients.py. `cross_validated` gives for
every page a forest that has seen no page of its site.
"""

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from publicsuffixlist import PublicSuffixList

from pipeline.extract.page.forest import Forest
from tests.benchmarks import wcxb
from tests.benchmarks.peers import python_of

TRAINER = Path(__file__).with_name("lightgbm_forest.py")
COEFFICIENTS = Path(__file__).parents[2] / "pipeline/extract/page/coefficients.py"
FOLDS = 5
BLOCKS = 150  # of a page; of more, some are taken, and count for the others
FEWEST = 20  # words of content that a page is taken to have at least
LINE = 92  # characters
HEAD = '''"""What `main_text` has learned; tests/benchmarks/extraction_model.py writes this file."""

# WCXB's development pages (CC-BY-4.0), {blocks:,} blocks of {pages:,} pages.
LINES = (
'''


def fold_of(page, suffixes=PublicSuffixList()):  # noqa: B008
    """The fold of a page's site; pages of one registered domain are in one fold."""
    site = suffixes.privatesuffix(page.site) or page.site
    return int(hashlib.sha256(site.encode()).hexdigest(), 16) % FOLDS


def weights_of(labels, words):
    """What each block counts for: its words, as a share of its page's content."""
    content = words[labels >= 0.5].sum()
    return np.minimum(words / max(content, FEWEST), 0.5) + 1e-6


def examples(pages):
    """Features, labels and weights of blocks of every page with content, page by page."""
    rows = []
    for page in pages:
        features, labels, words = wcxb.labelled(page)
        weights = weights_of(labels, words)
        if len(labels) > BLOCKS:
            draw = np.random.default_rng(int(page.name)).permutation(len(labels))[:BLOCKS]
            draw.sort()
            weights = weights * len(labels) / BLOCKS
            features, labels, weights = features[draw], labels[draw], weights[draw]
        rows.append((features, labels, weights))
    return rows


def trained(rows):
    """The forest for these examples."""
    features, labels, weights = (np.concatenate(each) for each in zip(*rows, strict=True))
    with tempfile.TemporaryDirectory() as folder:
        blocks, forest = Path(folder) / "blocks.npz", Path(folder) / "forest.npz"
        np.savez(blocks, features=features, labels=labels, weights=weights)
        subprocess.run([python_of("lightgbm"), TRAINER, blocks, forest], check=True)
        parts = np.load(forest)
        return Forest(*(parts[name] for name in Forest._fields))


def cross_validated(pages):
    """A forest for each fold, trained on the pages outside of it."""
    rows = examples(pages)
    return [
        trained(
            [
                row
                for row, page in zip(rows, pages, strict=True)
                if page.truth and fold_of(page) != fold
            ]
        )
        for fold in range(FOLDS)
    ]


def main():
    pages = [page for page in wcxb.pages() if page.truth]
    rows = examples(pages)
    forest = trained(rows)
    blocks = sum(len(labels) for _, labels, _ in rows)
    lines = "".join(f"    {line!r},\n" for line in forest.written(LINE))
    COEFFICIENTS.write_text(HEAD.format(blocks=blocks, pages=len(pages)) + lines + ")\n")
    sys.stdout.write(f"{len(forest.sizes)} trees, {len(forest.leaves)} leaves\n")


if __name__ == "__main__":
    main()
