"""How alike texts are by their MinHash signatures, compared all with all."""

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled


def nearest(left: NDArray[np.uint32], right: NDArray[np.uint32]) -> NDArray[np.float32]:
    """For each of `left` the similarity of the most similar one of `right`.

    Args:
        left: signatures, (n, values).
        right: signatures, (m, values).

    Returns:
        Estimated Jaccard similarities, (n,); 0 where `right` is empty. The work is n x m x values:
        about 20 ns for a pair of 140 values.
    """
    return np.asarray(_most_equal(left, right) / np.float32(max(left.shape[1], 1)), np.float32)


@compiled
def _most_equal(left: NDArray[np.uint32], right: NDArray[np.uint32]) -> NDArray[np.int32]:
    most = np.zeros(len(left), np.int32)
    for i in range(len(left)):
        for j in range(len(right)):
            equal = 0
            for k in range(left.shape[1]):
                equal += left[i, k] == right[j, k]
            most[i] = max(most[i], equal)
    return most
