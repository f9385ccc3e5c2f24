"""Who shares a band with whom is what a dictionary of the bands' values says."""

from collections import Counter
from itertools import compress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dedup.bands import band_keys, buckets, in_company

VALUES = st.one_of(st.integers(0, 2), st.integers(0, 2**32 - 1))
SIGNATURES = st.lists(st.lists(VALUES, min_size=6, max_size=6), max_size=30)
# Keys whose halves agree although they differ, and such as fall into one place of a small table.
NEAR = st.sampled_from([1, 1 + 2**32, 2**32, 2**33, 2**63, 0, 2**64 - 1, 2**32 - 1, 2**63 + 1])
KEYS = st.integers(1, 40).flatmap(
    lambda d: st.lists(st.lists(NEAR, min_size=d, max_size=d), min_size=1, max_size=4)
)


def seen(bands):
    """Band by band, how many have each value."""
    return [Counter(band) for band in bands]


@given(SIGNATURES, st.sampled_from([1, 2, 3, 6]))
def test_texts_have_one_key_where_they_agree_in_a_band(rows, width):
    signatures = np.array(rows, np.uint32).reshape(-1, 6)
    keys = band_keys(signatures, width)
    assert keys.shape == (len(rows), 6 // width)
    for band, of_band in enumerate(keys.T.tolist()):
        pieces = [tuple(row[band * width : (band + 1) * width]) for row in rows]
        assert len(set(zip(pieces, of_band, strict=True))) == len(set(pieces)) == len(set(of_band))


@given(KEYS, st.data())
def test_company_is_who_shares_a_key(bands, data):
    texts = len(bands[0])
    among = data.draw(st.lists(st.booleans(), min_size=texts, max_size=texts))
    counts = seen(compress(band, among) for band in bands)
    expected = [
        any(counts[band][key] > 1 for band, key in enumerate(keys))
        for keys in compress(zip(*bands, strict=True), among)
    ]
    assert in_company(np.array(bands, np.uint64), np.array(among)).tolist() == expected


@given(KEYS)
def test_a_bucket_holds_those_of_one_key(bands):
    numbers = buckets(np.array(bands, np.uint64), np.arange(len(bands[0]))).T.tolist()
    pairs = [
        {(key, number) for key, number in zip(keys, found, strict=True) if number >= 0}
        for keys, found in zip(bands, numbers, strict=True)
    ]
    used = [number for found in pairs for _, number in found]
    assert sorted(used) == list(range(len(used)))  # each bucket has a number of its own, from 0
    for keys, found, counts in zip(bands, numbers, seen(bands), strict=True):
        assert [number >= 0 for number in found] == [counts[key] > 1 for key in keys]


@pytest.mark.parametrize("count", [0, 1, 1000, 5000])
def test_texts_that_agree_with_nobody_are_alone_and_all_that_agree_are_not(count):
    apart = np.arange(2 * count, dtype=np.uint64).reshape(2, count)
    among = np.ones(count, np.bool_)
    assert not in_company(apart, among).any()
    assert in_company(np.zeros_like(apart), among).all() == (count != 1)
