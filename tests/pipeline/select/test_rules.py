"""Every rule does what its examples say, and says nothing where it knows nothing."""

import pyarrow as pa
import pytest

from pipeline.select.prose_rule import ProseRule
from pipeline.select.rule import Rule
from pipeline.signals.family import Family

SETTINGS = {"languages": {"keep": ("en", "de")}}  # rules that have no defaults for everything
RULES = [Rule.named(kind)(**SETTINGS.get(kind, {})) for kind in Rule.known()]
EXAMPLES = [
    pytest.param(rule, signals, dropped, id=f"{rule.kind()}-{number}")
    for rule in RULES
    for number, (signals, dropped) in enumerate(rule.examples)
]
TYPES = {
    f"{kind}.{field.name}": field.type
    for kind in Family.known()
    for field in Family.named(kind).columns
}
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind())


def columns(rule, *rows):
    return {name: pa.array([row.get(name) for row in rows], TYPES[name]) for name in rule.reads}


def drops(rule, *rows):
    return rule.judge(columns(rule, *rows)).drop.fill_null(False).to_pylist()


@every_rule
def test_it_reads_signals_that_some_family_measures(rule):
    assert set(rule.reads) <= set(TYPES)
    assert all(name in rule.reads for signals, _ in rule.examples for name in signals)


@pytest.mark.parametrize(("rule", "signals", "dropped"), EXAMPLES)
def test_an_example_is_judged_as_documented(rule, signals, dropped):
    assert drops(rule, signals) == [dropped]


@every_rule
def test_the_examples_show_both_outcomes(rule):
    assert {dropped for _, dropped in rule.examples} == {True, False}


@every_rule
def test_each_document_is_judged_alone(rule):
    rows = [signals for signals, _ in rule.examples]
    assert drops(rule, *rows) == [drops(rule, row)[0] for row in rows]
    assert drops(rule, *rows, *rows) == 2 * drops(rule, *rows)
    assert drops(rule) == []


@every_rule
def test_it_tells_the_value_and_the_bound_of_what_it_drops(rule):
    rows = [signals for signals, dropped in rule.examples if dropped]
    judgement = rule.judge(columns(rule, *rows))
    assert judgement.value.null_count == 0
    assert judgement.threshold.null_count == 0
    assert {judgement.value.type, judgement.threshold.type} == {pa.float64()}


@every_rule
def test_null_signals_are_no_reason_to_drop(rule):
    if rule.kind() != "languages":  # whose `unknown` decides
        assert drops(rule, {}) == [False]


@every_rule
def test_a_rule_says_what_it_is_and_comes_back_from_a_recipe(rule):
    assert len(rule.documentation()) > 80
    assert Rule.parse(rule.model_dump(mode="json")) == rule
    assert rule.model_fields_set <= set(SETTINGS.get(rule.kind(), {}))


@pytest.mark.parametrize(
    "rule", [r for r in RULES if isinstance(r, ProseRule)], ids=lambda r: r.kind()
)
def test_a_rule_for_prose_leaves_code_and_scripts_without_spaces_alone(rule):
    dropped = [signals for signals, drop in rule.examples if drop]
    dropped = [row for row in dropped if "words.unsegmented" not in row]
    assert drops(rule, *dropped) == [True] * len(dropped)
    code = [row | {"words.code_lines": 0.9} for row in dropped]
    assert not any(drops(rule, *code))
    chinese = [row | {"words.unsegmented": 0.9, "words.characters": 500} for row in dropped]
    chinese = [{name: row[name] for name in row if name in rule.reads} for row in chinese]
    assert not any(drops(rule, *chinese))


def test_a_language_has_its_own_bound():
    rule = Rule.parse({"kind": "word_count", "fewest": 50, "fewest_by_language": {"fi": 20}})
    rows = [{"words.words": 30, "language.language": language} for language in ("fi", "en", None)]
    assert drops(rule, *rows) == [False, True, True]


def test_unwanted_unsure_and_unknown_languages_are_told_apart():
    rows = [
        {"language.language": language, "language.confidence": sure}
        for language, sure in (("en", 0.9), ("en", 0.3), ("nl", 0.9), (None, 0.0))
    ]
    sure = Rule.parse({"kind": "languages", "keep": ("en",), "least_sure": 0.5})
    assert drops(sure, *rows) == [False, True, True, True]
    lenient = Rule.parse({"kind": "languages", "keep": ("en",), "unknown": "keep"})
    assert drops(lenient, *rows) == [False, False, True, False]
