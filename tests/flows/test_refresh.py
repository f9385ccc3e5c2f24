"""A refresh costs what is new, and ends where a run from scratch ends."""

import pytest

from infra.demo_site.serve import DemoSite
from tests.flows.small import digests, edited, run, small_recipe, small_site


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory):
    """The store's runner before and after an edit of the site, and one from scratch after it."""
    folder = tmp_path_factory.mktemp("site") / "pages"
    small_site(folder)
    store = tmp_path_factory.mktemp("store")
    with DemoSite(folder) as site:
        recipe = small_recipe(site.url)
        before = run(recipe, store / "one")
        edited(folder)
        after = run(recipe, store / "one", refresh=True, window="2030-01-01T00:00:00Z")
        scratch = run(recipe, store / "two")
    return before, after, scratch


def rows(runner, stage, table):
    return runner.store.open(runner.ref(stage)).rows[table]


def test_the_corpus_after_a_refresh_is_that_of_a_run_from_scratch(refreshed):
    _, after, scratch = refreshed
    assert digests(after, ["corpus"]) == digests(scratch, ["corpus"])


def test_only_new_and_changed_pages_pass_through_the_one_to_one_stages(refreshed):
    before, after, _ = refreshed
    assert rows(after, "pages", "pages") - rows(before, "pages", "pages") == 5
    assert rows(after, "pages", "tombstones") == 1
    for stage in ("documents", "signals.language", "signals.words", "verdicts", "signatures"):
        assert after.stages[stage].units_made == 1, stage


def test_the_tokenizer_and_the_validation_set_stay_pinned(refreshed):
    before, after, _ = refreshed
    for stage in ("tokenizer", "validation", "tokens.validation"):
        assert after.stages[stage].reused
        assert after.ref(stage) == before.ref(stage)


def test_superseded_and_removed_documents_are_in_the_ledger(refreshed):
    _, after, _ = refreshed
    drops = after.store.open(after.ref("clusters")).drops
    assert drops["superseded"] == 3
    assert drops["removed"] == 1
