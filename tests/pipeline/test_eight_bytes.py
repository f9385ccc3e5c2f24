"""What is seen of eight bytes at once is what each of them is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import eight_bytes
from pipeline.compiling import compiled

EIGHT = st.binary(min_size=8, max_size=8)
SEEN = {
    "letters_in": lambda byte: byte < 0x80 and chr(byte).isalpha(),
    "odd_in": lambda byte: byte <= 0x20 or byte >= 0x80,
}


def marks(held):
    return np.uint64(int.from_bytes(bytes(0x80 * one for one in held), "little"))


@pytest.mark.parametrize("name", SEEN)
@given(eight=EIGHT)
def test_each_byte_of_a_kind_has_its_high_bit_set(name, eight):
    number = eight_bytes.lowest_first.py_func(np.frombuffer(eight, np.uint8), 0)
    assert number == int.from_bytes(eight, "little")
    assert getattr(eight_bytes, name).py_func(number) == marks(map(SEEN[name], eight))


@given(st.lists(st.booleans(), min_size=8, max_size=8))
def test_the_first_of_some_marks_and_their_number_are_found(held):
    with np.errstate(over="ignore"):  # what is multiplied runs over, as it is meant to
        assert first_of(marks(held)) == [*held, True].index(True)
        assert eight_bytes.number_of.py_func(marks(held)) == sum(held)
        before = eight_bytes.before_first.py_func(marks(held))
    assert before == 256 ** [*held, True].index(True) - 1


@given(EIGHT, st.integers(0, 0x7F), st.integers(0, 0x7F))
def test_bytes_between_two_others_are_found(eight, first, last):
    number = np.uint64(int.from_bytes(eight, "little"))
    ends = (np.uint64(end) * eight_bytes.ONES for end in (first, last))
    held = (first <= byte <= last for byte in eight)
    assert eight_bytes.between_in.py_func(number, *ends) == marks(held)


@given(EIGHT, EIGHT, st.lists(st.booleans(), min_size=8, max_size=8))
def test_bytes_that_two_numbers_share_are_found(one, another, taken):
    other = bytes(b if take else a for a, b, take in zip(one, another, taken, strict=True))
    number, others = (np.uint64(int.from_bytes(each, "little")) for each in (one, other))
    shared = (mine == its for mine, its in zip(one, other, strict=True))
    assert eight_bytes.same_in.py_func(number, others) == marks(shared)


@given(EIGHT, st.binary(max_size=40), st.integers(0, 8))
def test_bytes_are_put_where_they_are_asked_for(eight, content, to):
    data, out = np.frombuffer(content, np.uint8), np.zeros(48, np.uint8)
    number = eight_bytes.highest_first.py_func(np.frombuffer(eight, np.uint8), 0)
    assert number == int.from_bytes(eight, "big")
    copied(out, to, data)
    assert out[to : to + len(content)].tobytes() == content
    assert out.sum() == data.sum()


@compiled
def first_of(held):
    return eight_bytes.first_of(held)


@compiled
def copied(out, to, data):
    eight_bytes.copy_bytes(out, to, data, 0, len(data))
