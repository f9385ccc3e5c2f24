"""Judges blocks by a forest of small trees: the sum of one leaf of every tree."""

import base64
import zlib
from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from pipeline.compiling import compiled


class Forest(NamedTuple):
    """Trees of n inner nodes and l leaves in all, one after another.

    A child is counted from its tree's first node or leaf; `~leaf`, below 0, is a leaf.
    """

    sizes: NDArray[np.uint8]  # (t,) inner nodes of each tree, at most 127
    features: NDArray[np.uint8]  # (n,) the column that the node asks for
    thresholds: NDArray[np.float32]  # (n,) up to which the answer is left
    children: NDArray[np.int8]  # (n, 2): left and right
    leaves: NDArray[np.float32]  # (l,) summands of the log odds

    @classmethod
    def read(cls, lines: Sequence[str]) -> Self:
        """The forest that `written` has written down."""
        content = zlib.decompress(base64.b85decode("".join(lines)))
        trees, nodes = np.frombuffer(content, "<i4", 2).tolist()
        place, parts = 8, []
        for kind, count in (
            ("u1", trees), ("u1", nodes), ("<f4", nodes), ("i1", 2 * nodes), ("<f4", nodes + trees),
        ):  # fmt: skip
            parts.append(np.frombuffer(content, kind, count, place))
            place += parts[-1].nbytes
        sizes, features, thresholds, children, leaves = parts
        return cls(sizes, features, thresholds, children.reshape(-1, 2), leaves)

    def written(self, width: int) -> list[str]:
        """The forest in base 85, in lines of `width` characters."""
        content = np.array([len(self.sizes), len(self.features)], "<i4").tobytes()
        content += b"".join(np.ascontiguousarray(part).tobytes() for part in self)
        text = base64.b85encode(zlib.compress(content, 9)).decode()
        return [text[at : at + width] for at in range(0, len(text), width)]

    def odds(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """The log odds of b blocks, (b,), by their features, (b, f)."""
        summed = np.zeros(len(features), np.float32)
        _sum(*self, features, summed)
        return summed


@compiled
def _sum(
    sizes: NDArray[np.uint8],
    asked: NDArray[np.uint8],
    thresholds: NDArray[np.float32],
    children: NDArray[np.int8],
    leaves: NDArray[np.float32],
    features: NDArray[np.float32],
    summed: NDArray[np.float32],
) -> None:
    for block in range(len(features)):
        row = features[block]
        first = 0
        for tree in range(len(sizes)):
            node = 0
            while node >= 0:
                at = first + node
                node = children[at, 0 if row[asked[at]] <= thresholds[at] else 1]
            summed[block] += leaves[first + tree + ~node]  # a tree has one leaf more than nodes
            first += sizes[tree]
