"""A recipe that learns what good text is scores its documents by it, and drops the poor ones."""

import json
import random

import pyarrow.compute as pc
import pytest

from flows.cli import main
from flows.recipe import parse_recipe, read_recipe
from pipeline.errors import BadRecipe
from pipeline.store import Store
from tests import tiny_corpus
from tests.tiny_corpus import RECIPE, prose, recipe_file, write_pages

SPAM = "buy cheap deals now click here best price free offer limited win cash online bonus"
LEARNING = """
[quality_model]
good = ["FOLDER/good.jsonl"]
bad = ["FOLDER/bad.jsonl"]
[signals]
families = ["language", "words", "private_data", "quality"]
[verdicts]
rules = [{ kind = "quality", least = 0.5 },
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder, chance = tmp_path_factory.mktemp("quality"), random.Random(0)

    words = SPAM.split()

    def spam():
        return " ".join(chance.choice(words) for _ in range(60))

    for name, texts in (
        ("good", [prose(number) for number in range(100, 160)]),
        ("bad", [spam() for _ in range(60)]),
    ):
        lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
        (folder / f"{name}.jsonl").write_text(lines)
    pages = {number: tiny_corpus.page(number) for number in range(12)}
    pages[5] = tiny_corpus.page(5, spam())
    write_pages(folder / "pages.jsonl", pages)
    text = RECIPE.replace("[verdicts]\nrules = [", LEARNING)
    tiny_corpus.run(read_recipe(recipe_file(folder, text)))
    return folder


def test_poor_documents_are_dropped_by_what_was_learnt(folder, capsys):
    assert main(["sample", "verdicts", "--dropped", "--recipe", str(folder / "tiny.toml")]) == 0
    told = capsys.readouterr().out
    assert "quality" in told
    assert "05.html" in told
    store = Store.at(str(folder / "store"))
    (corpus,) = store.manifests("corpus")
    assert corpus.rows["corpus"] == 11


def test_other_examples_measure_only_that_family_anew(folder, capsys):
    bad = folder / "bad.jsonl"
    before = bad.read_text()
    bad.write_text(before + json.dumps({"text": "win a prize now"}) + "\n")
    try:
        main(["plan", str(folder / "tiny.toml")])
    finally:
        bad.write_text(before)
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    states = {row[0]: " ".join(row[1:]) for row in rows if row}
    assert "reused" in states["documents"]
    assert "reused" in states["signals.words"]
    assert "reused" not in states["quality_model"]


def test_a_recipe_that_scores_without_examples_is_told_to_give_some():
    recipe = {
        "name": "x",
        "pages": {"source": {"kind": "jsonl_files", "paths": ["x.jsonl"]}},
        "signals": {"families": ["language", "private_data", "quality"]},
    }
    with pytest.raises(BadRecipe, match="quality_model"):
        parse_recipe(recipe, "x.toml")


def test_scores_lie_between_0_and_1(folder):
    store = Store.at(str(folder / "store"))
    (signals,) = store.manifests("signals.quality")
    (shard,) = signals.shards
    receipt = store.find_receipt(shard.stage, shard.shard_key)
    for batch in store.batches(receipt, "signals", ("score",)):
        assert pc.min(batch["score"]).as_py() >= 0
        assert pc.max(batch["score"]).as_py() <= 1
