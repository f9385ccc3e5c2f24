"""The forms of whole columns are, byte for byte, those of row after row."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.storage import row_forms as module
from pipeline.storage.row_forms import row_forms
from pipeline.versions.canonical import Unstable, encode_row

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


@settings(max_examples=400, deadline=None)
@given(tables())
def test_each_row_has_the_form_of_its_values(monkeypatch_few, table):
    columns, count = table
    values = [column.to_pylist() for column in columns]
    assert list(row_forms(columns, count)) == [encode_row(row) for row in zip(*values, strict=True)]


@pytest.fixture(scope="module")
def monkeypatch_few():
    """However few values there are, they go through the compiled loops."""
    before, module.FEW = module.FEW, 0
    yield
    module.FEW = before


def test_rows_without_columns_have_the_form_of_no_values():
    assert list(row_forms([], 3)) == [encode_row(())] * 3


def test_whole_numbers_beyond_64_bits_with_a_sign_have_their_form():
    column = pa.array([None, 2**63, 2**64 - 1, 5] * 100, pa.uint64())
    assert list(row_forms([column], len(column))) == [
        encode_row((each,)) for each in column.to_pylist()
    ]


def test_what_has_no_form_is_refused_as_it_is_row_by_row():
    days = pa.array([1] * 1000, pa.timestamp("s"))
    with pytest.raises(Unstable):
        list(row_forms([days], len(days)))


def test_few_rows_and_many_have_the_same_forms():
    ids = pa.array([b"%016d" % number for number in range(1000)], pa.binary(16))
    few = [form for at in range(0, 1000, 10) for form in row_forms([ids.slice(at, 10)], 10)]
    assert few == list(row_forms([ids], 1000))
