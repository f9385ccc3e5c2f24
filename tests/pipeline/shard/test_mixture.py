"""A mixture is drawn from the set of documents alone, and nothing of it is lost."""

import hashlib
import json
import random
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given as told
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.dedup.clusters import Clusters
from pipeline.dedup.signatures import Signatures
from pipeline.shard.drawing import drawn, ranks
from pipeline.shard.mixed_corpus import MixedCorpus
from pipeline.shard.mixture import FILE, Mixture
from pipeline.shard.sources import sources_of
from pipeline.store import Store
from tests.pipeline.given import WINDOWS, Page, given
from tests.support import made

BIG, NEWS, SMALL = "https://big.example/", "https://news.big.example/", "https://petit.example/"


def text(seed, words=30):
    return " ".join(random.Random(seed).choices([f"word{i}" for i in range(400)], k=words))


def kana(seed):
    return "".join(random.Random(seed).choices("あいうえおかきくけこさしすせそ", k=60))


ENGLISH = [Page(f"{(BIG, NEWS)[n % 2]}{n}", text(n)) for n in range(40)]
JAPANESE = [Page(f"{SMALL}{n}", kana(n)) for n in range(5)]
LEFT = [
    Page(f"{SMALL}left", text(91), keep=False),
    Page(f"{SMALL}broken"),
    Page(f"{SMALL}copy", text(1)),
]
PAGES = [*ENGLISH, *JAPANESE, *LEFT]
EVEN = Mixture(unit="documents", temperature=0, keep_share=0.5)


def unique(store, shards, tombstones=()):
    """All versions up to clusters, by role."""
    roles = {role: made(stage, store) for role, stage in given(shards, tombstones).items()}

    def make(stage, *names):
        return made(stage, store, **{name: roles[name] for name in names})

    roles["signatures"] = make(Signatures(), "documents", "private_data", "verdicts")
    roles["clusters"] = make(Clusters(), "signatures", "pages", "documents", "private_data")
    return roles


def mix(store, roles, mixture=EVEN):
    """The versions of mixture and corpus."""

    def of(*names):
        return {name: roles[name] for name in names}

    mixed = made(mixture, store, **of("clusters", "signatures", "documents", "language"))
    texts = of("documents", "private_data", "language", "clusters")
    return mixed, made(MixedCorpus(), store, mixture=mixed, **texts)


def anew(folder, shards, tombstones=(), mixture=EVEN):
    """The same, in a store of its own."""
    store = Store.at(folder)
    return mix(store, unique(store, shards, tombstones), mixture)


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    store = Store.at(tmp_path_factory.mktemp("store"))
    return store, unique(store, [PAGES])


@pytest.fixture(scope="module")
def mixed(stored):
    store, roles = stored
    return store, *mix(store, roles)


def kept_urls(store, corpus):
    return set(store.read(corpus, "corpus", ["url"])["url"].to_pylist())


def test_a_small_language_stays_whole_where_a_large_one_is_cut(mixed):
    store, mixture, corpus = mixed
    languages = Counter(store.read(corpus, "corpus", ["language"])["language"].to_pylist())
    assert languages == {"ja": 5, "en": 17}  # half of 45, rounded down
    assert mixture.drops == {"mixture": 23}
    assert mixture.account.entered.count == 45


def test_the_ledger_tells_a_rank_past_the_bound_and_the_table_tells_all(mixed):
    store, mixture, corpus = mixed
    ledger = store.read(mixture, "ledger", ["doc_id", "value", "threshold", "detail"]).to_pylist()
    rows = store.read(mixture, "mixture", mixture_columns(mixture)).to_pylist()
    by_id = {row["doc_id"]: row for row in rows}
    bound = {row["threshold"] for row in ledger}.pop()
    for row in ledger:
        assert row["value"] >= row["threshold"] == bound
        assert row["value"] == by_id[row["doc_id"]]["rank"]
        assert row["detail"] == "The language en keeps 42.5% of its documents."
    english = [row for row in rows if row["keep"] and row["source"] == "big.example"]
    assert all(row["rank"] < bound for row in english)
    assert {row["language_share"] for row in english} == {17 / 40}
    assert sum(row["keep"] is None for row in rows) == 3
    assert len(kept_urls(store, corpus)) == corpus.rows["corpus"] == 22


