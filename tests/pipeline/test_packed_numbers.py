"""Rows of numbers that were packed come back, wherever a column begins and whatever is missing."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipeline.packed_numbers import packed, unpacked

KINDS = st.sampled_from([np.uint32, np.uint64])


def rows_of(kind):
    numbers = st.integers(0, np.iinfo(kind).max)
    return st.integers(1, 5).flatmap(
        lambda width: st.lists(st.lists(numbers, min_size=width, max_size=width), min_size=1)
    )


@given(KINDS, st.data())
def test_numbers_come_back_from_any_part_of_a_column(kind, data):
    rows, size = data.draw(rows_of(kind)), np.dtype(kind).itemsize
    column = packed(np.array(rows, kind))
    assert column[0].as_py() == b"".join(number.to_bytes(size, "little") for number in rows[0])
    there = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    start = data.draw(st.integers(0, len(rows)))
    part = column.take(pa.array(np.arange(len(rows)), mask=~np.array(there))).slice(start)
    expected = [row for row, given in zip(rows[start:], there[start:], strict=True) if given]
    assert unpacked(part, kind).tolist() == expected
    assert unpacked(column.slice(start), kind).tolist() == rows[start:]
