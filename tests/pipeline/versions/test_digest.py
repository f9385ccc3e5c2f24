"""Digests of what came out: free of layout, and exact about what is in."""

import hashlib
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.versions.digest import (
    OrderedDigest,
    RowSum,
    combine_ordered,
    sum_digests,
)

rows = st.lists(st.binary(max_size=6), max_size=30)
HEX = [hashlib.sha256(bytes([n])).hexdigest() for n in range(3)]


def cut(values, places):
    """The values in shards, cut at the places."""
    edges = sorted({0, len(values), *(place % (len(values) + 1) for place in places)})
    return [values[start:end] for start, end in pairwise(edges)]


@given(rows, st.randoms(use_true_random=False), st.lists(st.integers(0, 99), max_size=5))
def test_order_chunks_and_shards_change_no_digest(values, random, places):
    shuffled = random.sample(values, len(values))
    shards = [RowSum.of(shard) for shard in cut(shuffled, places)]
    whole = RowSum()
    for shard in random.sample(shards, len(shards)):
        whole.merge(shard)
    assert whole == RowSum.of(values)
    assert sum_digests(shard.hexdigest() for shard in shards) == RowSum.of(values).hexdigest()


@given(rows, rows)
def test_digests_are_equal_exactly_for_the_same_rows(one, two):
    assert (RowSum.of(one).hexdigest() == RowSum.of(two).hexdigest()) == (
        Counter(one) == Counter(two)
    )


@given(rows)
def test_adding_one_by_one_gives_the_same(values):
    slow = RowSum()
    for value in values:
        slow.add(value)
    assert slow == RowSum.of(iter(values))
    assert slow.count == len(values)


def test_a_lost_and_a_doubled_row_show_although_the_count_is_right():
    entered, left = RowSum.of([b"a", b"b"]), RowSum.of([b"a", b"a"])
    assert entered.count == left.count
    assert entered != left


@given(rows, rows, rows)
def test_what_entered_minus_what_left_is_nothing(kept, dropped, quarantined):
    entered = RowSum.of([*quarantined, *kept, *dropped])
    rest = entered.minus(RowSum.of(kept)).minus(RowSum.of(dropped))
    assert rest == RowSum.of(quarantined)
    assert rest.minus(RowSum.of(quarantined)) == RowSum()


@given(rows)
def test_a_sum_that_was_written_down_reads_back(values):
    made = RowSum.of(values)
    assert RowSum.parse(made.hexdigest(), made.count) == made
    assert len(made.hexdigest()) == 64


def test_no_rows_are_zeros():
    assert RowSum().hexdigest() == "0" * 64


@given(rows, st.lists(st.integers(0, 99), max_size=5), st.randoms(use_true_random=False))
def test_an_ordered_table_may_be_hashed_in_pieces(values, places, random):
    whole = OrderedDigest()
    whole.add_many(values)
    pieces, start = [], 0
    for shard in cut(values, places):
        pieces.append(OrderedDigest(start))
        pieces[-1].add_many(shard)
        start += len(shard)
    merged = OrderedDigest()
    for piece in random.sample(pieces, len(pieces)):
        merged.merge(piece)
    assert (merged.hexdigest(), merged.count) == (whole.hexdigest(), len(values))


@given(rows, rows)
def test_in_an_ordered_table_the_order_counts(one, two):
    digests = []
    for values in (one, two):
        table = OrderedDigest()
        for value in values:
            table.add(value)
        digests.append(table.hexdigest())
    assert (digests[0] == digests[1]) == (one == two)


def test_the_order_of_named_shards_counts():
    assert combine_ordered([("a", HEX[0]), ("b", HEX[1])]) != combine_ordered(
        [("b", HEX[1]), ("a", HEX[0])]
    )


@pytest.mark.parametrize("wrong", ["", "ab", "A" * 64, "g" * 64, "0" * 63 + "\n", "0" * 65])
def test_a_cut_or_foreign_digest_is_refused(wrong):
    for use in (
        lambda: sum_digests([wrong]),
        lambda: RowSum.parse(wrong, 1),
        lambda: combine_ordered([("a", wrong)]),
    ):
        with pytest.raises(ValueError, match="not a digest"):
            use()
