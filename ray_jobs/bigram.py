"""An interpolated Kneser-Ney bigram model: what counting alone achieves on the same ids.

Chen and Goodman, 1998, TR-10-98, section 3: modified Kneser-Ney with the three discounts that
they give in closed form, for the pairs and for the continuation counts below them; below those
every id is equally likely. A pair never crosses a document.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from ray_jobs.token_loader import TokenRows

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
ROWS_AT_ONCE = 8192


@dataclass(frozen=True)
class Bigram:
    """The pairs of a training split, and their probabilities."""

    vocabulary: int
    pairs: Counts  # (n,) first * vocabulary + second, sorted
    shares: Floats  # (n,) discounted share of the pair among those with its first id
    left_over: Floats  # (vocabulary,) what the discounts leave after each id
    alone: Floats  # (vocabulary,) probability of an id whatever stands before it

    @classmethod
    def of_rows(cls, rows: TokenRows) -> Self:
        """Count the pairs of a split."""
        pairs, counts = count_pairs(rows)
        return cls.of_pairs(pairs, counts, vocabulary=rows.vocabulary)

    @classmethod
    def of_pairs(cls, pairs: Counts, counts: Counts, *, vocabulary: int) -> Self:
        """From distinct pairs, sorted, and how often each was seen."""
        first, second = pairs // vocabulary, pairs % vocabulary
        kept, left_over = discounted(counts, first, groups=vocabulary)
        contexts = np.bincount(second, minlength=vocabulary)  # how many ids stand before each
        seen = np.flatnonzero(contexts)
        below, rest = discounted(contexts[seen], np.zeros_like(seen), groups=1)
        alone = np.full(vocabulary, rest[0] / vocabulary)
        alone[seen] += below
        return cls(vocabulary, pairs, kept, left_over, alone)

    def probability(self, first: Counts, second: Counts) -> Floats:
        """Of each `second` after its `first`."""
        wanted = first * self.vocabulary + second
        place = np.searchsorted(self.pairs, wanted)
        known = np.append(self.pairs, -1)[place] == wanted  # beyond the last pair stands none
        share: Floats = np.where(known, np.append(self.shares, 0.0)[place], 0.0)
        return share + self.left_over[first] * self.alone[second]

    def nats(self, rows: TokenRows) -> npt.NDArray[np.float32]:
        """(rows, context): the surprise of every target, 0 where there is none."""
        found = np.zeros(rows.ids[:, 1:].shape, np.float32)
        for start in range(0, len(rows), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            first, second, there = _pairs_of(rows, part)
            found[part][there] = -np.log(self.probability(first, second))
        return found


def count_pairs(rows: TokenRows) -> tuple[Counts, Counts]:
    """The distinct pairs of a split, sorted, and how often each stands there."""
    pairs, counts = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        first, second, _ = _pairs_of(rows, slice(start, start + ROWS_AT_ONCE))
        more, seen = np.unique(first * rows.vocabulary + second, return_counts=True)
        pairs, place = np.unique(np.concatenate((pairs, more)), return_inverse=True)
        counts = np.bincount(place, np.concatenate((counts, seen)), len(pairs)).astype(np.int64)
    return pairs, counts


def discounted(counts: Counts, group: Counts, *, groups: int) -> tuple[Floats, Floats]:
    """Take a discount from every count and share the rest among the count's group.

    Returns:
        Each count's share of its group's sum, and what the discounts leave of each group: 1 for
        a group that was never seen.
    """
    taken = discounts(counts)[np.minimum(counts, 3)]
    sums = np.bincount(group, counts, groups)
    left = np.bincount(group, taken, groups)
    left_over = np.divide(left, sums, out=np.ones(groups), where=sums > 0)
    return (counts - taken) / sums[group], left_over


def discounts(counts: Counts) -> Floats:
    """What to take from a count of 0, 1, 2, and 3 or more (Chen and Goodman, equation 26).

    Few counts may leave one of n1 to n4, or what the equation gives, at nothing, and then nothing
    for ids that were never seen together: half the count is taken instead, at most 1.5.
    """
    n = [int((counts == seen).sum()) for seen in range(5)]
    if all(n[1:]):
        y = n[1] / (n[1] + 2 * n[2])
        found = [seen - (seen + 1) * y * n[seen + 1] / n[seen] for seen in (1, 2, 3)]
        if min(found) > 0:
            return np.array([0.0, *found])
    return np.array([0.0, 0.5, 1.0, 1.5])


def _pairs_of(rows: TokenRows, part: slice) -> tuple[Counts, Counts, npt.NDArray[np.bool_]]:
    """The ids before targets, the targets, and where they stand, of some rows."""
    there = rows.is_target(part)
    ids = rows.ids[part].astype(np.int64)
    return ids[:, :-1][there], ids[:, 1:][there], there
