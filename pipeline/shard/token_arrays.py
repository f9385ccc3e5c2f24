"""The tokens of many documents, in flat arrays."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Tokens(NamedTuple):
    """The tokens of d documents, n with the end token behind each of them.

    Attributes:
        ids: (n,).
        bounds: (d + 1,): document i has `ids[bounds[i]:bounds[i + 1]]`.
        starts: (n,) where in its document's UTF-8 each token starts, and the end token where that
            ends. A token that starts inside a character counts from the start of that character.
        text_bytes: (d,) the bytes of each document's text.
    """

    ids: NDArray[np.uint32]
    bounds: NDArray[np.int64]
    starts: NDArray[np.int32]
    text_bytes: NDArray[np.int64]
