"""Of the documents that say the same one stays, in whatever order and shards they come."""

import hashlib
from collections import defaultdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dedup.clusters import Clusters
from pipeline.dedup.signatures import Signatures, spread
from pipeline.packed_numbers import unpacked
from tests.pipeline.dedup.deciding import clusters_of

SIGN = Signatures(words=2, bands=10, rows=2)
STAGE = Clusters(words=2, threshold=0.6)
WINDOWS = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")
LONG = " ".join(f"word{i}" for i in range(60))


def doc_id(url, text):
    return hashlib.sha256(f"{url}\n{text}".encode()).digest()[:16]


def source_of(url):
    return "wikipedia" if url.endswith("3") else "web"


def records(rows):
    """The table and the signatures of (url, window, text or None) rows."""
    live = pa.array([text is not None for _, _, text in rows], pa.bool_())
    texts = pa.array([text for _, _, text in rows if text is not None], pa.large_string())
    sha256, letters, shingles, minhash, _ = SIGN.sign(texts)
    columns = {
        "doc_id": pa.array([doc_id(url, text) for url, _, text in rows], pa.binary(16)),
        "url": pa.array([url for url, _, _ in rows], pa.string()),
        "source": pa.array([source_of(url) for url, _, _ in rows], pa.string()),
        "window": pa.array([window for _, window, _ in rows], pa.string()),
        "text_sha256": spread(sha256, live),
        "letters": spread(letters, live),
        "shingles": spread(shingles, live),
    }
    return pa.table(columns), unpacked(minhash, np.uint32)


def tombstones(rows):
    urls, windows = [url for url, _ in rows], [window for _, window in rows]
    return pa.table({"url": pa.array(urls, pa.string()), "window": pa.array(windows, pa.string())})


def decide(rows, gone=(), stage=STAGE):
    texts = pa.array([text for _, _, text in rows], pa.large_string())

    def read(wanted):  # in two batches, as shards come
        assert list(wanted) == sorted(wanted)
        yield from (texts.take(wanted[:2]), texts.take(wanted[2:]))

    return clusters_of(stage, SIGN, *records(rows), tombstones(gone), read).to_pylist()


def shingles(text):
    """Pairs of neighbouring words, as a slow reader sees them."""
    words = text.split()
    return {tuple(words[i : i + 2]) for i in range(max(len(words) - 1, min(len(words), 1)))}


def jaccard(left, right):
    left, right = shingles(left), shingles(right)
    return len(left & right) / len(left | right) if left | right else 0


def rank_of(url, stage):
    ours = [
        place
        for place, name in enumerate(stage.prefer)
        if name == source_of(url) or f".{url.split('/')[2]}".endswith(f".{name}")
    ]
    return min(ours, default=len(stage.prefer))


def reference(rows, gone, stage):
    """The same decision by loops over Python objects."""
    table, signatures = records(rows)
    table, found = table.to_pylist(), [{} for _ in rows]
    signature = iter(signatures)
    signature = [next(signature) if row["text_sha256"] else None for row in table]
    here = []
    for i, row in enumerate(table):
        newer = [r for r in table if r["url"] == row["url"] and r["window"] > row["window"]]
        if row["text_sha256"] is None:
            found[i] = {"keep": None, "reason": None, "kept": None}
        elif newer:
            last = max(r["window"] for r in newer)
            heir = min(r["doc_id"] for r in newer if r["window"] == last)
            found[i] = {"keep": False, "reason": "superseded", "kept": heir}
        elif any(url == row["url"] and window > row["window"] for url, window in gone):
            found[i] = {"keep": False, "reason": "removed", "kept": None}
        else:
            here.append(i)
    prefer = {
        "longest": lambda i: (-table[i]["letters"],),
        "first": lambda i: (table[i]["window"],),
        "newest": lambda i: tuple(-ord(c) for c in table[i]["window"]),
    }[stage.keep]
    here.sort(
        key=lambda i: (
            rank_of(table[i]["url"], stage),
            *prefer(i),
            table[i]["url"].encode(),
            table[i]["doc_id"],
        )
    )
    kept, clusters, place = [], defaultdict(list), {}
    for i in here:
        same = [k for k in place if table[k]["text_sha256"] == table[i]["text_sha256"]]
        if same:
            place[i] = place[same[0]]
        else:
            alike = [(-jaccard(rows[i][2], rows[k][2]), kept.index(k), k) for k in kept]
            alike = [
                each
                for each in alike
                if -each[0] >= stage.threshold and proposed(signature[i], signature[each[2]], stage)
            ]
            place[i] = min(alike)[2] if alike else i
            kept += [] if alike else [i]
        clusters[place[i]].append(i)
    for i in here:
        k = place[i]
        same = table[k]["text_sha256"] == table[i]["text_sha256"]
        left = {"keep": False, "reason": "exact" if same else "near", "kept": table[k]["doc_id"]}
        found[i] = {"keep": True, "reason": None, "kept": None} if i == k else left
        found[i]["size"] = len(clusters[k])
        found[i]["cluster"] = min(table[member]["doc_id"] for member in clusters[k])
    return found


