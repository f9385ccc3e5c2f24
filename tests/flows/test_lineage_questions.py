"""The commands that ask the whole store: lineage, impact, affected, why-not."""

import json
import shutil
from collections import Counter
from typing import ClassVar

import numpy as np
import pytest

from flows.cli import main
from flows.lineage.seen import epoch_hashes, exposure
from flows.subject import lineage_of
from pipeline.lineage.index.index import Index
from pipeline.lineage.index.places import places_of
from pipeline.lineage.places import by_ids
from pipeline.lineage.story import stories
from pipeline.stage import EVERY_SHARD, Reads, Stage, all_at_once
from pipeline.store import Store
from ray_jobs.stages import Pretrain
from ray_jobs.token_loader import epoch_order, rows_of_step
from schemas.artifact import ArtifactRef, Exactness, Manifest
from tests.support import made
from tests.tiny_corpus import SITE, copied

STEPS, ROWS_PER_STEP, SEED = 9, 8, 5


class ToyModel(Stage):
    """A model that learns nothing, of the real one's configuration."""

    exactness: ClassVar = Exactness.TOLERANCE
    steps: int = 1
    rows_per_step: int = 1
    seed: int = 1

    def name(self):
        return "model"

    def reads(self):
        return {"tokens": Reads(columns={"rows": ("ids", "starts", "used")})}

    def tables(self):
        return {}

    def units(self, inputs):
        return all_at_once(inputs, [EVERY_SHARD])

    def make(self, work):
        work.add_file("model.safetensors", b"nothing", shard=EVERY_SHARD)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A store of one's own with a model on its newest tokens."""
    folder = copied(tmp_path_factory.mktemp("store")) / "store"
    store = Store.at(folder)
    tokens = max(store.manifests("tokens"), key=lambda t: len(t.shards))
    model = ToyModel(steps=STEPS, rows_per_step=ROWS_PER_STEP, seed=SEED)
    return store, tokens, made(model, store, tokens=tokens)


@pytest.fixture
def penstock(place, capsys, monkeypatch):
    """Runs the command line on that store; returns what it printed."""
    monkeypatch.setenv("COLUMNS", "300")

    def command(*words, code=0, store=None):
        capsys.readouterr()
        uri = store or place[0].uri
        assert main([*map(str, words), "--store", uri]) == code
        shown = capsys.readouterr()
        return shown.err if code == 1 else shown.out

    return command


def url(number):
    return f"{SITE}{number:02d}.html"


def rows_with(store, tokens, doc_ids):
    """The rows of tokens, over all shards, in which some documents lie; and how many there are."""
    before, found = 0, set()
    for shard in tokens.shards:
        receipt = store.receipt(shard)
        for batch in store.batches(receipt, "row_map", ["doc_id", "row"]):
            found |= {before + r["row"] for r in batch.to_pylist() if r["doc_id"] in doc_ids}
        before += receipt.table("rows").rows
    return found, before


def documents_of(store, tokens):
    return set(store.read(tokens, "row_map", ["doc_id"])["doc_id"].to_pylist())


def test_impact_names_the_model_its_first_step_and_how_often(penstock, place):
    store, tokens, model = place
    pages = next(store.manifests("pages"))
    ids = store.read(pages, "pages", ["doc_id", "url"]).to_pylist()
    trained = documents_of(store, tokens)
    for number in range(30):
        mine = {row["doc_id"] for row in ids if row["url"] == url(number)} & trained
        told = json.loads(penstock("impact", url(number), "--json"))
        rows, of_rows = rows_with(store, tokens, mine)
        steps = [
            set(rows_of_step(n, rows=of_rows, rows_per_step=ROWS_PER_STEP, seed=SEED).tolist())
            for n in range(STEPS)
        ]
        if not mine:
            assert told["models"] == []
            continue
        (found,) = told["models"]
        assert found["version"] == f"model@{model.ref.key}"
        assert (found["rows"], found["of_rows"]) == (len(rows), of_rows)
        saw = [n for n, step in enumerate(steps) if step & rows]
        assert found["first_step"] == (saw[0] if saw else None)
        assert found["times"] == sum(len(step & rows) for step in steps)


