"""The shingles of texts as sorted sets, by which two texts are compared exactly."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled
from pipeline.dedup.errors import OtherShingles
from pipeline.dedup.records import Texts
from pipeline.dedup.shingles import shingles
from pipeline.dedup.shingling import Shingling


class Sets(NamedTuple):
    """A set of shingles for each of d texts; empty for texts that are compared with none.

    Attributes:
        numbers: of all texts, (total,), ascending in each.
        bounds: (d + 1,): text i has the numbers from `bounds[i]` to `bounds[i + 1]`.
    """

    numbers: NDArray[np.uint32]
    bounds: NDArray[np.int64]


def read_sets(
    texts: Texts, records: NDArray[np.int64], counts: NDArray[np.int64], shingling: Shingling
) -> Sets:
    """Read texts and keep their shingles, 4 bytes for each.

    Args:
        texts: reads texts of records.
        records: the record of each text, (d,).
        counts: the shingles of each text as they were signed, (d,); 0 leaves a text out.
        shingling: what a shingle is, as it was when they were signed.

    Raises:
        OtherShingles: a text does not have as many as were signed.
    """
    bounds = np.zeros(len(records) + 1, np.int64)
    np.cumsum(counts, out=bounds[1:])
    numbers = np.empty(bounds[-1], np.uint32)
    wanted = np.flatnonzero(counts)
    wanted = wanted[np.argsort(records[wanted])]
    done = 0
    for batch in texts(records[wanted]):
        found, ends = shingles(batch, shingling)
        for i, place in enumerate(wanted[done : done + len(batch)]):
            each = found[ends[i] : ends[i + 1]]
            if len(each) != counts[place]:
                raise OtherShingles(len(each), shingling, signed=int(counts[place]))
            each.sort()
            numbers[bounds[place] : bounds[place + 1]] = each
        done += len(batch)
    return Sets(numbers, bounds)


@compiled
def jaccard(left: NDArray[np.uint32], right: NDArray[np.uint32]) -> float:
    """The share of the shingles of two texts that both have; both are ascending and not empty."""
    common, i, k = 0, 0, 0
    while i < len(left) and k < len(right):
        one, other = left[i], right[k]
        common += one == other
        i += one <= other
        k += other <= one
    return common / (len(left) + len(right) - common)
