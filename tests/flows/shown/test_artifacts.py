"""What a run shows at a real server: all of it there, right, harmless and without private data."""

import re

import pytest

from pipeline.store import Store
from tests.flows.prefect_server import ask

EVERY = {"plan", "progress", "card", "drops", "examples", "difference", "lineage", "places"}


def test_a_run_shows_everything_of_a_corpus(shown):
    assert set(shown.artifacts(0)) == EVERY == set(shown.artifacts(1))
    kinds = {what: each["type"] for what, each in shown.artifacts(1).items()}
    assert kinds.pop("drops") == "table"
    assert kinds.pop("progress") == "progress"
    assert set(kinds.values()) == {"markdown"}


def test_a_run_is_called_by_its_recipe_and_version(shown):
    names = [run["name"] for run in shown.runs]
    assert [re.sub(r"\d{4}-\d\d-\d\d", "DAY", name) for name in names] == [
        "corpus web_little DAY.1",
        "corpus web_little DAY.2",
    ]


def test_the_plan_says_what_is_made_and_why(shown):
    assert "| pages | **to make** |" in shown.text(0, "plan")
    assert "known after pages" in shown.text(0, "plan")
    assert "a new window" in shown.text(1, "plan")


def test_progress_ends_at_a_hundred_with_its_last_stage(shown):
    progress = shown.artifacts(1)["progress"]
    assert progress["data"] == 100
    assert "corpus: made" in progress["description"]


def test_drops_stand_beside_those_of_the_last_version(shown):
    (first,) = shown.rows(0, "drops")
    assert (first["by"], first["documents"], first["of"]) == ("word_count", 1, 31)
    (second,) = shown.rows(1, "drops")
    assert (second["documents"], second["of"], second["last time"]) == (21, 50, 1)
    assert second["change"] == "+38.8 points"


def test_the_difference_counts_documents_and_raises_alarms(shown):
    assert "no earlier version" in shown.text(0, "difference")
    told = shown.text(1, "difference")
    assert "| added | changed | gone | unchanged |" in told
    assert "| 0 | 1 | 1 | 28 |" in told
    assert "\nhttps://pages.example/1 (clusters: removed)\n" in told
    assert "**Drift: 1 alarm.**" in told
    assert "took 42\\.0\\% of the documents\\, and took 3\\.2\\% last time" in told


def test_the_card_and_the_places_tell_of_the_versions_in_the_store(shown):
    assert "| unique: the corpus | 29 |" in shown.text(1, "card")
    assert "Of 2 windows" in shown.text(1, "card")
    store = Store.at(shown.folder / "store")
    corpus = next(store.manifests("corpus"))
    path = f"{store.uri}/versions/corpus/{corpus.ref.key}.json"
    assert path in shown.text(1, "places")
    assert (shown.folder / "store/reports/web_little.html").exists()


def test_examples_are_harmless_and_without_private_data(shown):
    told = shown.text(0, "examples")
    assert "ann" not in told
    assert "\\<EMAIL\\>" in told
    assert "\\<script\\>" in told
    markup = re.sub(r"\\.", "", told)  # what is not escaped
    assert not re.search(r"[<|\[\]]", markup)
    assert markup.count("`") == 2  # around the URL


def test_nothing_of_a_page_or_recipe_is_markup_anywhere(shown):
    for what, each in shown.artifacts(1).items():
        if each["type"] == "markdown":
            rest = re.sub(r"\\.|<br/>", "", each["data"])
            assert "<" not in rest, what


@pytest.mark.parametrize("number", [0, 1])
def test_no_artifact_is_large(shown, number):
    for each in shown.artifacts(number).values():
        assert len(str(each["data"])) < 20_000


def test_keys_have_a_history(shown):
    body = {"artifacts": {"key": {"any_": ["web-little-drops"]}}}
    assert len(ask(shown.api, "artifacts/filter", body)[1]) == 2
