"""The DAG that a recipe describes, and the recipe on its way through JSON to a flow."""

import json

import pytest

from flows.model import model
from flows.recipe import parse_recipe
from pipeline.extract.extractor import Extractor
from pipeline.run.made import Made, Tracer
from pipeline.select.rule import Rule
from pipeline.signals.family import Family
from pipeline.versions.canonical import canonical_json

PAGES = {"source": {"kind": "jsonl_files", "paths": ["a.jsonl"], "columns": {"text": "body"}}}


def recipe(**sections):
    return parse_recipe({"name": "small", "pages": PAGES} | sections, "the small recipe")


def test_a_tokenizer_that_is_given_as_a_file_reads_no_corpus(tmp_path):
    tracer = Tracer()
    model(recipe(tokenizer={"file": str(tmp_path / "tokenizer.json")}), tracer)
    assert tracer.inputs["tokenizer"] == ()


def other(kind, block):
    """A block with every number and flag in it moved off its default."""
    moved = {"kind": kind}
    for name, field in block.model_fields.items():
        value = field.default
        if isinstance(value, bool):
            moved[name] = not value
        elif isinstance(value, int | float):
            moved[name] = value + 1 if isinstance(value, int) else value / 2
        elif field.is_required():
            moved[name] = ["en"]
    return moved


def every(base):
    return [other(kind, base.named(kind)) for kind in base.known()]


def configurations(made_of):
    found = {}

    def make(stage, **inputs):
        found[stage.name()] = canonical_json(stage.config())
        return Made(stage.name(), waits_for=(stage.name(),))

    model(made_of, make)
    return found


@pytest.mark.parametrize(
    "sections",
    [
        {},
        {
            "verdicts": {"rules": every(Rule)},
            "signals": {"families": every(Family)},
            "quality_model": {"good": ["good.jsonl"], "bad": ["bad.jsonl"]},
        },
        *(
            {"documents": {"extractor": each, "limits": {"seconds": 3}}}
            for each in every(Extractor)
        ),
        {"model": {"model": {"kind": "decoder", "layers": 2}, "peak_lr": 1}, "pages": PAGES},
        {"scores": {"passages": {"prompts": ["a"], "temperature": 1}}, "tokens": {"context": 8}},
    ],
)
def test_a_recipe_that_goes_through_json_asks_for_the_same(sections):
    asked = recipe(**sections)
    content = json.dumps(asked.model_dump(mode="json", exclude_defaults=True))
    assert configurations(parse_recipe(json.loads(content), "a flow")) == configurations(asked)
