"""Words and pairs of words as places in a table of weights, and a linear model over them."""

from typing import Any

import numpy as np

from pipeline.compiling import compiled, part
from pipeline.signals.kernels.hashing import FNV_START
from pipeline.signals.kernels.overlap import longer, plain_words

Array = np.ndarray[Any, Any]


@part
def features_of(
    data: Array, start: int, stop: int, kinds: Array, lower: Array, buckets: int, found: Array
) -> int:
    """Put the bucket of each word and each pair of neighbours into `found`; how many there are.

    Args:
        data: the bytes of all documents, uint8.
        start: the document's first byte.
        stop: the byte behind its last.
        kinds: what each code point is, `characters.kinds()`.
        lower: the lower case of each code point, `characters.lower_case()`.
        buckets: how many there are; a power of two.
        found: int64, with room for two numbers for every byte.
    """
    words = np.empty(stop - start + 1, np.uint64)
    count = plain_words(data, start, stop, kinds, lower, words)
    mask, features = np.uint64(buckets - 1), 0
    for at in range(count):
        single = longer(FNV_START, words[at])
        found[features] = (single >> np.uint64(32)) & mask
        features += 1
        if at:
            pair = longer(longer(FNV_START, words[at - 1]), words[at])
            found[features] = (pair >> np.uint64(32)) & mask
            features += 1
    return features


@compiled
def margins(
    data: Array, offsets: Array, kinds: Array, lower: Array, weights: Array, bias: float
) -> Array:
    """How far each document is on the good side: the mean weight of its features, and the bias.

    Args:
        data: the bytes of all documents, uint8.
        offsets: (n + 1,) int64: document i is `data[offsets[i]:offsets[i + 1]]`.
        kinds: what each code point is, `characters.kinds()`.
        lower: the lower case of each code point, `characters.lower_case()`.
        weights: (buckets,) float32.
        bias: what a document without words has.

    Returns:
        (n,) float64.
    """
    rows = len(offsets) - 1
    result = np.empty(rows, np.float64)
    longest = (offsets[1:] - offsets[:-1]).max() if rows else 0
    found = np.empty(2 * longest + 2, np.int64)
    for row in range(rows):
        count = features_of(data, offsets[row], offsets[row + 1], kinds, lower, len(weights), found)
        total = 0.0
        for feature in found[:count]:
            total += weights[feature]
        result[row] = bias + total / max(count, 1)
    return result


@compiled
def learn(
    data: Array,
    offsets: Array,
    kinds: Array,
    lower: Array,
    order: Array,
    sides: Array,
    buckets: int,
    rate: float,
) -> tuple[Array, float]:
    """Weights that put the good on one side and the bad on the other, with a gap between.

    An averaged perceptron with margin: after each document on the wrong side, or nearer than 1, the
    weights of its features move by `rate`; what is returned is their mean over all steps. It only
    adds, multiplies and divides, so it gives the same bits on every machine.

    Args:
        data: the bytes of all documents, uint8.
        offsets: (n + 1,) int64: document i is `data[offsets[i]:offsets[i + 1]]`.
        kinds: what each code point is, `characters.kinds()`.
        lower: the lower case of each code point, `characters.lower_case()`.
        order: (steps,) int64: which document is learnt from at each step.
        sides: (n,) float64: 1 for good, -1 for bad.
        buckets: how many weights there are; a power of two.
        rate: how far weights move.

    Returns:
        (buckets,) float64, and the bias.

    Source:
        Freund and Schapire, 1999, doi:10.1023/A:1007662407062.
    """
    now, past = np.zeros(buckets, np.float64), np.zeros(buckets, np.float64)
    bias, past_bias = 0.0, 0.0
    found = np.empty(2 * (offsets[1:] - offsets[:-1]).max() + 2, np.int64)
    for step in range(len(order)):
        row = order[step]
        count = features_of(data, offsets[row], offsets[row + 1], kinds, lower, buckets, found)
        total = 0.0
        for feature in found[:count]:
            total += now[feature]
        if sides[row] * (bias + total / max(count, 1)) >= 1.0:
            continue
        move = rate * sides[row]
        bias, past_bias = bias + move / 8, past_bias + step * move / 8
        for feature in found[:count]:
            now[feature] += move
            past[feature] += step * move
    return now - past / len(order), bias - past_bias / len(order)
