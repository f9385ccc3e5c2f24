"""What another policy would drop is what it drops when the recipe is really changed."""

import json
from collections import Counter

import pytest

from flows.cli import main
from flows.recipe import read_recipe
from flows.stage_of import policy_of
from flows.whatif.answer import what_if
from flows.whatif.changes import changed
from flows.whatif.errors import BadChange, ManyRules, NoSuchRule, NotMeasured
from pipeline.errors import BadRecipe
from pipeline.lineage.ancestry import ancestry, of_refs
from pipeline.select.policy import verdicts
from pipeline.select.stage import Verdicts
from pipeline.store import Store
from tests.benchmarks.made_corpus import make
from tests.support import made
from tests.tiny_corpus import copied, recipe_file, two_windows


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A store of made signals that lie about the thresholds of all rules, and its versions."""
    folder = tmp_path_factory.mktemp("made")
    _, tokens = make(folder, 600, characters=600)
    store = Store.at(folder)
    return store, ancestry(store, store.open(tokens))


@pytest.fixture
def tiny(tmp_path):
    """The store of a real run, the versions of its first window, and its recipe."""
    folder = copied(tmp_path)
    store = Store.at(folder / "store")
    stages = two_windows()[1].stages
    return store, of_refs(store, [stage.ref for stage in stages.values()]), folder / "tiny.toml"


def slowly(store, line, policy):
    """Each document's verdict, from all signals by all rules."""
    signals, there = {}, None
    for family, names in policy.signals_read().items():
        table = store.read(line.versions[f"signals.{family}"], "signals", ["measured", *names])
        there = table["measured"].combine_chunks()
        signals |= {f"{family}.{name}": table[name].combine_chunks() for name in names}
    ids = store.read(line.versions["documents"], "documents", ["doc_id"])["doc_id"]
    return verdicts(policy.rules, signals, ids.combine_chunks(), there).to_pylist()


CHANGES = [
    ({}, [], []),
    ({"word_count.fewest": "120"}, [], []),
    ({"rules[10].most_5": "0.4", "top_ngrams.most_2": "0.02"}, [], []),
    ({"mean_word_length.longest": "5.5", "word_count.fewest": 10}, ["stop_words"], ["rules[4]"]),
    ({}, [], ["duplicate_ngrams", "languages", "word_count"]),
    ({"languages.keep": '["en", "sv"]', "languages.unknown": "keep"}, [], []),
    ({}, ['{ kind = "word_count", fewest = 300 }'], []),  # the second of a kind
    ({"word_count.fewest_by_language.de": "900"}, [], []),
]


@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_each_count_is_that_of_all_rules_over_all_signals(corpus, number):
    store, line = corpus
    fields, added, removed = CHANGES[number]
    old = policy_of(line.versions["verdicts"])
    asked = [f"{place}={value}" for place, value in fields.items()]
    new = changed(old, asked, added=added, removed=removed)
    before, after = (slowly(store, line, policy) for policy in (old, new))
    found = what_if(store, line, new, examples=2)
    pairs = [(one["keep"], other["keep"]) for one, other in zip(before, after, strict=True)]
    assert found.documents == len(pairs) == 600
    assert found.now.documents == sum(not one for one, _ in pairs)
    assert found.then.documents == sum(not other for _, other in pairs)
    assert found.newly_dropped.documents == pairs.count((True, False))
    assert found.newly_kept.documents == pairs.count((False, True))
    for when, rows in (("now", before), ("then", after)):
        first = Counter(row["rule"] for row in rows)
        every = Counter(kind for row in rows for kind in row["rules"])
        for rule in found.rules:
            assert getattr(rule, when) == first[rule.rule], rule
            assert getattr(rule, f"any_{when}") == every[rule.rule], rule


def test_characters_languages_and_domains_add_up(corpus):
    store, line = corpus
    new = changed(policy_of(line.versions["verdicts"]), ["word_count.fewest=120"])
    found = what_if(store, line, new)
    sizes = store.read(line.versions["signals.words"], "signals", ["characters"])["characters"]
    pairs = zip(sizes.to_pylist(), slowly(store, line, new), strict=True)
    assert found.then.characters == sum(size for size, row in pairs if not row["keep"])
    assert sum(each.documents for each in found.languages) == 600
    assert sum(each.then for each in found.languages) == found.then.documents
    assert sum(each.newly_dropped for each in found.domains) == found.newly_dropped.documents
    assert found.domains[0].domain == "site-1.example"


