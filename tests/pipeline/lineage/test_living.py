"""After a refresh documents are counted as they are now, each once."""

from pipeline.lineage.ancestry import of_refs
from pipeline.lineage.ledger import batches_of
from pipeline.lineage.living import Count, Living
from pipeline.lineage.places import receipts_of
from schemas.column import DOC_ID
from tests.tiny_corpus import SITE, two_windows


def living_of(run):
    versions = of_refs(run.store, [stage.ref for stage in run.stages.values()]).versions
    return Living(run.store, versions), versions


def test_of_one_window_the_manifests_are_right():
    _, first, _ = two_windows()
    living, versions = living_of(first)
    assert living.pages() == versions["pages"].rows["pages"]
    assert living.count("verdicts").kept == versions["verdicts"].account.kept.count
    assert living.drops("clusters") == versions["clusters"].drops


def test_pages_replaced_and_gone_are_told_apart():
    _, _, second = two_windows()
    living, _ = living_of(second)
    assert (living.pages(), living.past.replaced, living.past.gone) == (30, 2, 1)


def test_every_living_page_is_kept_or_left_at_one_stage():
    _, _, second = two_windows()
    living, versions = living_of(second)
    assert living.count("documents") == Count(30)
    assert living.count("signals.words") == Count(30)
    assert living.count("verdicts") == Count(28, 2)
    assert living.count("clusters") == Count(26, 2)
    assert living.count("corpus") == Count(versions["corpus"].rows["corpus"])
    assert living.drops("clusters") == {"exact": 1, "near": 1}


def test_a_dropped_page_that_was_edited_counts_as_what_it_is_now():
    _, _, second = two_windows()
    living, versions = living_of(second)
    gone = {
        (shard, row[DOC_ID], row["url"])
        for shard, receipt in receipts_of(second.store, versions["pages"])
        for batch in second.store.batches(receipt, "pages", [DOC_ID, "url"])
        for row in batch.to_pylist()
        if living.is_past(shard, row[DOC_ID])
    }
    assert sorted(url for _, _, url in gone) == [f"{SITE}{n:02d}.html" for n in (3, 4, 5)]
    ledger = [row for b in batches_of(second.store, versions["clusters"]) for row in b.to_pylist()]
    assert {row[DOC_ID] for row in ledger if row["rule"] in ("superseded", "removed")} == {
        doc_id for _, doc_id, _ in gone
    }