def proposed(left, right, stage):
    """They share a band, and the estimate is no more than four standard errors too low."""
    error = (stage.threshold * (1 - stage.threshold) / len(left)) ** 0.5
    near = (left == right).mean() >= stage.threshold - 4 * error
    return near and (left == right).reshape(-1, SIGN.rows).all(axis=1).any()


TEXTS = st.one_of(
    st.lists(st.sampled_from("abc"), max_size=7).map(" ".join),
    st.integers(0, 59).map(lambda i: LONG.replace(f"word{i} ", "")),
    st.integers(2, 60).map(lambda i: " ".join(LONG.split()[:i])),
)
ROWS = st.lists(
    st.tuples(
        st.sampled_from([f"https://{'ab'[i % 2]}.example/{i}" for i in range(8)]),
        st.sampled_from(WINDOWS),
        st.one_of(TEXTS, st.none()),
    ),
    max_size=14,
)
GONE = st.lists(
    st.tuples(
        st.sampled_from([f"https://{'ab'[i % 2]}.example/{i}" for i in range(9)]),
        st.sampled_from(WINDOWS),
    ),
    max_size=3,
)


KEEP = st.sampled_from(["longest", "first", "newest"])
PREFER = st.sampled_from([(), ("b.example",), ("wikipedia", "a.example"), ("example", "web")])


@settings(max_examples=200)
@given(ROWS, GONE, KEEP, PREFER)
def test_the_decision_is_that_of_a_slow_reader(rows, gone, keep, prefer):
    stage = STAGE.model_copy(update={"keep": keep, "prefer": prefer})
    for row, expected in zip(decide(rows, gone, stage), reference(rows, gone, stage), strict=True):
        assert {name: row[name] for name in expected} == expected


@settings(max_examples=100)
@given(st.data(), ROWS, GONE, KEEP, PREFER)
def test_the_order_of_the_rows_changes_nothing(data, rows, gone, keep, prefer):
    stage = STAGE.model_copy(update={"keep": keep, "prefer": prefer})
    shuffled = data.draw(st.permutations(rows))

    def key(row):
        return str(sorted(row.items(), key=str))

    one, other = decide(rows, gone, stage), decide(shuffled, gone, stage)
    assert sorted(one, key=key) == sorted(other, key=key)


@settings(max_examples=100)
@given(ROWS, st.dictionaries(st.integers(0, 7), TEXTS), st.lists(st.integers(0, 7), max_size=3))
def test_base_and_delta_keep_what_a_run_from_scratch_keeps(base, changed, removed):
    """Pages change and vanish between two windows; the crawl from scratch sees the end only."""
    first = {url: (url, WINDOWS[0], text) for url, _, text in base}
    delta = {
        url: (url, WINDOWS[1], text)
        for url, text in ((f"https://{'ab'[i % 2]}.example/{i}", t) for i, t in changed.items())
    }
    ended = {f"https://{'ab'[i % 2]}.example/{i}" for i in removed} - set(delta)
    scratch = {
        url: (url, WINDOWS[2], text)
        for url, _, text in ({**first, **delta}).values()
        if url not in ended
    }

    def corpus(rows, gone):
        kept = [row for row in decide(rows, gone) if row["keep"]]
        return sorted((row["doc_id"], row["cluster"], row["size"]) for row in kept)

    refreshed = corpus([*first.values(), *delta.values()], [(url, WINDOWS[1]) for url in ended])
    assert refreshed == corpus(list(scratch.values()), [])


def chain(length):
    """Texts each of which resembles the next, while the ends have nothing in common."""
    return [" ".join(f"word{i}" for i in range(8 * k, 8 * k + 60)) for k in range(length)]


def test_a_chain_of_similar_texts_does_not_collapse_into_one():
    rows = [(f"https://a.example/{k}", WINDOWS[0], text) for k, text in enumerate(chain(20))]
    decided = decide(rows)
    kept = {row["doc_id"]: i for i, row in enumerate(decided) if row["keep"]}
    assert 3 < len(kept) < 20
    for i, row in enumerate(decided):
        if not row["keep"]:
            alike = jaccard(rows[i][2], rows[kept[row["kept"]]][2])
            assert alike == pytest.approx(row["similarity"])
            assert alike >= STAGE.threshold