def mixture_columns(mixture):
    return [name.removeprefix("mixture.") for name in mixture.columns if "mixture." in name]


def test_a_file_tells_documents_and_characters_before_and_after(mixed):
    store, mixture, _ = mixed
    report = json.loads(store.files.read(store.stored_file(mixture, FILE).path))
    japanese = {"documents_before": 5, "documents_after": 5}
    japanese |= {"characters_before": 300, "characters_after": 300}
    assert report["languages"]["ja"] == report["sources"]["petit.example"] == japanese
    assert report["languages"]["en"]["documents_after"] == 17
    characters = sum(len(page.text) for page in ENGLISH)
    assert report["sources"]["big.example"]["characters_before"] == characters


def test_any_order_and_any_shards_give_the_same_mixture(mixed, tmp_path):
    _, *versions = mixed
    mixed_up = random.Random(5).sample(PAGES, len(PAGES))
    others = anew(tmp_path, [mixed_up[30:], (), mixed_up[:17], mixed_up[17:30]])
    assert [each.digests for each in others] == [each.digests for each in versions]


def test_a_refresh_ends_where_a_run_from_scratch_ends(tmp_path):
    edited = [page._replace(text=text(500 + n)) for n, page in enumerate(ENGLISH[:3])]
    new = [Page(f"{BIG}new", text(600)), *edited]
    shards = [PAGES, [page._replace(window=WINDOWS[1]) for page in new]]
    gone = ((ENGLISH[7].url, WINDOWS[1]),)
    after = anew(tmp_path / "one", shards, gone)
    now = [*(page for page in PAGES if page not in (*ENGLISH[:3], ENGLISH[7])), *new]
    scratch = anew(tmp_path / "two", [now])
    assert after[1].digests == scratch[1].digests
    assert after[0].drops == scratch[0].drops
    assert after[0].account.kept == scratch[0].account.kept


def test_new_documents_take_the_place_of_few(stored):
    store, roles = stored
    half = Mixture(unit="documents", keep_share=0.5)
    more = [Page(f"{BIG}more/{n}", text(1000 + n)) for n in range(4)]
    before = kept_urls(store, mix(store, roles, half)[1])
    after = kept_urls(store, mix(store, unique(store, [PAGES, more]), half)[1])
    assert len(before - after) <= len(more)


@pytest.mark.parametrize(
    ("asked", "english", "japanese"),
    [
        ({}, 40, 5),
        ({"languages": {"en": 12}}, 12, 5),
        ({"most_share": 0.6}, 7, 5),
        ({"most_of_source": 3}, 3, 3),
        ({"sources": {NEWS: 4}}, 24, 5),
        ({"sources": {"big.example": 6, NEWS: 0, "petit.example": 1}}, 6, 1),
        ({"sources": {"news.big.example": 2}, "most_of_source": 4, "languages": {"en": 5}}, 5, 4),
        ({"languages": {"ja": 130}, "unit": "characters"}, 40, 2),
    ],
)
def test_caps_hold_by_language_and_by_source(stored, asked, english, japanese):
    store, roles = stored
    _, corpus = mix(store, roles, Mixture(**{"unit": "documents"} | asked))
    languages = Counter(store.read(corpus, "corpus", ["language"])["language"].to_pylist())
    assert languages == {"en": english, "ja": japanese}


def test_another_seed_draws_other_documents(stored, mixed):
    store, roles = stored
    _, redrawn = mix(store, roles, EVEN.model_copy(update={"seed": 1}))
    assert redrawn.rows == mixed[2].rows
    assert kept_urls(store, redrawn) != kept_urls(store, mixed[2])


