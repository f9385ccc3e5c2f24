"""On real pages and articles the duplicates are found, and nothing else is taken for one."""

import gzip
import json
import tarfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipeline.dedup.bands import band_keys, buckets
from pipeline.dedup.clusters import Clusters
from pipeline.dedup.shingles import shingles
from pipeline.dedup.shingling import Shingling
from pipeline.dedup.signatures import Signatures
from pipeline.packed_numbers import unpacked
from tests.pipeline.dedup.deciding import clusters_of

DATA = Path(__file__).parents[4] / "shared" / "data" / "dedup"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="no shared/data/dedup beside the checkout"
)


def signed(texts, unspaced="characters"):
    sign = Signatures(unspaced=unspaced)
    sha256, letters, shingles, minhash, _ = sign.sign(pa.array(texts, pa.large_string()))
    table = pa.table(
        {
            "doc_id": pa.array([i.to_bytes(16) for i in range(len(texts))], pa.binary(16)),
            "url": [f"https://a.example/{i:08d}" for i in range(len(texts))],
            "source": ["web"] * len(texts),
            "window": ["2026-01-01T00:00:00Z"] * len(texts),
            "text_sha256": sha256,
            "letters": letters,
            "shingles": shingles,
        }
    )
    return table, unpacked(minhash, np.uint32)


def kept_instead(texts, table, signatures, unspaced="characters"):
    column = pa.array(texts, pa.large_string())
    none = pa.table({"url": pa.array([], pa.string()), "window": pa.array([], pa.string())})
    rows = clusters_of(
        Clusters(unspaced=unspaced),
        Signatures(),
        table,
        signatures,
        none,
        lambda wanted: iter([column.take(wanted)]),
    )
    return [int.from_bytes(row["kept"] or row["doc_id"]) for row in rows.to_pylist()]


def known_pairs(name):
    with gzip.open(DATA / f"{name}.docs.jsonl.gz", "rt") as lines:
        documents = [json.loads(line) for line in lines]
    number = {document["id"]: i for i, document in enumerate(documents)}
    with gzip.open(DATA / f"{name}.pairs.tsv.gz", "rt") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines][1:]
    pairs = {(number[a], number[b]): float(jaccard) for a, b, jaccard, *_ in rows}
    return [document["text"] for document in documents], pairs


@pytest.mark.parametrize("name", ["installguide_en", "gimp"])
def test_pairs_of_four_fifths_are_found_and_who_leaves_is_like_who_stays(name, record_property):
    """The pairs' own rule takes a run of Han or kana for one word."""
    texts, pairs = known_pairs(name)
    table, signatures = signed(texts, "runs")
    instead = kept_instead(texts, table, signatures, "runs")
    alike = [pair for pair, jaccard in pairs.items() if jaccard >= 0.8]
    recall = np.mean([parted(pair, instead) for pair in alike])
    precision = np.mean([jaccard >= 0.8 for jaccard in of_those_who_left(instead, pairs)])
    record_property("recall", float(recall))
    record_property("precision", float(precision))
    assert share_together(alike, signatures) >= 0.99
    assert recall >= 0.99
    assert precision == 1


@pytest.mark.parametrize("name", ["installguide_en", "gimp"])
def test_where_each_han_character_is_a_word_those_as_similar_are_found_and_no_others(name):
    texts, pairs = known_pairs(name)
    table, signatures = signed(texts)
    instead = kept_instead(texts, table, signatures)
    alike = [pair for pair in pairs if similarity(texts, pair) >= 0.8]
    by_their_rule = [pair for pair, jaccard in pairs.items() if jaccard >= 0.8]
    assert share_together(by_their_rule, signatures) >= 0.99
    assert np.mean([parted(pair, instead) for pair in alike]) >= 0.99
    assert all(similarity(texts, pair) >= 0.8 for pair in who_left(instead))
    # All that differ so little do so by the pairs' own rule, too.
    assert all(jaccard >= 0.8 for jaccard in of_those_who_left(instead, pairs))


def share_together(pairs, signatures):
    """The share of some pairs that a bucket of a band puts side by side."""
    numbers = buckets(band_keys(signatures, Signatures().rows).T, np.arange(len(signatures)))
    one, other = numbers[np.array(pairs).T]
    return ((one == other) & (one >= 0)).any(axis=1).mean()


def parted(pair, instead):
    """Whether one at least of two texts has left."""
    return any(instead[each] != each for each in pair)


def who_left(instead):
    """Each that left, with the one that stays for it."""
    return [(i, kept) for i, kept in enumerate(instead) if i != kept]


def of_those_who_left(instead, pairs):
    """How similar each that left is to the one that stays for it."""
    return [pairs.get((i, kept), pairs.get((kept, i), 0.0)) for i, kept in who_left(instead)]


def similarity(texts, pair, unspaced="characters"):
    both = pa.array([texts[i] for i in pair], pa.large_string())
    numbers, bounds = shingles(both, Shingling(5, unspaced))
    left, right = set(numbers[: bounds[1]].tolist()), set(numbers[bounds[1] :].tolist())
    return len(left & right) / len(left | right)


@pytest.mark.parametrize("count", [100, 1000, 2500])
def test_every_planted_copy_of_an_article_is_found(count):
    found, planted = found_and_planted(count)
    assert found == planted


def found_and_planted(count):
    """The pairs of articles of which one leaves, and the pairs that are copies."""
    with tarfile.open(DATA / "mccormick.tar.gz") as archive:
        articles, truth = (
            archive.extractfile(f"dedup_mccormick/articles_{count}.{kind}").read().decode()
            for kind in ("train", "truth")
        )
    names, texts = zip(*(line.split(" ", 1) for line in articles.splitlines()), strict=True)
    instead = kept_instead(texts, *signed(texts))
    found = {frozenset((names[i], names[k])) for i, k in enumerate(instead) if i != k}
    return found, {frozenset(line.split()) for line in truth.splitlines()}
