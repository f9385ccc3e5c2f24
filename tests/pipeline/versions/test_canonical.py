"""The canonical forms: one for each value, none for what has no stable form."""

import json
import math
from collections import OrderedDict
from datetime import date
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.versions.canonical import Unstable, canonical_json, encode_row, short


class Color(StrEnum):
    RED = "red"


class Size(IntEnum):
    BIG = 1


class Plain(Enum):
    ONE = 1


def test_json_is_sorted_tight_and_utf8():
    assert canonical_json({"b": [1, 1.0, None, True], "a": "é"}) == (
        '{"a":"é","b":[1,1.0,null,true]}'.encode()
    )


def test_equal_meanings_have_one_form():
    assert canonical_json({"a": 1, "b": 2}) == canonical_json(OrderedDict(b=2, a=1))
    assert canonical_json((1, 2)) == canonical_json([1, 2])
    assert canonical_json(-0.0) == canonical_json(0.0) == b"0.0"
    assert canonical_json(Color.RED) == b'"red"'


def test_an_int_a_float_and_a_bool_differ():
    assert len({canonical_json(value) for value in (1, 1.0, True, "1")}) == 4


@pytest.mark.parametrize(
    "value",
    [
        {"a"},
        frozenset(),
        len,
        Path("a"),
        b"a",
        bytearray(b"a"),
        date(2026, 1, 1),
        Decimal(1),
        Size.BIG,
        Plain.ONE,
        1j,
        math.nan,
        math.inf,
        object(),
        range(3),
        "\ud800",
        1 << 5_000,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_stable_form_is_refused_by_its_path(value):
    with pytest.raises(Unstable) as refusal:
        canonical_json({"name": "x", "rules": [{}, {}, {"words": value}]})
    assert refusal.value.where == "rules[2].words"
    assert str(refusal.value).startswith("rules[2].words is ")


@pytest.mark.parametrize("key", [1, None, True, ("a",), b"a"])
def test_names_that_json_would_turn_into_text_are_refused(key):
    with pytest.raises(Unstable):
        canonical_json({key: 1})


def test_a_value_inside_itself_is_refused():
    circle = []
    circle.append(circle)
    with pytest.raises(Unstable):
        canonical_json(circle)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(json_values)
def test_any_json_reader_gets_the_value_back(value):
    assert json.loads(canonical_json(value)) == value
    assert canonical_json(json.loads(canonical_json(value))) == canonical_json(value)


row_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=8,
)


def meaning(value):
    """What the row form should tell apart, written the slow and obvious way."""
    if isinstance(value, list | tuple):
        return "list", tuple(map(meaning, value))
    if isinstance(value, dict):
        return "dict", frozenset((key, meaning(inner)) for key, inner in value.items())
    if isinstance(value, float):
        return "float", "nan" if math.isnan(value) else value
    return type(value).__name__, value


@given(st.lists(row_values, max_size=4), st.lists(row_values, max_size=4))
def test_rows_have_one_form_exactly_when_they_mean_the_same(one, two):
    assert (encode_row(one) == encode_row(two)) == (meaning(one) == meaning(two))


@given(st.lists(row_values, max_size=3), st.lists(row_values, max_size=3))
def test_no_rows_form_begins_anothers(one, two):
    first, second = encode_row(one), encode_row(two)
    assert first == second or not second.startswith(first)


def test_values_that_look_alike_differ():
    alike = [1, 1.0, True, "1", b"1", [1], {"1": 1}, None, 0, False, "", b"", [], {}]
    assert len({encode_row([value]) for value in alike}) == len(alike)


def test_cells_cannot_flow_into_each_other():
    assert encode_row(["ab", "c"]) != encode_row(["a", "bc"])
    assert encode_row([["a"], "b"]) != encode_row([["a", "b"]])


def test_zeros_and_nans_are_one():
    assert encode_row([-0.0]) == encode_row([0.0])
    assert encode_row([math.nan]) == encode_row([-math.nan])


def test_a_tuple_is_a_list_and_a_dicts_order_does_not_count():
    assert encode_row([(1, 2)]) == encode_row(([1, 2],))
    assert encode_row([{"b": 1, "a": 2}]) == encode_row([{"a": 2, "b": 1}])


@pytest.mark.parametrize("value", [{1}, date(2026, 1, 1), Decimal(1), Size.BIG, "\ud800", {1: 2}])
def test_a_cell_without_a_stable_form_is_named(value):
    with pytest.raises(Unstable) as refusal:
        encode_row(["fine", {"spans": ["fine", value]}])
    assert refusal.value.where.startswith("[1].spans[1]")


def test_people_see_twelve_digits():
    assert short("0123456789abcdef" * 4) == "0123456789ab"
