"""From a version back to its pages, and from a document to what became of it."""

from collections import Counter
from typing import ClassVar

import pytest

from pipeline.errors import MissingArtifact
from pipeline.lineage.ancestry import ancestry, earlier_windows, of_refs
from pipeline.lineage.compare import compare, costs
from pipeline.lineage.ledger import counts, dropped_by, ledger, quarantined
from pipeline.lineage.pick import pick_kept, pick_left
from pipeline.lineage.places import by_ids, by_prefix, by_row, by_urls
from pipeline.lineage.story import stories
from pipeline.stage import EVERY_SHARD, Reads, Stage, all_at_once
from pipeline.store import Store
from schemas.artifact import ArtifactRef, Exactness
from tests.support import made
from tests.tiny_corpus import FIRST, SECOND, SITE, copied, two_windows


class ToyModel(Stage):
    """A model that learns nothing."""

    exactness: ClassVar = Exactness.TOLERANCE
    seed: int = 0

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
def lines():
    _, first, second = two_windows()
    store = second.store
    both = (of_refs(store, [s.ref for s in run.stages.values()]) for run in (first, second))
    return store, *both


def url(number):
    return f"{SITE}{number:02d}.html"


def story(store, line, number, window=None):
    places = by_urls(store, line, {url(number)})
    if window:
        places = [place for place in places if place.window == window]
    return stories(store, line, places[:1])[0]


def test_a_corpus_stands_on_one_version_of_every_stage_back_to_the_pages(lines):
    store, _, second = lines
    line = ancestry(store, second.versions["corpus"])
    names = list(line.versions)
    assert set(names) == {
        *("pages", "documents", "verdicts", "signatures", "clusters", "corpus"),
        *("signals.language", "signals.words", "signals.private_data"),
    }
    assert all(names.index(source) < names.index(reader) for source, _, reader in line.edges())
    assert line.versions == {name: second.versions[name] for name in names}


def test_what_is_missing_is_named_and_the_rest_is_still_there(tmp_path):
    store = Store.at(copied(tmp_path) / "store")
    corpus = next(store.manifests("corpus"))
    gone = ancestry(store, corpus).versions["signals.language"].ref
    (tmp_path / "store" / f"versions/{gone.stage}/{gone.key}.json").unlink()
    line = ancestry(Store.at(tmp_path / "store"), corpus)
    assert line.missing == (gone,)
    assert "pages" in line.versions
    assert of_refs(store, [ArtifactRef(stage="corpus", key="0" * 64)]).versions == {}


def test_a_window_goes_back_to_the_one_before(lines):
    store, first, second = lines
    windows = list(earlier_windows(store, second.versions["pages"]))
    assert windows == [second.versions["pages"], first.versions["pages"]]


def test_the_ledger_counts_what_the_manifests_say(lines):
    store, _, second = lines
    rows = ledger(store, second)
    upto = second.upto("corpus").versions
    assert dropped_by(upto.values()) == {
        ("verdicts", "word_count"): 2,
        ("clusters", "exact"): 1,
        ("clusters", "near"): 1,
        ("clusters", "removed"): 1,
        ("clusters", "superseded"): 2,
    }
    assert {(c.stage, c.rule): c.documents for c in counts(rows)} == dropped_by(
        second.versions.values()
    )
    assert quarantined(rows).num_rows == 0


def test_a_dropped_document_tells_rule_value_and_threshold(lines):
    store, _, line = lines
    told = story(store, line, 21)
    assert not told.kept
    assert (told.left.stage, told.left.rule) == ("verdicts", "word_count")
    assert (told.left.value, told.left.threshold) == (9.0, 30.0)
    assert told.chapter("signals.words").facts["words"] == 9
    assert told.chapter("signatures") is None


def test_what_only_machines_read_of_a_signature_is_not_told(lines):
    store, _, line = lines
    assert set(story(store, line, 6).chapter("signatures").facts) == {
        "text_sha256",
        "letters",
        "shingles",
    }


@pytest.mark.parametrize(("number", "kept", "rule"), [(22, 1, "exact"), (2, 23, "near")])
def test_a_duplicate_names_the_document_kept_in_its_place(lines, number, kept, rule):
    store, _, line = lines
    told = story(store, line, number)
    if told.kept:  # of two equal texts the one with the smaller doc_id stays
        number, kept = kept, number
        told = story(store, line, number)
    assert told.left.rule == rule
    assert told.left.kept_url == url(kept)
    assert story(store, line, kept).kept


def test_an_edited_page_has_two_records_and_a_removed_one_a_tombstone(lines):
    store, _, line = lines
    old, new = story(store, line, 3, FIRST), story(store, line, 3, SECOND)
    assert new.kept
    assert (old.left.rule, old.left.kept) == ("superseded", new.doc_id)
    gone = story(store, line, 5)
    assert (gone.gone, gone.left.rule) == ("gone", "removed")


def test_every_record_is_in_the_corpus_or_left_at_one_place(lines):
    store, _, line = lines
    pages = store.read(line.versions["pages"], "pages", ["doc_id"])["doc_id"].to_pylist()
    ends = Counter()
    for told in stories(store, line, by_ids(store, line, set(pages))):
        places = [d.stage for d in told.departures if d.stage in ("verdicts", "clusters")]
        assert len(places) == (0 if told.kept else 1)
        ends[places[0] if places else "corpus"] += 1
    assert ends == {"corpus": 26, "verdicts": 2, "clusters": 5}


def test_the_beginning_of_an_id_finds_its_documents(lines):
    store, _, line = lines
    pages = store.read(line.versions["pages"], "pages", ["doc_id"])["doc_id"].to_pylist()
    for digits in ("0", "f", "a3", pages[7].hex()[:5], pages[7].hex().upper()):
        found = {place.doc_id for place in by_prefix(store, line, digits)}
        assert found == {each for each in pages if each.hex().startswith(digits.lower())}


