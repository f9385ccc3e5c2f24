"""Of the texts of a bucket those are read that may say the same; the signatures tell."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dedup.pairs import FEW, resembling

VALUES = 12
SIGNATURES = st.lists(st.lists(st.integers(0, 2), min_size=VALUES, max_size=VALUES), max_size=25)


def in_bands(signatures):
    """The number of each text's bucket in three bands of two values, (d, 3)."""
    numbers = defaultdict(lambda: len(numbers))
    rows = [
        [numbers[band, *row[2 * band : 2 * band + 2]] for band in range(3)] for row in signatures
    ]
    found = np.array(rows, np.int32).reshape(-1, 3)
    return np.where(np.bincount(found.ravel(), minlength=1)[found] > 1, found, -1).astype(np.int32)


@given(SIGNATURES, st.sampled_from([0.5, 0.8, 0.95, 1.0]), st.randoms(use_true_random=False))
def test_a_text_is_read_if_another_of_its_bucket_is_near_or_many_share_it(rows, threshold, chance):
    shuffled = chance.sample(range(len(rows)), len(rows))
    signatures = np.array([rows[i] for i in np.argsort(shuffled)], np.uint32).reshape(-1, VALUES)
    buckets = in_bands(rows)
    error = (threshold * (1 - threshold) / VALUES) ** 0.5
    members = defaultdict(list)
    for text, numbers in enumerate(buckets.tolist()):
        for number in numbers:
            members[number].append(text)
    members.pop(-1, None)
    expected = {
        text
        for others in members.values()
        for text in others
        if len(others) > FEW
        or any(
            np.mean(np.equal(rows[text], rows[other])) >= threshold - 4 * error - 1e-9
            and np.equal(rows[text], rows[other]).any()
            for other in others
            if other != text
        )
    }
    found = resembling(signatures, np.array(shuffled, np.int64), buckets, threshold=threshold)
    assert set(np.flatnonzero(found).tolist()) == expected


@pytest.mark.parametrize(("texts", "read"), [(FEW, False), (FEW + 1, True)])
def test_texts_that_share_a_bucket_and_nothing_else_are_read_where_more_than_eight_do(texts, read):
    assert FEW == 8
    signatures = np.arange(texts * VALUES, dtype=np.uint32).reshape(texts, VALUES)
    buckets = np.zeros((texts, 1), np.int32)
    found = resembling(signatures, np.arange(texts), buckets, threshold=0.8)
    assert found.tolist() == [read] * texts
