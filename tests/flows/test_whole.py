"""The whole data path on real pages: the same versions, however it is run."""

import pytest

from infra.demo_site.serve import DemoSite
from tests.flows.small import digests, run, small_recipe, small_site


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "pages"
    small_site(folder)
    with DemoSite(folder) as served:
        yield served


@pytest.fixture(scope="module")
def reference(site, tmp_path_factory):
    """One process, no Prefect."""
    return run(small_recipe(site.url), tmp_path_factory.mktemp("reference") / "store")


def test_every_document_is_accounted_for(reference):
    pages = reference.store.open(reference.ref("pages")).rows["pages"]
    corpus = reference.store.open(reference.ref("corpus"))
    left = sum(
        sum(reference.store.open(reference.ref(stage)).drops.values())
        for stage in ("documents", "verdicts", "clusters")
    )
    assert pages == corpus.rows["corpus"] + left > 20


@pytest.mark.parametrize(("runner", "workers"), [("pool", 2), ("pool", 4), ("ray", 2)])
def test_every_runner_gives_the_same_digests(reference, site, tmp_path, runner, workers):
    made = run(small_recipe(site.url), tmp_path / "store", runner=runner, workers=workers)
    assert digests(made) == digests(reference)


def test_a_second_run_makes_nothing_and_contacts_nobody(reference, site):
    before = len(site.requests)
    again = run(small_recipe(site.url), reference.store.files.root)
    assert all(stage.reused for stage in again.stages.values())
    assert len(site.requests) == before


def test_a_changed_threshold_runs_verdicts_and_what_follows(reference, site):
    rules = ["empty_text", {"kind": "word_count", "fewest": 400}]
    recipe = small_recipe(site.url, verdicts={"rules": rules})
    made = run(recipe, reference.store.files.root, to="corpus")
    remade = [name for name, stage in made.stages.items() if not stage.reused]
    assert remade == ["verdicts", "signatures", "clusters", "corpus"]


def test_what_comes_out_equal_stops_the_chain(reference, site):
    rules = ["empty_text", {"kind": "word_count", "fewest": 51}]
    recipe = small_recipe(site.url, verdicts={"rules": rules})
    made = run(recipe, reference.store.files.root, to="corpus")
    remade = [name for name, stage in made.stages.items() if not stage.reused]
    assert remade == ["verdicts"]
