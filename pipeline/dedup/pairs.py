"""Near duplicates: which of the texts stay, and which other text each of the rest resembles.

The rule is greedy: texts come in order of preference, and a text stays unless one that already
stays is similar enough. So whoever leaves is similar to the text kept in its place, and never only
to a neighbour's neighbour: long chains of texts, each like the next, do not collapse into one.
The outcome is a function of the set of texts and of the order of preference, of nothing else.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled, part
from pipeline.dedup.sets import Sets, jaccard

KEPT = -1  # in place of the number of the text kept instead
FEW = 8  # texts of one bucket: so many may share it by chance


class _Lists(NamedTuple):
    """Each bucket's list of the texts that stay in it.

    Attributes:
        ends: the first and the last text, (buckets, 2), -1 where there is none.
        length: how many there are, (buckets,).
        following: the text behind each in each of its lists, (d, bands), or -1.
    """

    ends: NDArray[np.int32]
    length: NDArray[np.int32]
    following: NDArray[np.int32]


def resembling(
    signatures: NDArray[np.uint32],
    signed: NDArray[np.int64],
    buckets: NDArray[np.int32],
    *,
    threshold: float,
) -> NDArray[np.bool_]:
    """Which texts may say the same as another, (d,): `nearest_kept` asks for no other's shingles.

    The more texts there are, the more of them agree in a band by chance, and texts are long to
    read. In a bucket of more than `FEW` all have to be read: that bounds the work.

    Args:
        signatures: (records, values).
        signed: the signature of each text, (d,).
        buckets: (d, bands), see `bands.buckets`.
        threshold: least Jaccard similarity of two texts that say the same.
    """
    found, empty = np.zeros(len(signed), np.bool_), np.full(buckets.max(initial=-1) + 1, -1)
    agreeing = _least_agreeing(signatures.shape[1], threshold)
    before = np.empty(len(signed), np.int64)
    _resembling(signatures, signed, buckets, agreeing, empty, np.zeros_like(empty), before, found)
    return found


def nearest_kept(
    signatures: NDArray[np.uint32],
    signed: NDArray[np.int64],
    buckets: NDArray[np.int32],
    sets: Sets,
    *,
    threshold: float,
    widest: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Decide for every text whether it stays.

    Only texts that share a bucket are compared, and at most with the `widest` first that stay in
    it: that bounds the work by texts x bands x `widest`, however many pages share a template.
    The signatures refuse a pair whose estimate is more than four standard errors below the
    threshold; the sets of shingles decide.

    Args:
        signatures: (records, values).
        signed: the signature of each text, (d,), the preferred text first.
        buckets: (d, bands), see `bands.buckets`.
        sets: the shingles of each text that resembles another, d sets.
        threshold: least Jaccard similarity of two texts that say the same.
        widest: texts of one bucket that a text is compared with.

    Returns:
        The most similar text that stays, (d,), the preferred one of equals, or `KEPT`; and the
        Jaccard similarity to it, (d,), 1 for texts that stay.
    """
    agreeing = _least_agreeing(signatures.shape[1], threshold)
    found = np.full(len(signed), KEPT), np.ones(len(signed))
    lists = _Lists(
        np.full((buckets.max(initial=-1) + 1, 2), -1, np.int32),
        np.zeros(buckets.max(initial=-1) + 1, np.int32),
        np.full(buckets.shape, -1, np.int32),
    )
    limits = threshold, agreeing, widest
    _decide(signatures, signed, buckets, sets.numbers, sets.bounds, limits, lists, *found)
    return found


def _least_agreeing(values: int, threshold: float) -> int:
    """How many of the values of two signatures are equal at least, if their texts say the same."""
    error = np.sqrt(threshold * (1 - threshold) / max(values, 1))
    return max(1, int(np.ceil((threshold - 4 * error) * values - 1e-9)))


@compiled
def _resembling(
    signatures: NDArray[np.uint32],
    signed: NDArray[np.int64],
    buckets: NDArray[np.int32],
    agreeing: int,
    last: NDArray[np.int64],
    length: NDArray[np.int64],
    before: NDArray[np.int64],
    found: NDArray[np.bool_],
) -> None:
    """`last` and `length` of each bucket; `before` each text the one before it in its bucket."""
    for band in range(buckets.shape[1]):
        for text in range(len(buckets)):
            bucket = buckets[text, band]
            if bucket < 0:
                continue
            before[text], last[bucket] = last[bucket], text
            length[bucket] += 1
            if length[bucket] <= FEW:
                _mark(signatures, signed, text, agreeing, before, found)
        for text in range(len(buckets)):
            bucket = buckets[text, band]
            if bucket >= 0 and length[bucket] > FEW:
                found[text] = True


@part
def _mark(
    signatures: NDArray[np.uint32],
    signed: NDArray[np.int64],
    text: int,
    agreeing: int,
    before: NDArray[np.int64],
    found: NDArray[np.bool_],
) -> None:
    """Compare a text with those before it in its bucket."""
    other = before[text]
    while other >= 0:
        known = found[text] and found[other]
        if not known and _equal(signatures[signed[text]], signatures[signed[other]]) >= agreeing:
            found[text] = found[other] = True
        other = before[other]


@compiled
def _decide(
    signatures: NDArray[np.uint32],
    signed: NDArray[np.int64],
    buckets: NDArray[np.int32],
    numbers: NDArray[np.uint32],
    bounds: NDArray[np.int64],
    limits: tuple[float, int, int],
    lists: _Lists,
    instead: NDArray[np.int64],
    similarity: NDArray[np.float64],
) -> None:
    documents, bands = buckets.shape
    threshold, agreeing, widest = limits
    ends, length, following = lists
    compared = np.zeros(documents, np.int64)  # one more than the text it was last compared with
    for text in range(documents):
        best, most = KEPT, threshold
        own, signature = numbers[bounds[text] : bounds[text + 1]], signatures[signed[text]]
        for band in range(bands):
            bucket = buckets[text, band]
            other = int(ends[bucket, 0]) if bucket >= 0 else -1
            while other >= 0:
                if (
                    compared[other] != text + 1
                    and _equal(signature, signatures[signed[other]]) >= agreeing
                ):
                    alike = jaccard(own, numbers[bounds[other] : bounds[other + 1]])
                    if alike > most or (alike == most and (best == KEPT or other < best)):
                        best, most = other, alike
                compared[other] = text + 1
                other = int(following[other, band])
        if best != KEPT:
            instead[text], similarity[text] = best, most
        else:
            _enlist(text, buckets[text], ends, length, following, widest)


@part
def _enlist(
    text: int,
    buckets: NDArray[np.int32],
    ends: NDArray[np.int32],
    length: NDArray[np.int32],
    following: NDArray[np.int32],
    widest: int,
) -> None:
    """Put a text that stays at the end of its buckets' lists."""
    for band, bucket in enumerate(buckets):
        if bucket < 0 or length[bucket] >= widest:
            continue
        if length[bucket]:
            following[ends[bucket, 1], band] = text
        else:
            ends[bucket, 0] = text
        ends[bucket, 1] = text
        length[bucket] += 1


@part
def _equal(left: NDArray[np.uint32], right: NDArray[np.uint32]) -> int:
    count = 0
    for k in range(len(left)):
        count += left[k] == right[k]
    return count