@pytest.mark.parametrize("steps", [1, 4, 5, 11, 40])
def test_exposure_is_what_the_loader_gives(steps):
    job = Pretrain(steps=steps, rows_per_step=3, seed=2)
    ref = ArtifactRef(stage="model", key="0" * 64)
    parts = {"format": 1, "stage": "model", "config": job.config()}
    model = Manifest(
        ref=ref, exactness="tolerance", parts=parts, inputs={}, shards=(), digests={}, columns={},
        rows={},
    )  # fmt: skip
    for of_rows in (1, 2, 13, 15):
        given = [
            rows_of_step(n, rows=of_rows, rows_per_step=3, seed=2).tolist() for n in range(steps)
        ]
        for rows in ([0], [of_rows - 1], list(range(0, of_rows, 4))):
            saw = [n for n, step in enumerate(given) if set(step) & set(rows)]
            times = sum(Counter(step)[row] for step in given for row in rows)
            found = exposure(np.array(rows), of_rows, model)
            assert found == (saw[0] if saw else None, times, steps)
    assert np.argsort(epoch_hashes(3, 50, 2)).tolist() == epoch_order(3, 50, 2).tolist()


def test_impact_of_a_domain_counts_documents_shards_and_versions(penstock, place):
    store, _, model = place
    told = json.loads(penstock("impact", "pages.example", "--json"))
    pages = next(store.manifests("pages"))
    assert told["documents"] == pages.rows["pages"] == told["records"]["page"]
    held = {one["version"] for one in told["versions"]}
    every = {
        f"{stage}@{one.ref.key}"
        for stage in ("pages", "documents", "verdicts", "clusters", "corpus", "tokens")
        for one in store.manifests(stage)
    }
    assert every <= held
    assert f"model@{model.ref.key}" in told["descendants"]
    shown = penstock("impact", "PAGES.example")
    assert f"{pages.rows['pages']} documents" in shown
    assert "corpus/tiny@latest" in shown
    assert f"{model.ref} learnt from" in shown


def test_impact_of_a_version_lists_what_stands_on_it(penstock, place):
    _, tokens, model = place
    shown = penstock("impact", str(tokens.ref))
    assert f"{model.ref} was trained on what was made of it" in shown


def test_a_story_by_the_index_is_the_story_by_reading_everything(place):
    store, _, model = place
    line = lineage_of(store, model)
    ids = set(store.read(line.versions["pages"], "pages", ["doc_id"])["doc_id"].to_pylist())
    index, places = Index.of(store), by_ids(store, line, ids)
    facts = index.of_documents(ids)
    assert Counter(places_of(index, line, facts)) == Counter(places)
    assert stories(store, line, places, index=index) == stories(store, line, places)


def test_trace_tells_what_every_rule_says(penstock):
    told = json.loads(penstock("trace", "corpus/tiny@latest", url(21), "--json"))
    rules = {one["rule"]: (one["drops"], one["value"], one["threshold"]) for one in told["rules"]}
    assert rules == {"empty_text": (False, 9.0, 1.0), "word_count": (True, 9.0, 30.0)}
    shown = penstock("trace", "corpus/tiny@latest", url(21))
    assert "empty_text: lets it stay, value 9, threshold 1\n" in shown
    assert "word_count: would drop it, value 9, threshold 30\n" in shown


def test_lineage_goes_up_to_windows_and_down_to_models(penstock, place):
    _, _, model = place
    up = json.loads(penstock("lineage", "corpus/tiny@latest", "--up", "--json"))
    sides = {one["version"].partition("@")[0]: one["side"] for one in up["versions"]}
    assert sides["pages"] == "up"
    assert sides["corpus"] == "itself"
    assert "tokens" not in sides
    windows = {one["window"] for one in up["versions"] if one["window"]}
    assert windows == {"2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"}
    down = penstock("lineage", "corpus/tiny@latest", "--down")
    assert str(model.ref) in down
    assert "pages@" not in down
    both = penstock("lineage", str(model.ref))
    assert "corpus/tiny@latest" in both


def test_lineage_as_mermaid_names_every_version_and_edge(penstock):
    shown = penstock("lineage", "corpus/tiny@latest", "--mermaid")
    assert shown.startswith("flowchart TD\n")
    assert shown.count('["') == shown.count("@") - shown.count("/tiny@")
    assert " --> " in shown