def test_every_row_of_tokens_leads_to_the_documents_in_it(lines):
    store, _, whole = lines
    tokens = whole.versions["tokens"]
    for shard in tokens.shards:
        receipt = store.receipt(shard)
        columns = ["doc_id", "row", "start"]
        rows = [r for b in store.batches(receipt, "row_map", columns) for r in b.to_pylist()]
        for number in {row["row"] for row in rows}:
            inside = sorted((r["start"], r["doc_id"]) for r in rows if r["row"] == number)
            expected = list(dict.fromkeys(doc_id for _, doc_id in inside))
            places = by_row(store, whole, tokens, shard.name, number)
            assert [place.doc_id for place in places] == expected
            assert {place.shard for place in places} <= {shard.name}


def test_a_row_of_the_corpus_leads_to_its_document(lines):
    store, _, whole = lines
    corpus = whole.versions["corpus"]
    shard = corpus.shards[1]
    batch = next(store.batches(store.receipt(shard), "corpus", ["doc_id", "url"]))
    for row, expected in enumerate(batch.to_pylist()):
        (place,) = by_row(store, whole, corpus, shard.name, row)
        assert (place.doc_id, place.url) == (expected["doc_id"], expected["url"])
    with pytest.raises(MissingArtifact, match="Row 99 of corpus@"):
        by_row(store, whole, corpus, shard.name, 99)
    with pytest.raises(MissingArtifact, match=f"There are {corpus.shards[0].name}"):
        by_row(store, whole, corpus, "nowhere", 0)


def test_a_document_names_the_models_that_learnt_from_it(tmp_path):
    store = Store.at(copied(tmp_path) / "store")
    tokens = list(store.manifests("tokens"))
    models = {t.ref.key: made(ToyModel(), store, tokens=t) for t in tokens}
    line = ancestry(store, max(tokens, key=lambda t: len(t.shards)))
    held = store.read(tokens[0], "row_map", ["doc_id", "row"]).to_pylist()
    shards = [store.receipt(shard) for shard in tokens[0].shards]
    place = by_ids(store, line, {held[0]["doc_id"]})[0]
    told = stories(store, line, [place])[0]
    mine = next(each for each in told.models if each.model == models[tokens[0].ref.key].ref)
    assert mine.tokens == tokens[0].ref
    assert mine.of_rows == sum(receipt.table("rows").rows for receipt in shards)
    assert len(mine.rows) == len({row["row"] for row in held if row["doc_id"] == held[0]["doc_id"]})
    assert stories(store, line, by_urls(store, line, {url(20)}))[0].models == ()


def test_two_windows_differ_by_what_was_edited(lines):
    store, first, second = lines
    found = compare(store, first.versions["corpus"], second.versions["corpus"])
    told = {(each.change, each.url): each.why for each in found.documents}
    assert told == {
        ("added", url(30)): "",
        ("changed", url(3)): "",
        ("changed", url(4)): "",
        ("gone", url(5)): "clusters: removed",
    }
    assert found.unchanged == 23
    assert {(each.stage, each.rule): (each.before, each.after) for each in found.drops} == {
        ("verdicts", "word_count"): (2, 2),
        ("clusters", "exact"): (1, 1),
        ("clusters", "near"): (1, 1),
    }


def test_a_refresh_costs_only_the_new_shards(lines):
    store, first, second = lines
    made_now = {cost.stage: cost.shards_made for cost in costs(store, first, second)}
    one_to_one = ("pages", "documents", "signals.words", "verdicts", "signatures")
    assert {made_now[stage] for stage in one_to_one} == {1}
    assert made_now["tokenizer"] == made_now["validation"] == 0
    everything = {cost.stage: cost.shards_made for cost in costs(store, None, second)}
    assert everything["documents"] == 4


def test_a_version_does_not_differ_from_itself(lines):
    store, _, second = lines
    corpus = second.versions["corpus"]
    found = compare(store, corpus, corpus)
    assert found.documents == ()
    assert found.unchanged == 26
    assert sum(cost.shards_made for cost in found.costs) == 0


def test_the_same_seed_picks_the_same_documents(lines):
    store, _, line = lines
    ids = [
        [each.place.doc_id for each in pick_kept(store, line, "corpus", 5, seed=seed)]
        for seed in (0, 0, 1)
    ]
    assert ids[0] == ids[1] != ids[2]
    assert len(set(ids[0])) == 5


def test_what_left_is_picked_by_rule(lines):
    store, _, line = lines
    picked = pick_left(store, line, "clusters", 10, rule="superseded")
    assert {each.place.url for each in picked} == {url(3), url(4)}
    assert all(each.left["rule"] == "superseded" and each.text for each in picked)
    assert len(pick_left(store, line, "clusters", 10)) == 2


@pytest.mark.parametrize("stage", ["pages", "documents", "verdicts", "clusters", "corpus"])
def test_private_data_is_never_shown(lines, stage):
    store, _, line = lines
    texts = {each.place.url: each.text for each in pick_kept(store, line, stage, 100)}
    assert "Write to <EMAIL> about it." in texts[url(24)]
    assert not any("web.de" in (text or "") for text in texts.values())


def test_texts_are_redacted_though_a_verdict_does_not_stand_on_private_data(lines):
    store, _, second = lines
    line = ancestry(store, second.versions["verdicts"])
    assert line.get("signals.private_data") is None
    texts = {each.place.url: each.text for each in pick_kept(store, line, "verdicts", 100)}
    assert "Write to <EMAIL> about it." in texts[url(24)]
