"""MinHash: a few numbers per text, whose agreement estimates how alike two texts are.

The values are those of datasketch's scheme `affine32` for the same shingle numbers: whoever has
datasketch can compare, index and check them.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled, part
from pipeline.kept_arrays import Arrays, kept, source_of

EMPTY = np.uint32(0xFFFFFFFF)  # datasketch's value where there is no shingle


@kept(source_of(__file__), packages=("datasketch",))
def permutations(values: int, seed: int) -> Arrays:
    """The factors and addends of datasketch's permutations, (values,) each."""
    from datasketch import MinHash  # it imports SciPy: 1.5 s that nobody else should wait for

    factors, addends = MinHash(num_perm=values, seed=seed, scheme="affine32").permutations
    return factors.astype(np.uint32), addends.astype(np.uint32)


def minhash(
    numbers: NDArray[np.uint32], bounds: NDArray[np.int64], *, values: int, seed: int
) -> NDArray[np.uint32]:
    """The signatures of texts.

    Args:
        numbers: the shingles of all texts, one text after the other.
        bounds: (d + 1,): text i has the shingles from `bounds[i]` to `bounds[i + 1]`.
        values: how many a signature has; the estimate's standard error is at most
            0.5 / sqrt(values).
        seed: of the permutations.

    Returns:
        (d, values); a text without shingles has `EMPTY` everywhere.

    Source:
        Broder, 1997, "On the resemblance and containment of documents".
    """
    return _minhash(numbers, bounds, *permutations(values, seed))


@compiled
def _minhash(
    numbers: NDArray[np.uint32],
    bounds: NDArray[np.int64],
    factors: NDArray[np.uint32],
    addends: NDArray[np.uint32],
) -> NDArray[np.uint32]:
    least = np.empty((len(bounds) - 1, len(factors)), np.uint32)
    longest = np.int64(0)
    for text in range(len(bounds) - 1):
        longest = max(longest, bounds[text + 1] - bounds[text])
    mixed = np.empty(longest, np.uint32)
    for text in range(len(bounds) - 1):
        count = bounds[text + 1] - bounds[text]
        for i in range(count):
            mixed[i] = _mix(numbers[bounds[text] + i])
        for k in range(len(factors)):  # one permutation of all shingles: the minimum stays in a
            factor, addend, smallest = factors[k], addends[k], EMPTY  # register, 8 numbers a step
            for i in range(count):
                smallest = min(smallest, np.uint32(factor * mixed[i] + addend))
            least[text, k] = smallest
    return least


@part
def _mix(number: np.uint32) -> np.uint32:
    """The finalizer of MurmurHash3 (Appleby, 2011), which datasketch applies before it permutes."""
    number ^= number >> np.uint32(16)
    number = np.uint32(number * np.uint32(0x85EBCA6B))
    number ^= number >> np.uint32(13)
    number = np.uint32(number * np.uint32(0xC2B2AE35))
    return np.uint32(number ^ (number >> np.uint32(16)))
