"""The tokens of many documents, in flat arrays."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Tokens(NamedTuple):
    """The tokens of d documents, n with the end token behind each of them.

    Attributes:
        ids: (n,).
        begins: (d,): document i has `ids[begins[i]:begins[i] + sizes[i]]`.
        sizes: (d,) tokens of each document, with the end token.
        starts: (n,) where in its document's UTF-8 each token starts, and the end token where that
            ends. A token that starts inside a character counts from the start of that character.
        text_bytes: (d,) the bytes of each document's text.
    """

    ids: NDArray[np.uint32]
    begins: NDArray[np.int64]
    sizes: NDArray[np.int64]
    starts: NDArray[np.int32]
    text_bytes: NDArray[np.int64]
