"""Which blocks to keep, by how likely each is part of the main content."""

import numpy as np
from numpy.typing import NDArray


def chosen(
    odds: NDArray[np.float32], words: NDArray[np.float32], recall_weight: float
) -> NDArray[np.bool_]:
    """The blocks with which the expected F score of the words is best.

    No threshold fits all pages: where nothing is sure, more has to be kept. The best set for an
    expected F score is always the k likeliest blocks, for some k (Lewis, 1995, SIGIR).

    Args:
        odds: log odds of b blocks, (b,).
        words: their words, (b,).
        recall_weight: how many times as important recall is as precision: the beta of F.
    """
    keep = np.zeros(len(odds), np.bool_)
    if len(odds) == 0:
        return keep
    order = np.argsort(-odds, kind="stable")
    likely = words[order].astype(np.float64) / (1 + np.exp(-odds[order].astype(np.float64)))
    right, taken = np.cumsum(likely), np.cumsum(words[order].astype(np.float64))
    square = recall_weight * recall_weight
    score = (1 + square) * right / (taken + square * right[-1])
    keep[order[: int(np.argmax(score)) + 1]] = True
    return keep
