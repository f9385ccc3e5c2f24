"""Near duplicates: which of the texts stay, and which other text each of the rest resembles.

The rule is greedy: texts come in order of preference, and a text stays unless one that already
stays is similar enough. So whoever leaves is similar to the text kept in its place, and never only
to a neighbour's neighbour: long chains of texts, each like the next, do not collapse into one.
The outcome is a function of the set of texts and of the order of preference, of nothing else.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

KEPT = -1  # in place of the number of the text kept instead


def nearest_kept(
    signatures: NDArray[np.uint32],
    buckets: NDArray[np.int64],
    *,
    agreeing: int,
    widest: int,
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Decide for every text whether it stays.

    Only texts that share a bucket are compared, and at most with the `widest` first that stay in
    it: that bounds the work by texts x bands x `widest`, however many pages share a template.

    Args:
        signatures: (d, values), the preferred text first.
        buckets: (d, bands), see `bands.buckets`.
        agreeing: values that must agree.
        widest: texts of one bucket that a text is compared with.

    Returns:
        The most similar text that stays, (d,), the preferred one of equals, or `KEPT`; and how
        many values agree with it, (d,), of all values for texts that stay.
    """
    return _nearest_kept(signatures, buckets, agreeing, widest)


@nb.njit(cache=True)
def _nearest_kept(
    signatures: NDArray[np.uint32], buckets: NDArray[np.int64], agreeing: int, widest: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    documents, bands = buckets.shape
    instead = np.full(documents, KEPT, np.int64)
    agreement = np.full(documents, signatures.shape[1], np.int32)
    # Each bucket is a list of the texts that stay in it: the first, and from each the next.
    ends = np.full((buckets.max() + 1 if documents else 0, 2), -1, np.int64)
    length = np.zeros(len(ends), np.int64)
    following = np.full((documents, bands), -1, np.int64)
    compared = np.full(documents, -1, np.int64)  # the last text that this one was compared with
    for text in range(documents):
        best, most = KEPT, agreeing - 1
        for band in range(bands):
            bucket = buckets[text, band]
            other = int(ends[bucket, 0]) if bucket >= 0 else -1
            while other >= 0:
                equal = (
                    0 if compared[other] == text else _equal(signatures[text], signatures[other])
                )
                compared[other] = text
                if equal > most or (equal == most and other < best):
                    best, most = other, equal
                other = int(following[other, band])
        if best >= 0:
            instead[text], agreement[text] = best, most
        else:
            _enlist(text, buckets[text], ends, length, following, widest)
    return instead, agreement


@nb.njit(cache=True)
def _enlist(
    text: int,
    buckets: NDArray[np.int64],
    ends: NDArray[np.int64],
    length: NDArray[np.int64],
    following: NDArray[np.int64],
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


@nb.njit(cache=True)
def _equal(left: NDArray[np.uint32], right: NDArray[np.uint32]) -> int:
    count = 0
    for k in range(len(left)):
        count += left[k] == right[k]
    return count
