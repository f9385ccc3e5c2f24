"""Packing keeps every token once, in order, and leaves hardly a place empty."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.shard.pack import pack
from tests.pipeline.shard.slow_packing import slow_pack

SIZES = st.one_of(
    st.lists(st.integers(1, 40), max_size=60),
    st.lists(st.integers(1, 2000), max_size=20),
    st.lists(st.sampled_from([1, 7, 8, 9, 15, 16, 17]), max_size=60),
)


def packed(sizes, length, **settings):
    return pack(np.array(sizes, np.int64), length=length, **settings)


@settings(max_examples=300)
@given(SIZES, st.integers(2, 33))
@example([], 8)
@example([9] * 100, 16)
def test_every_token_is_in_one_row_once(sizes, length):
    pieces = packed(sizes, length)
    places = np.zeros((pieces.row.max(initial=-1) + 1, length), int)
    done = dict.fromkeys(range(len(sizes)), 0)
    for document, first, row, start, size in zip(*map(np.ndarray.tolist, pieces), strict=True):
        assert first == done[document]  # pieces come in the order of the document
        assert 1 <= size <= length - start
        done[document] = first + size
        places[row, start : start + size] += 1
    assert list(done.values()) == sizes
    assert places.max(initial=1) == 1  # nothing lies over anything else
    assert places[:, 0].all()  # no row is empty, and none has a gap before its end
    assert (np.diff(places, axis=1) <= 0).all()


@settings(max_examples=200)
@given(SIZES, st.integers(2, 33))
def test_hardly_a_place_is_empty(sizes, length):
    rows = packed(sizes, length).row.max(initial=-1) + 1
    fewest = -(-sum(sizes) // length)
    assert rows <= max(fewest, sum(sizes) / (0.995 * length))


@pytest.mark.parametrize("size", [1, 100, 129, 180, 256, 257, 258, 5000])
def test_documents_of_one_awkward_size_fill_their_rows(size):
    sizes = [size] * (257 * 1200 // size)
    pieces = packed(sizes, 257)
    rows = pieces.row.max() + 1
    assert rows >= 1000
    assert sum(sizes) / (rows * 257) >= 0.995


def test_natural_sizes_are_hardly_ever_cut():
    sizes = np.random.default_rng(0).lognormal(4.5, 1.0, 5_000).astype(int).clip(2, 256).tolist()
    pieces = packed(sizes, 257)
    assert len(pieces.document) <= 1.01 * len(sizes)


def test_a_longer_document_is_cut_at_whole_rows():
    pieces = packed([20, 3], 8)
    assert pieces.size.tolist() == [8, 8, 4, 3]
    assert pieces.row.tolist() == [0, 1, 2, 2]


@settings(max_examples=300)
@given(SIZES, st.integers(2, 33))
def test_the_loops_pack_as_the_slow_way_does(sizes, length):
    slow = slow_pack(np.array(sizes, np.int64), length=length)
    for left, right in zip(packed(sizes, length), slow, strict=True):
        assert np.array_equal(left, right)


@pytest.mark.parametrize("length", [257, 1025])
def test_a_shard_of_natural_sizes_is_packed_as_the_slow_way_does(length):
    sizes = np.random.default_rng(1).lognormal(5.5, 1.2, 2_000).astype(np.int64).clip(1)
    for left, right in zip(
        pack(sizes, length=length), slow_pack(sizes, length=length), strict=True
    ):
        assert np.array_equal(left, right)
