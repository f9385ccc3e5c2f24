"""Sets of shingles are compared as Python's sets are."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dedup.sets import jaccard, read_sets
from pipeline.dedup.shingles import shingles
from pipeline.dedup.shingling import Shingling

NUMBERS = st.sets(st.one_of(st.integers(0, 40), st.integers(0, 2**32 - 1)), min_size=1, max_size=50)


@given(NUMBERS, NUMBERS)
def test_the_similarity_is_that_of_pythons_sets(left, right):
    found = jaccard(*(np.array(sorted(each), np.uint32) for each in (left, right)))
    assert found == len(left & right) / len(left | right)


def test_sets_come_in_the_order_of_the_texts_and_only_of_those_that_are_wanted():
    texts = pa.array(["a b c d", "e f", "g h i", "j k l m n"])
    numbers, bounds = shingles(texts, Shingling(2))
    counts = np.diff(bounds)
    order = np.array([3, 0, 1, 2])  # of preference; the text 0 is not wanted
    asked = []

    def read(wanted):
        asked.extend(wanted.tolist())
        yield from (texts.take(wanted[:1]), texts.take(wanted[1:]))

    sets = read_sets(read, order, np.where(order == 0, 0, counts[order]), Shingling(2))
    assert asked == [1, 2, 3]
    for place, text in enumerate(order):
        own = sorted(numbers[bounds[text] : bounds[text + 1]].tolist()) if text else []
        assert sets.numbers[sets.bounds[place] : sets.bounds[place + 1]].tolist() == own


def test_a_threshold_is_reached_by_a_pair_of_just_that_similarity():
    common = np.arange(8, dtype=np.uint32)
    assert jaccard(np.append(common, np.uint32(8)), np.append(common, np.uint32(9))) == 0.8
    assert jaccard(common, common) == pytest.approx(1)