def test_a_lost_input_is_said(penstock, place, tmp_path):
    folder = tmp_path / "store"
    shutil.copytree(place[0].files.root, folder)
    corpus = Store.at(folder).open(place[0].open(place[1].inputs["corpus"]).ref)
    gone = corpus.inputs["clusters"]
    (folder / f"versions/{gone.stage}/{gone.key}.json").unlink()
    shown = penstock("lineage", str(corpus.ref), "--up", store=str(folder))
    assert f"{gone} is no longer in the store" in shown


def test_rebuilding_the_index_says_what_it_holds(penstock):
    assert "The index holds 24 versions" in penstock("lineage", "--rebuild-index")


@pytest.mark.parametrize(
    ("number", "reason", "words"),
    [
        (1, "in_corpus", "It is in the corpus."),
        (21, "dropped", "by the rule word_count with the value 9, past the threshold 30"),
        (5, "gone", "in window 2026-11-22T00:00:00Z the site no longer had it"),
        (77, "not_there", "The files that the recipe reads hold no text of that name."),
    ],
)
def test_why_not_says_in_one_sentence(penstock, number, reason, words):
    told = json.loads(penstock("why-not", url(number), "--json"))
    assert told["reason"] == reason
    assert words in told["sentence"]
    assert words in penstock("why-not", url(number))
    assert bool(told["remedy"]) is (reason != "in_corpus")


def test_why_not_of_a_duplicate_names_the_other_page(penstock):
    told = [json.loads(penstock("why-not", url(n), "--json")) for n in (1, 22, 2, 23)]
    duplicates = [each for each in told if each["reason"] == "duplicate"]
    assert len(duplicates) == 2
    assert {url(1), url(22)} & set(duplicates[0]["sentence"].split())
    assert "similarity 0." in duplicates[1]["sentence"]


def test_affected_by_a_rule_lists_what_follows(penstock):
    told = json.loads(penstock("affected", "--rule", "word_count", "--json"))["affected"]
    direct = {one["version"].partition("@")[0] for one in told if one["why"]}
    follow = {one["version"].partition("@")[0] for one in told if not one["why"]}
    assert direct == {"verdicts"}
    assert {"corpus", "tokens", "model"} <= follow
    assert not {"documents", "pages"} & follow


def test_affected_by_a_package_takes_bounds(penstock, place):
    used = next(place[0].manifests("corpus")).parts["packages"]["pyarrow"]
    told = json.loads(penstock("affected", "--package", f"PyArrow=={used}", "--json"))["affected"]
    assert {"corpus", "documents"} <= {one["version"].partition("@")[0] for one in told}
    assert penstock("affected", "--package", f"pyarrow>{used}", code=3).startswith("0 versions")


def test_affected_by_old_code_goes_by_time_where_no_run_says(penstock):
    assert penstock("affected", "--before", "HEAD", code=3).startswith("0 versions")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("impact", "nowhere.example"), "No page, link or file in the store"),
        (("impact", "corpus/tiny@1999-01-01.1"), "is not in the store"),
        (("lineage", "corpus@123456"), "is not in the store"),
        (("lineage",), "Whose lineage?"),
        (("affected", "--package", "a b"), "No version in the store knows the package 'a b'"),
        (("affected", "--rule", "nothing"), "ask for one such as"),
        (("affected", "--before", "nothing"), "is no commit that the checkout"),
        (("why-not", "pages.example"), "is no address"),
        (("why-not", url(1), "--corpus", "corpus/other@latest"), "is not in the store"),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_sentence(penstock, words, told):
    assert told in penstock(*words, code=1)


def test_a_corpus_whose_files_are_gone_is_no_longer_reached(penstock, place, tmp_path):
    folder = tmp_path / "store"
    shutil.copytree(place[0].files.root, folder)
    shutil.rmtree(folder / "shards")
    assert "No page, link or file" in penstock("impact", url(1), code=1, store=str(folder))
    told = json.loads(penstock("why-not", url(1), "--json", store=str(folder)))
    assert told["reason"] == "data_gone"
    assert "penstock run" in told["remedy"]
