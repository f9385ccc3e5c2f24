"""What a recipe can say: listed for people, and checked by editors."""

import copy
import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from flows.blocks import KINDS, blocks_of
from flows.cli import main
from flows.recipe import parse_recipe, recipe_schema
from pipeline.errors import BadRecipe
from tests.tiny_corpus import RECIPE

RECIPES = sorted(Path(__file__).parents[2].glob("flows/recipes/*.toml"))


@pytest.fixture(scope="module")
def validator():
    schema = recipe_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_the_shipped_recipes_are_valid(validator, path):
    assert list(validator.iter_errors(tomllib.loads(path.read_text()))) == []


def change(place, value):
    content = tomllib.loads(RECIPE)
    inside = content
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    return content


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("verdicts", "rules"), ["empty_text", "word_count"]),
        (("verdicts", "rules"), [{"kind": "my_team.rules.no_tables", "most": 3}]),
        (("verdicts", "rules"), ["my_team.rules.no_tables"]),
        (("model",), {"model": {"kind": "decoder", "layers": 2}}),
        (("documents",), {"extractor": "resiliparse"}),
    ],
)
def test_blocks_may_be_names_or_tables_or_ones_own(validator, place, value):
    assert list(validator.iter_errors(change(place, value))) == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("pages", "source", "pathz"), ["x.jsonl"]),
        (("pages", "source", "columns", "txet"), "text"),
        (("pages", "source", "kind"), "jsonl"),
        (("verdicts", "rules"), [{"kind": "word_count", "fewst": 3}]),
        (("verdicts", "rules"), [{"kind": "word_count", "fewest": 0}]),
        (("verdicts", "rules"), ["wordcount"]),
        (("verdicts", "rules"), [{"fewest": 3}]),
        (("tokens", "contex"), 3),
        (("model",), {"model": {"kind": "decoder", "layer": 2}}),
    ],
)
def test_what_is_misspelt_is_refused_by_schema_and_recipe_alike(validator, place, value):
    content = change(place, value)
    assert list(validator.iter_errors(copy.deepcopy(content)))
    with pytest.raises(Exception, match="cannot be used"):
        parse_recipe(content, "it")


def test_schema_prints_json(capsys):
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Penstock recipe"


def test_every_block_is_listed_with_its_first_line(capsys):
    assert main(["blocks"]) == 0
    shown = capsys.readouterr().out
    for kind in KINDS:
        for name, block in blocks_of(kind).items():
            first = block.documentation().partition("\n")[0]
            assert len(first) > 20
            assert f"  {name:<22}{first}\n" in shown


def test_a_block_is_shown_whole(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "150")
    assert main(["blocks", "rules", "word_count"]) == 0
    shown = capsys.readouterr().out
    assert "arXiv:2112.11446" in shown
    assert "more than 0" in shown
    assert "'words.words': 49" in shown
    assert main(["blocks", "sources", "web"]) == 0
    assert "(must be given)" in capsys.readouterr().out


def test_unknown_blocks_get_a_hint(capsys):
    assert main(["blocks", "rules", "wordcount"]) == 1
    assert "Did you mean 'word_count'?" in capsys.readouterr().err
    assert main(["blocks", "stages"]) == 1
    assert "There are sources, extractors, families, rules, models." in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["model", "llama"])
def test_an_unknown_model_is_told_those_that_there_are_and_not_their_base(kind):
    with pytest.raises(BadRecipe) as caught:
        parse_recipe(change(("model",), {"model": {"kind": kind}}), "it")
    message = str(caught.value)
    assert repr(kind) in message
    assert "decoder" in message
    assert "model, " not in message and ", model" not in message


@pytest.mark.parametrize(("field", "value"), [("words", 3), ("unspaced", "runs")])
def test_clusters_that_read_texts_otherwise_than_they_were_signed_are_refused(field, value):
    said = rf"clusters\.{field} is {value}: .* Give both the same"
    with pytest.raises(BadRecipe, match=said):
        parse_recipe(change(("clusters",), {field: value}), "it")
