"""The kernels of `pipeline.extract.page`, slow and plain."""

import itertools

import numpy as np


def odds(forest, row):
    """The log odds of one block."""
    total, node_at, leaf_at = np.float32(0), 0, 0
    for size in map(int, forest.sizes):
        node = 0
        while node >= 0:
            at = node_at + node
            goes_left = row[forest.features[at]] <= forest.thresholds[at]
            node = int(forest.children[at][0 if goes_left else 1])
        total += forest.leaves[leaf_at - node - 1]
        node_at, leaf_at = node_at + size, leaf_at + size + 1
    return total


def best_score(chances, words, recall_weight):
    """The best expected F score of any set of blocks that is not empty."""
    square = recall_weight**2
    likely = [chance * count for chance, count in zip(chances, words, strict=True)]
    return max(
        score(likely, words, kept, square)
        for size in range(1, len(words) + 1)
        for kept in itertools.combinations(range(len(words)), size)
    )


def score(likely, words, kept, square):
    right, taken = sum(likely[at] for at in kept), sum(words[at] for at in kept)
    return (1 + square) * right / (taken + square * sum(likely))


def counts(text, stops, links):
    """Words, linked words, digits, capitalised and common words of a text of ASCII."""
    words = text.split()
    return (
        len(words),
        len(words) if links else 0,
        sum(map(str.isdigit, text)),
        sum(word[0].isupper() for word in words),
        sum("".join(filter(str.isalnum, word)).lower() in stops for word in words),
    )
