"""Correct pages of many kinds come through the policies that we ship as they went in."""

import tomllib
import unicodedata
from pathlib import Path

import pytest

from flows.first_recipe.source import Looked
from flows.first_recipe.text import first_recipe
from pipeline.extract.normalise import normalise
from pipeline.extract.repair import repair
from pipeline.select.rule import Rule
from tests.pipeline.select import harmless
from tests.pipeline.select.test_policy import judged, signals

DEMONSTRATION = Path(__file__).parents[3] / "flows/recipes/demo.toml"
FIRST = first_recipe(Looked("text_files", "mine", {}, "document"), "mine")


def policy(recipe):
    """The rules of a recipe, but for the languages that it wants."""
    rules = map(Rule.parse, tomllib.loads(recipe)["verdicts"]["rules"])
    return tuple(rule for rule in rules if rule.kind() != "languages")


POLICIES = {
    "demonstration": policy(DEMONSTRATION.read_text()),
    "first recipe": policy(FIRST),
    "all rules at their bounds": tuple(
        Rule.parse(kind)
        for kind in Rule.known()
        # Languages are wanted or not; braces and long lines are asked for by name.
        if kind not in ("languages", "curly_braces", "few_paragraphs")
    ),
}


@pytest.fixture(scope="module", params=["written for this test", "of the shared data"])
def pages(request):
    if request.param == "written for this test":
        return harmless.written()
    if not (harmless.NEWS.exists() and harmless.BOOKS.exists()):
        pytest.skip("shared/data/language and shared/data/text are not here")
    return harmless.shared()


@pytest.fixture(scope="module")
def measured(pages):
    return signals(*pages.values())


def test_they_are_the_pages_that_were_chosen_before(pages):
    chosen = harmless.chosen()
    assert len(chosen) >= 60
    assert {name: harmless.digest(text) for name, text in pages.items()}.items() <= chosen.items()
    assert len(pages) in (22, 46)


@pytest.mark.parametrize("name", POLICIES)
def test_no_policy_drops_one(pages, measured, name):
    verdicts = judged(POLICIES[name], measured)
    found = zip(pages, (verdict["rules"] for verdict in verdicts), strict=True)
    assert {page: rules for page, rules in found if rules} == {}


def test_repair_changes_none_and_normalising_only_its_form(pages):
    for name, text in pages.items():
        assert repair(text) == text, name
        assert _bare(normalise(text)) == _bare(unicodedata.normalize("NFC", text)), name
        if text == _in_form(text):
            assert normalise(text) == text, name


def _bare(text):
    return "".join(text.split())


def _in_form(text):
    """NFC, no space at line ends, no two blank lines on end: what pages are written down in."""
    lines = [line.rstrip() for line in unicodedata.normalize("NFC", text).split("\n")]
    while ["", ""] in (runs := [lines[at : at + 2] for at in range(len(lines))]):
        del lines[runs.index(["", ""])]
    return "\n".join(lines).strip("\n")
