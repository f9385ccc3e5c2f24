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
from pipeline.dedup.signatures import Signatures
from pipeline.packed_numbers import unpacked
from tests.pipeline.dedup.deciding import clusters_of

DATA = Path(__file__).parents[4] / "shared" / "data" / "dedup"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="no shared/data/dedup beside the checkout"
)

SIGN = Signatures()


def signed(texts):
    sha256, letters, shingles, minhash, _ = SIGN.sign(pa.array(texts, pa.large_string()))
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


def kept_instead(texts, table, signatures):
    column = pa.array(texts, pa.large_string())
    none = pa.table({"url": pa.array([], pa.string()), "window": pa.array([], pa.string())})
    rows = clusters_of(
        Clusters(), SIGN, table, signatures, none, lambda wanted: iter([column.take(wanted)])
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
    texts, pairs = known_pairs(name)
    table, signatures = signed(texts)
    numbers = buckets(band_keys(signatures, SIGN.rows).T, np.arange(len(signatures)))
    alike = np.array([pair for pair, jaccard in pairs.items() if jaccard >= 0.8])
    together = (numbers[alike[:, 0]] == numbers[alike[:, 1]]) & (numbers[alike[:, 0]] >= 0)
    recall = together.any(axis=1).mean()
    instead = kept_instead(texts, table, signatures)
    left = [(i, kept) for i, kept in enumerate(instead) if i != kept]
    true = [pairs.get((i, kept), pairs.get((kept, i), 0.0)) for i, kept in left]
    precision = np.mean([jaccard >= 0.8 for jaccard in true])
    # Of the pairs that both stay, a rule for scripts without spaces (every Han and kana character
    # is a word, where the pairs' own rule takes a run of them for one) finds some less similar.
    both = [pair for pair in alike if instead[pair[0]] == pair[0] and instead[pair[1]] == pair[1]]
    missed = [pair for pair in both if similarity(texts, pair) >= 0.8]
    record_property("recall", float(recall))
    record_property("precision", float(precision))
    assert recall >= 0.99
    assert precision == 1
    assert len(missed) <= 0.01 * len(alike)


def similarity(texts, pair):
    numbers, bounds = shingles(pa.array([texts[i] for i in pair], pa.large_string()), 5)
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
