"""The digests of whole columns are those of row after row."""

import hashlib

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.storage import row_digests as module
from pipeline.storage.row_digests import count_in
from pipeline.storage.row_hashes import LANES, LONG, sum_of_hashes
from pipeline.versions.canonical import Unstable, encode_row
from pipeline.versions.digest import OrderedDigest, RowSum

INTS = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([0, -1, 1, 127, 128, -128, -129, 255, 256, -(2**63), 2**63 - 1]),
)
PLAIN = {
    pa.null(): st.none(),
    pa.bool_(): st.booleans(),
    pa.int64(): INTS,
    pa.int8(): st.integers(-128, 127),
    pa.uint32(): st.integers(0, 2**32 - 1),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.float64(): st.floats(),
    pa.float32(): st.floats(width=32),
    pa.string(): st.text(max_size=9),
    pa.large_string(): st.text(max_size=9),
    pa.binary(): st.binary(max_size=9),
    pa.binary(16): st.binary(min_size=16, max_size=16),
}


def nested(inner):
    """Lists and tables of what is inside."""
    return st.one_of(
        inner.map(lambda made: (pa.list_(made[0]), st.lists(made[1], max_size=3))),
        st.dictionaries(st.sampled_from("zabé"), inner, min_size=1, max_size=3).map(
            lambda made: (
                pa.struct([(name, kind) for name, (kind, _) in made.items()]),
                st.fixed_dictionaries({name: values for name, (_, values) in made.items()}),
            )
        ),
    )


KINDS = st.recursive(
    st.sampled_from([(kind, st.none() | values) for kind, values in PLAIN.items()]),
    lambda inner: nested(inner).map(lambda made: (made[0], st.none() | made[1])),
    max_leaves=4,
)


@st.composite
def tables(draw):
    """Some columns, cut out of longer ones."""
    count, before = draw(st.integers(0, 6)), draw(st.integers(0, 2))
    columns = []
    for kind, values in draw(st.lists(KINDS, min_size=1, max_size=3)):
        rows = draw(st.lists(values, min_size=count + before + 1, max_size=count + before + 1))
        columns.append(pa.array(rows, kind).slice(before, count))
    return columns, count


@settings(max_examples=400)
@given(tables(), st.integers(0, 3))
def test_columns_count_as_their_rows_do_one_by_one(whole_columns, table, before):
    columns, _ = table
    values = [column.to_pylist() for column in columns]
    assert_alike(columns, [encode_row(row) for row in zip(*values, strict=True)], before=before)


@pytest.fixture(scope="module")
def whole_columns():
    """However few values there are, they go through the compiled loops."""
    before, module.FEW = module.FEW, 0
    yield
    module.FEW = before


def test_rows_without_columns_count_as_rows_of_no_values():
    total = RowSum()
    count_in(total, [], 3)
    assert total == RowSum.of([encode_row(())] * 3)


def test_whole_numbers_beyond_64_bits_with_a_sign_are_counted():
    column = pa.array([None, 2**63, 2**64 - 1, 5] * 100, pa.uint64())
    assert_alike([column], [encode_row((each,)) for each in column.to_pylist()])


def test_what_has_no_form_is_refused_as_it_is_row_by_row():
    days = pa.array([1] * 1000, pa.timestamp("s"))
    with pytest.raises(Unstable):
        count_in(RowSum(), [days], len(days))


def test_few_rows_and_many_count_alike():
    ids = pa.array([b"%016d" % number for number in range(1000)], pa.binary(16))
    few, many = OrderedDigest(), OrderedDigest()
    for at in range(0, 1000, 10):
        count_in(few, [ids.slice(at, 10)], 10)
    count_in(many, [ids], 1000)
    assert few.hexdigest() == many.hexdigest()


LENGTHS = st.one_of(
    st.integers(0, 300), st.sampled_from([55, 56, 63, 64, 119, 120, LONG - 1, LONG, LONG + 1])
)


@given(st.lists(LENGTHS, max_size=3 * LANES), st.randoms(use_true_random=False))
def test_many_rows_hashed_at_once_have_the_hashes_of_each(lengths, chance):
    starts = [chance.randrange(LONG) for _ in lengths]
    ends = [at + size for at, size in zip(starts, lengths, strict=True)]
    data = chance.randbytes(max(ends, default=0))  # one ends with them all
    made = sum_of_hashes(
        np.frombuffer(data, np.uint8), np.array(starts, np.int64), np.array(lengths, np.int64)
    )
    rows = [data[at : at + size] for at, size in zip(starts, lengths, strict=True)]
    assert made == sum(int.from_bytes(hashlib.sha256(row).digest(), "big") for row in rows)


def assert_alike(columns, rows, before=0):
    """Columns count as their rows do, in both kinds of digest, after some that came before."""
    for kind in (RowSum, OrderedDigest):
        made, expected = kind(), kind()
        for total in (made, expected):
            total.add_many([b"earlier"] * before)
        count_in(made, columns, len(rows))
        expected.add_many(rows)
        assert (made.hexdigest(), made.count) == (expected.hexdigest(), expected.count)