def test_the_stage_itself_drops_the_same_and_no_version_is_made_before(tiny):
    store, line, _ = tiny
    new = changed(policy_of(line.versions["verdicts"]), ["word_count.fewest=61"])
    versions = sorted((store.files.entries("versions/verdicts")), key=str)
    found = what_if(store, line, new)
    assert sorted((store.files.entries("versions/verdicts")), key=str) == versions
    read = {name: line.versions[f"signals.{name}"] for name in new.signals_read()}
    manifest = made(new, store, documents=line.versions["documents"], **read)
    assert {rule.rule: rule.then for rule in found.rules if rule.then} == manifest.drops
    assert found.then.documents == manifest.account.dropped.count > found.now.documents


def test_records_that_a_newer_one_has_replaced_do_not_count(tiny):
    store, _, _ = tiny
    second = of_refs(store, [stage.ref for stage in two_windows()[2].stages.values()])
    found = what_if(store, second, policy_of(second.versions["verdicts"]))
    assert second.versions["verdicts"].rows["verdicts"] > found.documents == 30
    assert found.changes == ()


def test_examples_are_the_same_each_time_and_show_nothing_private(tiny):
    store, line, _ = tiny
    everything = changed(policy_of(line.versions["verdicts"]), ["word_count.fewest=500"])
    found = what_if(store, line, everything, examples=40)
    assert found == what_if(store, line, everything, examples=40)
    assert len(found.examples) == found.newly_dropped.documents == 28
    texts = " ".join(f"{each.title} {each.text}" for each in found.examples)
    assert "<EMAIL>" in texts
    assert "web.de" not in texts
    assert {(each.rule, each.threshold) for each in found.examples} == {("word_count", 500.0)}


def test_an_edited_recipe_is_compared_with_what_was_made(tiny, capsys):
    store, _, recipe = tiny
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(text.replace("fewest = 30", "fewest = 5"), encoding="utf-8")
    assert main(["whatif", str(recipe), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["changes"] == ["config rules[1].fewest: 30 -> 5"]
    assert told["newly_kept"]["documents"] == 1
    assert (
        main(["whatif", "verdicts/tiny@latest", "word_count.fewest=61", "--store", store.uri]) == 0
    )
    shown = capsys.readouterr().out
    assert "config rules[1].fewest: 30 -> 61" in shown
    assert "\x1b[31m" not in shown
    assert "\u202e" not in shown


RULES = {"rules": ["empty_text", "word_count", {"kind": "word_count", "fewest": 9}, "languages"]}


@pytest.mark.parametrize(
    ("asked", "error", "told"),
    [
        ("fewest", BadChange, "is no change of a rule"),
        ("empty_text=3", BadChange, "names no field"),
        ("rules[9].fewest=3", NoSuchRule, "rules[0] empty_text"),
        ("wordcount.fewest=3", NoSuchRule, "did you mean 'word_count'?"),
        ("word_count.fewest=3", ManyRules, "say rules[1] or rules[2]"),
        ("rules[1].fewest.en=3", BadChange, "looks for a key inside of 'fewest'"),
        ("rules[1].fewst=3", BadRecipe, "Did you mean 'fewest'?"),
        ("rules[1].fewest=-3", BadRecipe, "greater than 0"),
        ("rules[1].fewest='x'", BadRecipe, "valid integer"),
    ],
)
def test_what_cannot_be_meant_is_said(asked, error, told):
    rules = [*RULES["rules"][:3], {"kind": "languages", "keep": ["en"]}]
    policy = Verdicts.model_validate({"rules": rules})
    with pytest.raises(error) as caught:
        changed(policy, [asked])
    assert told in str(caught.value)


def test_a_rule_on_signals_that_nobody_measured_is_refused(tiny):
    store, line, _ = tiny
    more = changed(policy_of(line.versions["verdicts"]), added=["top_ngrams"])
    with pytest.raises(NotMeasured, match=r"repetition\.top_2_gram"):
        what_if(store, line, more)


def test_a_recipe_without_verdicts_is_said(tmp_path, capsys):
    path = recipe_file(tmp_path)
    Store.at(read_recipe(path).runtime.store)
    assert main(["whatif", str(path)]) == 1
    assert "A version of verdicts that the recipe tiny made" in capsys.readouterr().err
