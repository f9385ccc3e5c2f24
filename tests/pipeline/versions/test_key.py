"""Keys: what was asked, part by part."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.versions.canonical import Unstable, canonical_json
from pipeline.versions.key import KeyParts

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


TEXTS = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.text('ab"\\é'))


@given(st.dictionaries(st.text("xyz"), TEXTS), TEXTS, TEXTS)
def test_a_key_is_the_hash_of_all_parts_in_one_canonical_json(inputs, extra, code):
    parts = replace(PARTS, code=code)
    wanted = replace(parts, inputs=inputs, extra=extra)
    plain = hashlib.sha256(canonical_json(wanted.to_json())).hexdigest()
    assert wanted.key() == plain
    assert parts.key_on(inputs, extra) == plain
    assert parts.key() == replace(parts).key()


def test_a_part_without_a_stable_form_is_named():
    with pytest.raises(Unstable, match=r"config\.languages"):
        replace(PARTS, config={"languages": {"en"}}).key()


def test_a_misspelt_part_is_an_error():
    with pytest.raises(TypeError, match="asets"):
        KeyParts.from_json({**PARTS.to_json(), "asets": {}})
