"""The bigram model equals one that is written out slowly."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ray_jobs.bigram import Bigram, discounts
from ray_jobs.token_loader import TokenRows
from tests.ray_jobs.tiny import random_rows, rows_table

IDS = 6


def pairs_one_by_one(rows):
    found = []
    for ids, document, used in zip(rows.ids, rows.document, rows.used, strict=True):
        for i in range(1, used):
            if document[i] == document[i - 1]:
                found.append((int(ids[i - 1]), int(ids[i])))
    return found


def closed_form(counts):
    n = Counter(counts)
    if not all(n[i] for i in (1, 2, 3, 4)):
        return [0, 0.5, 1, 1.5]
    y = n[1] / (n[1] + 2 * n[2])
    found = [i - (i + 1) * y * n[i + 1] / n[i] for i in (1, 2, 3)]
    return [0, *found] if min(found) > 0 else [0, 0.5, 1, 1.5]


def probability(pairs, first, second, vocabulary):
    counts = Counter(pairs)
    contexts = Counter(b for _, b in counts)
    take, take_below = closed_form(counts.values()), closed_form(contexts.values())
    total = sum(contexts.values())
    rest = sum(take_below[min(c, 3)] for c in contexts.values()) / total
    c = contexts[second]
    alone = (c - take_below[min(c, 3)]) / total + rest / vocabulary
    after = {b: c for (a, b), c in counts.items() if a == first}
    if not after:
        return alone
    sum_after = sum(after.values())
    left = sum(take[min(c, 3)] for c in after.values()) / sum_after
    c = after.get(second, 0)
    return (c - take[min(c, 3)]) / sum_after + left * alone


@st.composite
def some_rows(draw):
    length = draw(st.integers(2, 9))
    ids = st.lists(st.integers(0, IDS - 1), min_size=length, max_size=length)
    rows = draw(st.lists(ids, min_size=1, max_size=20))
    starts = [[0, *sorted(draw(st.sets(st.integers(1, length - 1), max_size=2)))] for _ in rows]
    used = [draw(st.integers(1, length)) for _ in rows]
    return TokenRows.of_table(rows_table(rows, starts, used), vocabulary=IDS)


@settings(max_examples=60)
@given(some_rows())
def test_probabilities_equal_the_slow_ones_and_sum_to_one(rows):
    pairs = pairs_one_by_one(rows)
    if not pairs:
        return
    bigram = Bigram.of_rows(rows)
    for first in range(IDS):
        found = bigram.probability(np.full(IDS, first), np.arange(IDS))
        slow = [probability(pairs, first, second, IDS) for second in range(IDS)]
        assert found == pytest.approx(slow)
        assert (found > 0).all()
        assert math.isclose(sum(found), 1)


def test_many_counts_take_the_discounts_in_closed_form():
    counts = np.repeat([1, 2, 3, 4, 9], [80, 30, 15, 9, 5])
    y = 80 / 140
    expected = [0, 1 - 2 * y * 30 / 80, 2 - 3 * y * 15 / 30, 3 - 4 * y * 9 / 15]
    assert discounts(counts) == pytest.approx(expected)


def test_counts_for_which_the_closed_form_takes_nothing_still_leave_something_for_the_unseen():
    counts = np.repeat([1, 2, 3, 4], [9, 3, 9, 1])  # it would take 2 - 5.4 from a count of 2
    assert (discounts(counts)[1:] > 0).all()
    bigram = Bigram.of_pairs(np.arange(len(counts)), counts, vocabulary=6)
    assert (bigram.probability(np.repeat(np.arange(6), 6), np.tile(np.arange(6), 6)) > 0).all()


def test_surprise_stands_where_the_targets_are():
    rows = random_rows()
    nats = Bigram.of_rows(rows).nats(rows)
    assert ((nats > 0) == rows.is_target()).all()


def test_rows_without_a_target_count_nothing():
    rows = TokenRows.of_table(rows_table([[1, 2]], [[0]], [1]), vocabulary=4)
    found = Bigram.of_rows(rows).probability(np.array([1]), np.array([2]))
    assert found == pytest.approx(0.25)