def test_a_temperature_that_has_no_room_is_refused():
    with pytest.raises(ValidationError, match="moves nothing while all is kept: say with keep_"):
        Mixture(temperature=0.3)


def test_nothing_to_mix_is_mixed(tmp_path):
    mixture, corpus = anew(tmp_path, [LEFT[:2]], mixture=Mixture(most_share=0.1))
    assert mixture.rows["mixture"] == 2
    assert corpus.rows["corpus"] == 0


DRAWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=30)


@told(DRAWS, st.lists(st.integers(0, 40), min_size=4, max_size=4), st.randoms())
def test_drawing_takes_the_first_up_to_one_that_does_not_fit(documents, most, order):
    places = order.sample(range(len(documents)), order.randint(0, len(documents)))
    groups, sizes = np.array(documents, np.int64).reshape(-1, 2).T
    stays, total, full = set(), Counter(), set()
    for place in places:
        group, size = documents[place]
        total[group] += size
        if total[group] > most[group]:
            full.add(group)
        if group not in full:
            stays.add(place)
    found = drawn(groups, np.array(places, np.int64), sizes, np.array(most, np.int64))
    assert set(np.flatnonzero(found).tolist()) == stays


def slow_rank(doc_id, seed):
    value = int.from_bytes(hashlib.sha256(f"mixture {seed}".encode()).digest()[:8], "little")
    for half in (doc_id[:8], doc_id[8:]):
        value ^= int.from_bytes(half, "little")
        value = (value + 0x9E3779B97F4A7C15) % 2**64
        value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        value = (value ^ value >> 27) * 0x94D049BB133111EB % 2**64
        value ^= value >> 31
    return value


def test_ranks_are_spread_evenly_and_each_is_its_documents_own():
    ids = [random.Random(n).randbytes(16) for n in range(20_000)]
    found = ranks(pa.array(ids, pa.binary(16)), 3)
    counts = np.bincount((found >> np.uint64(60)).astype(np.int64), minlength=16)
    assert abs(counts - 1250).max() < 180
    some = ranks(pa.array(ids[::-1], pa.binary(16)).slice(7, 100), 3).tolist()
    assert some == [slow_rank(doc_id, 3) for doc_id in ids[::-1][7:107]]


SITES = {
    "https://a.example.co.uk/x": "example.co.uk",
    "https://www.example.org:8080/x?q": "example.org",
    "http://127.0.0.1:8000/": "127.0.0.1",
    "http://[::1]/a": "::1",
    "dumps/books,v2.jsonl#17": "dumps/books,v2.jsonl",
    "books.tar.gz#1": "books.tar.gz",
    "http://localhost/": "localhost",
}


def test_a_source_is_a_domain_or_a_file():
    assert sources_of(pa.array(SITES), ()).to_pylist() == list(SITES.values())


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("https://example.org/a", "example.org"),
        ("https://sub.EXAMPLE.org/a".lower(), "example.org"),
        ("https://notexample.org/a", "notexample.org"),
        ("https://deep.sub.example.com/a", "sub.example.com"),
        ("https://example.com/forum/1", "https://example.com/forum/"),
        ("https://example.com/forum/old/1", "https://example.com/forum/old/"),
        ("https://example.com/", "example.com"),
        ("books.jsonl#2", "books.jsonl"),
        ("my.books.jsonl#2", "my.books.jsonl"),
    ],
)
def test_the_most_exact_name_is_the_source(url, source):
    named = [
        *("https://example.com/forum/", "https://example.com/forum/old/", "example.org"),
        *("sub.example.com", "books.jsonl"),
    ]
    for names in (named, named[::-1]):
        assert sources_of(pa.array(["https://other.example/", url]), names)[1].as_py() == source


@told(st.lists(st.text(max_size=30)), st.lists(st.text(max_size=8)))
def test_every_address_has_a_source(urls, named):
    assert sources_of(pa.array(urls, pa.string()), named).null_count == 0
