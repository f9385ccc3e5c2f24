"""Verdicts through the real store: everybody is accounted for, and the ledger says why."""

import pytest

from pipeline.select.stage import Verdicts
from pipeline.signals.stage import Signals
from pipeline.store import Store
from tests.pipeline.signals.written import Written
from tests.support import made

PROSE = "The server reads this file when it starts, and that is all there is to it. " * 5
TEXTS = (PROSE, None, "", "Lorem ipsum dolor sit amet.", PROSE + "Really.", "short")


@pytest.fixture
def store(tmp_path):
    return Store.at(tmp_path / "store")


def inputs(store, *families, texts=TEXTS):
    documents = made(Written(texts=texts), store)
    measured = {
        family: made(Signals(family=family), store, documents=documents) for family in families
    }
    return {"documents": documents, **measured}


def rows(store, manifest):
    names = ["keep", "rule", "value", "threshold", "rules"]
    return store.read(manifest, "verdicts", names).to_pylist()


def test_each_document_gets_its_verdict(store):
    stage = Verdicts(rules=({"kind": "empty_text", "fewest": 2}, "lorem_ipsum"))
    manifest = made(stage, store, **inputs(store, "words"))
    found = rows(store, manifest)
    assert [row["keep"] for row in found] == [True, None, False, False, True, False]
    assert [row["rule"] for row in found] == [
        *(None, None, "empty_text", "lorem_ipsum", None, "empty_text"),
    ]
    assert manifest.drops == {"empty_text": 2, "lorem_ipsum": 1}
    account = manifest.account
    assert (account.entered.count, account.kept.count, account.dropped.count) == (5, 2, 3)


def test_a_changed_threshold_reads_no_text_and_changes_only_verdicts(store):
    given = inputs(store, "words")
    one = made(Verdicts(rules=("lorem_ipsum",)), store, **given)
    two = made(Verdicts(rules=({"kind": "lorem_ipsum", "most": 3},)), store, **given)
    assert [row["keep"] for row in rows(store, one)].count(False) == 1
    assert [row["keep"] for row in rows(store, two)].count(False) == 0


def test_rules_of_several_families_meet_in_one_verdict(store):
    rules = ("word_count", {"kind": "languages", "keep": ("en",)}, "private_data", "top_ngrams")
    given = inputs(store, "words", "language", "private_data", "repetition")
    found = rows(store, made(Verdicts(rules=rules), store, **given))
    assert found[5]["rules"][0] == "word_count"
    assert found[1] == dict.fromkeys(found[1])


def test_without_rules_all_that_is_there_stays(store):
    found = rows(store, made(Verdicts(), store, **inputs(store)))
    assert [row["keep"] for row in found] == [True, None, True, True, True, True]
