"""`penstock overlap` says which benchmark items the documents give away."""

import json

import pytest

from flows.cli import main
from flows.recipe import read_recipe
from tests import tiny_corpus
from tests.tiny_corpus import RECIPE, prose, recipe_file, write_pages

FAMILIES = """
[signals]
families = ["language", "words", "private_data", { kind = "benchmark_overlap", benchmarks = [
    { name = "quiz", file = "FOLDER/quiz.jsonl", columns = ["question", "answers"] },
    { name = "unseen", items = ["What has no page here ever said about the seven grey bridges?"] },
] }]
"""
ASKED = "In which year did the {} of the old town burn down to the last of its stones?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Page 1 quotes the first item, page 2 the second, in the corpus by a rule that is lax."""
    folder = tmp_path_factory.mktemp("overlap")
    items = [ASKED.format("tower"), ASKED.format("market"), prose(7)]
    lines = [{"question": item, "answers": ["in the year of the flood"]} for item in items]
    (folder / "quiz.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    pages = {number: tiny_corpus.page(number) for number in range(12)}
    whole = f"{items[0]} in the year of the flood"
    pages[1] = tiny_corpus.page(1, f"{prose(1)}\n{whole}")
    pages[2] = tiny_corpus.page(2, f"{prose(2)}\n{items[1]}")
    write_pages(folder / "pages.jsonl", pages)
    text = RECIPE.replace("[verdicts]", FAMILIES + "[verdicts]").replace(
        'rules = ["empty_text"', 'rules = [{ kind = "benchmark_overlap", most = 0.9 }, "empty_text"'
    )
    recipe = recipe_file(folder, text)
    tiny_corpus.run(read_recipe(recipe))
    return folder


def test_items_are_counted_with_the_documents_that_hold_them(folder, capsys):
    assert main(["overlap", str(folder / "tiny.toml")]) == 0
    quiz, *rows, unseen = capsys.readouterr().out.splitlines()
    assert quiz.startswith("quiz: 3 items; some document holds a share of 0.5 or more of 3 (2 in")
    assert "all of 1 (0)" in quiz
    assert quiz.endswith("3 documents, 2 of them in the corpus")
    assert "unseen: 1 items; some document holds a share of 0.5 or more of 0 (0 in" in unseen
    assert rows[-1] == "  1.00 of item 0, not in the corpus: https://pages.example/01.html"


def test_the_rule_drops_what_gives_an_item_away(folder, capsys):
    assert main(["trace", str(folder / "tiny.toml"), "https://pages.example/01.html"]) == 0
    assert "benchmark_overlap" in capsys.readouterr().out


def test_a_recipe_without_benchmarks_is_told_how_to_name_them(folder, capsys):
    bare = recipe_file(folder, RECIPE, "bare.toml")
    assert main(["overlap", str(bare)]) == 1
    assert "benchmark_overlap" in capsys.readouterr().err
