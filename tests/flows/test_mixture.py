"""A recipe's mixture decides who is in the corpus, and who asks is told so."""

import json

import pytest

from flows.corpus import corpus
from flows.recipe import parse_recipe, read_recipe
from flows.report.gather import gather
from flows.report.page import page
from flows.stage_of import stage_of
from pipeline.errors import BadRecipe
from pipeline.lineage.ancestry import of_refs
from pipeline.lineage.index.index import Index
from pipeline.lineage.index.places import places_of
from pipeline.lineage.story import stories
from pipeline.lineage.why_not import why_not
from pipeline.run.made import Made, Tracer
from pipeline.shard.corpus import Corpus
from pipeline.shard.mixed_corpus import MixedCorpus
from pipeline.sites import Subject
from pipeline.versions.key import KeyParts
from tests.tiny_corpus import RECIPE, copied, recipe_file, run, two_windows

MIXTURE = """
[mixture]
unit = "documents"
languages = { en = 20 }
"""


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory):
    """A run of a recipe with a mixture, in a store of two windows made without one."""
    source, _, _ = two_windows()
    folder = copied(tmp_path_factory.mktemp("mixture") / "one")
    of_the_same_pages = RECIPE.replace("FOLDER/pages", f"{source}/pages")
    return run(read_recipe(recipe_file(folder, of_the_same_pages + MIXTURE)))


def versions_of(made):
    return of_refs(made.store, (stage.ref for stage in made.stages.values()))


def test_only_what_follows_from_the_mixture_is_made(refreshed):
    made = {name for name, stage in refreshed.stages.items() if not stage.reused}
    assert {"mixture", "corpus", "tokens"} <= made
    assert not made & {"pages", "documents", "verdicts", "signatures", "clusters"}
    mixture, corpus = (refreshed.store.open(refreshed.ref(name)) for name in ("mixture", "corpus"))
    assert mixture.drops == {"mixture": 6}
    assert corpus.rows["corpus"] == 20


def test_who_asks_for_a_document_is_told_that_the_mixture_left_it_out(refreshed):
    store, versions = refreshed.store, versions_of(refreshed)
    ledger = store.read(versions.get("mixture"), "ledger", ["doc_id", "value", "threshold"])
    row = ledger.to_pylist()[0]
    index = Index.of(store)
    place = places_of(index, versions, index.of_documents([row["doc_id"]]))[0]
    told = stories(store, versions, [place], index=index)[0]
    assert told.left.stage == "mixture"
    assert told.left.detail == "The language en keeps 76.9% of its documents."
    assert told.chapter("mixture").facts["keep"] is False
    why = why_not(index, Subject.address(place.url), versions)
    assert why.reason == "mixed_out"
    assert f"its rank is {row['value']:g}" in why.sentence


def test_the_report_counts_what_is_in_the_mixture(refreshed):
    report = gather(refreshed.store, versions_of(refreshed), "tiny")
    assert report.stations[3].documents == 20
    assert [(each.rule, each.documents) for each in report.reasons][-1] == ("mixture", 6)
    shown = page(report)
    assert "unique and mixed: the corpus" in shown
    assert "Left out by the mixture" in shown


def test_the_stages_are_found_again_from_what_their_manifests_say(refreshed):
    found = {
        name: stage_of(KeyParts.from_json(refreshed.store.open(refreshed.ref(name)).parts))
        for name in ("mixture", "corpus")
    }
    assert type(found["corpus"]) is MixedCorpus
    assert found["mixture"].languages == {"en": 20}


def recipe(**sections):
    source = {"kind": "text_files", "paths": ["a.txt"]}
    return parse_recipe({"name": "it", "pages": {"source": source}} | sections, "it")


def test_a_recipe_without_a_mixture_asks_for_what_it_always_did():
    tracer = Tracer()
    corpus(recipe(), tracer)
    assert "mixture" not in tracer.inputs
    assert tracer.inputs["corpus"] == (
        *("documents", "signals.private_data", "signals.language", "clusters"),
    )
    assert type(recipe().corpus_stage()) is Corpus
    assert recipe().corpus_stage().follows == "clusters"


def test_a_recipe_with_one_reads_it_in_the_corpus():
    tracer = Tracer()
    made = corpus(recipe(mixture={"most_share": 0.5}, corpus={"split": {"seed": 4}}), tracer)
    assert made.corpus == Made("corpus", waits_for=("corpus",))
    assert tracer.inputs["corpus"][-2:] == ("clusters", "mixture")
    assert tracer.inputs["mixture"] == ("clusters", "signatures", "documents", "signals.language")


@pytest.mark.parametrize(
    ("mixture", "fault"),
    [
        ({"temperature": 0.3}, "mixture: temperature 0.3 moves nothing while all is kept"),
        ({"temprature": 0.3}, "Did you mean 'temperature'"),
        ({"languages": {"en": -1}}, "mixture.languages.en: "),
        ({"languages": {"english": 9}}, "mixture.languages.english"),
    ],
)
def test_a_mixture_that_cannot_be_meant_is_refused(mixture, fault):
    with pytest.raises(BadRecipe) as refused:
        recipe(mixture=mixture)
    assert fault in str(refused.value)


def test_a_mixture_that_goes_through_json_asks_for_the_same():
    asked = recipe(mixture={"temperature": 0.3, "keep_share": 0.5, "languages": {"en": 9}})
    content = json.dumps(asked.model_dump(mode="json", exclude_defaults=True))
    again = parse_recipe(json.loads(content), "a flow")
    assert again.mixture.config() == asked.mixture.config()
    assert again.corpus_stage().config() == asked.corpus_stage().config() == {}
