"""Keys: what was asked, without what was not said."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.versions.canonical import Unstable, canonical_json
from pipeline.versions.key import KeyParts, without_defaults

PARTS = KeyParts(
    format=1,
    stage="verdicts",
    config={"rules": [{"kind": "word_count", "fewest": 60}]},
    inputs={"documents": {"text": "00"}},
    assets={"lid": "11"},
    code={"a:f": "22"},
    packages={"ftfy": "6.3.1"},
    extra={"window": "2026-11-21"},
)


def test_a_key_is_64_hex_digits_and_reads_back_from_its_parts():
    assert len(PARTS.key()) == 64
    assert KeyParts.from_json(PARTS.to_json()) == PARTS
    assert KeyParts.from_json(PARTS.to_json()).key() == PARTS.key()


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"stage": "corpus"},
        {"config": {}},
        {"inputs": {"documents": {"text": "01"}}},
        {"inputs": {"documents": {"url": "00"}}},
        {"assets": {}},
        {"code": {"a:f": "23"}},
        {"packages": {"ftfy": "6.3.0"}},
        {"extra": {}},
    ],
    ids=str,
)
def test_every_part_decides_the_key(change):
    assert replace(PARTS, **change).key() != PARTS.key()


def test_a_part_without_a_stable_form_is_named():
    with pytest.raises(Unstable, match=r"config\.languages"):
        replace(PARTS, config={"languages": {"en"}}).key()


def test_a_misspelt_part_is_an_error():
    with pytest.raises(TypeError, match="asets"):
        KeyParts.from_json({**PARTS.to_json(), "asets": {}})


def test_what_equals_its_default_is_left_out_deeply():
    defaults = {"fewest": 50, "limits": {"bytes": 10, "depth": 3}, "languages": ["en"]}
    value = {"fewest": 50, "limits": {"bytes": 10, "depth": 4}, "languages": ["en"]}
    assert without_defaults(value, defaults) == {"limits": {"depth": 4}}
    assert without_defaults(defaults, defaults) == {}


def test_a_new_field_with_a_default_changes_no_configuration():
    before = without_defaults({"fewest": 60}, {"fewest": 50})
    after = without_defaults({"fewest": 60, "most": 9}, {"fewest": 50, "most": 9})
    assert before == after


def test_lists_are_compared_whole():
    assert without_defaults({"a": [1, 2]}, {"a": [1, 3]}) == {"a": [1, 2]}


def test_an_int_is_not_the_float_or_bool_it_equals():
    assert without_defaults({"a": 1, "b": True}, {"a": 1.0, "b": 1}) == {"a": 1, "b": True}


small = st.recursive(
    st.sampled_from([0, 1, "x"]),
    lambda inner: st.dictionaries(st.sampled_from(["a", "b", "="]), inner, max_size=3),
    max_leaves=6,
)


@given(small, small, small)
def test_values_that_differ_stay_different(one, two, defaults):
    same = canonical_json(one) == canonical_json(two)
    left = [canonical_json(without_defaults(value, defaults)) for value in (one, two)]
    assert (left[0] == left[1]) == same
