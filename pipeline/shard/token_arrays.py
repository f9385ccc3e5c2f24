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
        widths: (n,) the bytes of its document's UTF-8 from where a token starts to where the next
            one does; the end token has none, and those of a document sum to its text's. A token
            that starts inside a character counts from the start of that character.
    """

    ids: NDArray[np.uint32]
    begins: NDArray[np.int64]
    sizes: NDArray[np.int64]
    widths: NDArray[np.unsignedinteger]