def test_a_page_that_changes_and_changes_back_leaves_its_newest_record():
    url = "https://a.example/"
    rows = [(url, WINDOWS[0], "old text"), (url, WINDOWS[1], "new"), (url, WINDOWS[2], "old text")]
    assert [row["reason"] for row in decide(rows)] == ["superseded", "superseded", None]


def test_a_record_gives_way_to_a_newer_one_that_the_policy_dropped():
    url = "https://a.example/"
    decided = decide([(url, WINDOWS[0], "old text"), (url, WINDOWS[1], None)])
    assert [row["keep"] for row in decided] == [False, None]
    assert decided[0]["kept"] == doc_id(url, None)


def test_a_removed_page_takes_no_part():
    rows = [("https://a.example/a", WINDOWS[0], LONG), ("https://a.example/b", WINDOWS[0], LONG)]
    decided = decide(rows, [("https://a.example/a", WINDOWS[1])])
    assert [row["reason"] for row in decided] == ["removed", None]
    assert [row["size"] for row in decided] == [None, 1]


def test_texts_without_words_are_compared_by_their_hash_alone():
    rows = [(f"https://a.example/{i}", WINDOWS[0], text) for i, text in enumerate(["?", "!", "!"])]
    assert [row["reason"] for row in decide(rows)] == [None, None, "exact"]


def test_a_template_with_many_texts_is_compared_within_bounds():
    words = " ".join(f"menu{i}" for i in range(60))
    rows = [
        (f"https://a.example/{i}", WINDOWS[0], words + "".join(f" x{i}y{j}" for j in range(30)))
        for i in range(200)
    ]
    stages = [STAGE.model_copy(update={"threshold": 0.9, "widest": n}) for n in (1, 1000)]
    few, many = ([row["keep"] for row in decide(rows, stage=stage)] for stage in stages)
    assert few == many == [True] * 200


@pytest.mark.parametrize(("threshold", "read"), [(0.5, [0, 1]), (0.95, [])])
def test_texts_that_their_signatures_tell_apart_are_not_read(threshold, read):
    other = " ".join([*LONG.split()[:45], *(f"other{i}" for i in range(15))])
    rows = [(f"https://a.example/{i}", WINDOWS[0], text) for i, text in enumerate((LONG, other))]
    texts, asked = pa.array([LONG, other], pa.large_string()), []

    def reading(wanted):
        asked.extend(wanted.tolist())
        return iter([texts.take(wanted)] if len(wanted) else [])

    stage = STAGE.model_copy(update={"threshold": threshold})
    decided = clusters_of(stage, SIGN, *records(rows), tombstones([]), reading)
    assert asked == read
    assert decided["keep"].to_pylist().count(True) == (1 if read else 2)


def test_no_records_give_no_rows():
    assert decide([]) == []


def test_the_preferred_source_stays_before_the_rest_whatever_else_speaks_for_them():
    rows = [
        ("https://a.example/1", WINDOWS[2], LONG + " longer"),
        ("https://en.b.example/1", WINDOWS[0], LONG),
        ("https://a.example/3", WINDOWS[1], LONG + " long"),  # of the source wikipedia
    ]
    stays = {
        prefer: [
            row["keep"] for row in decide(rows, stage=STAGE.model_copy(update={"prefer": prefer}))
        ]
        for prefer in [(), ("b.example", "wikipedia"), ("wikipedia", "b.example"), ("c.example",)]
    }
    assert stays == {
        (): [True, False, False],
        ("b.example", "wikipedia"): [False, True, False],
        ("wikipedia", "b.example"): [False, False, True],
        ("c.example",): [True, False, False],
    }


def test_a_pair_whose_signatures_flatter_it_is_refused():
    """They share 43 of 75 runs of two words: 0.57, estimated at 0.6 and more in many pairs."""
    rows = [
        (
            f"https://a.example/{i}",
            WINDOWS[0],
            " ".join(LONG.split()[:44] + [f"own{i}x{j}" for j in range(16)]),
        )
        for i in range(200)
    ]
    _, signatures = records(rows)
    estimates = (signatures[:, None] == signatures[None]).mean(axis=2)
    assert (estimates[np.triu_indices(200, 1)] >= STAGE.threshold).sum() > 500
    assert [row["keep"] for row in decide(rows)] == [True] * 200


def test_two_of_a_kind_are_one_cluster_of_two():
    rows = [("https://a.example/b", WINDOWS[0], LONG), ("https://a.example/a", WINDOWS[0], LONG)]
    decided = decide(rows)
    assert [row["keep"] for row in decided] == [False, True]
    assert [row["size"] for row in decided] == [2, 2]
    assert decided[0]["cluster"] == min(row["doc_id"] for row in decided)
    assert decided[0]["similarity"] == np.float32(1)
