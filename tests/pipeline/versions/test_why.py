"""Why a key differs, in the words a person reads."""

from dataclasses import replace

import pytest

from pipeline.versions.key import KeyParts
from pipeline.versions.why import differences, sentence

WORDS = {"kind": "word_count", "fewest": 50}
LINKS = {"kind": "links", "most": 0.5}
PARTS = KeyParts(
    format=1,
    stage="verdicts",
    config={"rules": [WORDS, LINKS], "language": "en"},
    inputs={"documents": {"text": "0" * 64, "url": "1" * 64}},
    assets={"lid.ftz": "2" * 64},
    code={"pipeline.select.rules.word_count:WordCount.reasons": "aa", "b:gone": "bb"},
    packages={"ftfy": "6.3.0"},
    extra={"window": "2026-11-21"},
)


def sentences(**changes):
    return [sentence(one) for one in differences(PARTS, replace(PARTS, **changes))]


def rules(*blocks):
    return sentences(config={**PARTS.config, "rules": list(blocks)})


def test_equal_parts_have_no_differences():
    assert sentences() == []
    assert differences(PARTS, KeyParts.from_json(PARTS.to_json())) == []


def test_a_changed_threshold_is_named_with_its_values():
    assert rules({**WORDS, "fewest": 60}, LINKS) == ["config rules[0].fewest: 50 -> 60"]


def test_a_field_left_at_its_default_says_so():
    assert rules({**WORDS, "most": 9}, LINKS) == ["config rules[0].most: default -> 9"]
    assert rules({"kind": "word_count"}, LINKS) == ["config rules[0].fewest: 50 -> default"]


def test_an_inserted_rule_is_one_difference():
    assert rules({"kind": "language"}, WORDS, LINKS) == ["config rules: added language"]
    assert rules(LINKS) == ["config rules: removed word_count"]


def test_a_second_rule_of_a_kind_leaves_the_first_alone():
    again = {"kind": "word_count", "fewest": 9}
    assert rules(again, WORDS, LINKS) == ["config rules: added word_count"]


def test_another_order_of_rules_is_named():
    (only,) = rules(LINKS, WORDS)
    assert only == 'config rules, their order: ["word_count","links"] -> ["links","word_count"]'


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"format": 2}, "format: 1 -> 2"),
        ({"extra": {"window": "2026-11-28"}}, "window: 2026-11-21 -> 2026-11-28"),
        ({"extra": {**PARTS.extra, "limit": 3}}, "extra limit: default -> 3"),
        ({"extra": {**PARTS.extra, "layout": "ab" * 32}}, "documents lie otherwise in the shards"),
        ({"packages": {"ftfy": "6.3.1"}}, "package ftfy: 6.3.0 -> 6.3.1"),
        ({"packages": {}}, "package ftfy: 6.3.0 -> not used"),
        ({"assets": {"lid.ftz": "3" * 64}}, "asset lid.ftz has other content"),
        (
            {"inputs": {"documents": {"text": "9" * 64, "url": "1" * 64}}},
            "input documents: column group text came out different",
        ),
        (
            {"inputs": {"documents": {"text": "0" * 64}}},
            "input documents: column group url is no longer read",
        ),
        ({"config": {**PARTS.config, "language": "de"}}, "config language: en -> de"),
    ],
)
def test_each_part_has_its_sentence(changes, expected):
    assert sentences(**changes) == [expected]


def test_code_is_named_by_definition():
    code = {"pipeline.select.rules.word_count:WordCount.reasons": "ab", "c:new": "cc"}
    assert sentences(code=code) == [
        "code removed: b:gone",
        "code added: c:new",
        "code changed: pipeline.select.rules.word_count:WordCount.reasons",
    ]


def test_what_a_person_changed_comes_first():
    kinds = [
        one.kind
        for one in differences(
            PARTS, replace(PARTS, config={}, code={}, packages={}, inputs={"documents": {}})
        )
    ]
    assert kinds == sorted(kinds, key=["config", "code", "package", "input"].index)


def test_long_values_are_cut():
    (only,) = sentences(config={**PARTS.config, "language": "x" * 10_000})
    assert len(only) < 200
