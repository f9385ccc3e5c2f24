"""Signatures and clusters through the store: any sharding gives the same, nothing is lost."""

import hashlib
from itertools import combinations

import numpy as np
import pytest

from pipeline.dedup.clusters import Clusters
from pipeline.dedup.errors import OtherShingles
from pipeline.dedup.signatures import Signatures
from pipeline.store import Store
from tests.pipeline.given import SECRET, WINDOWS, Page, given, identity
from tests.support import made

LONG = " ".join(f"word{i}" for i in range(80))
PAGES = (
    Page("https://a.example/1", LONG),
    Page("https://a.example/2", LONG + " more"),
    Page("https://a.example/3", f"Write to {SECRET} about it"),
    Page("https://b.example/3", "Write to <EMAIL> about it"),
    Page("https://b.example/4", "All alone here"),
    Page("https://b.example/4", "All alone here, later", WINDOWS[1]),
    Page("https://b.example/5", "It was here"),
    Page("https://b.example/6"),
    Page("https://b.example/7", LONG, keep=False),
)
CLUSTERS = Clusters()
GONE = (("https://b.example/5", WINDOWS[1]),)


def clusters(store, shards, gone=GONE, stage=CLUSTERS):
    roles = {role: made(stage, store) for role, stage in given(shards, gone).items()}
    signed = {role: roles[role] for role in ("documents", "private_data", "verdicts")}
    signatures = made(Signatures(), store, **signed)
    read = {role: roles[role] for role in ("pages", "documents", "private_data")}
    return signatures, made(stage, store, signatures=signatures, **read)


def test_every_document_stays_or_leaves_with_a_reason(tmp_path):
    store = Store.at(tmp_path)
    _, manifest = clusters(store, [PAGES])
    assert manifest.drops == {"exact": 1, "near": 1, "removed": 1, "superseded": 1}
    assert manifest.account.entered.count == 7
    assert manifest.account.kept.count == 3
    ledger = {row["doc_id"]: row for row in read(store, manifest, "ledger")}
    near = ledger[identity(PAGES[0])]
    assert near["kept"] == identity(PAGES[1])
    assert near["threshold"] == 0.8 <= near["value"]
    assert near["value"] == pytest.approx(76 / 77)  # 76 runs of 5 words, and one more
    cluster = min(identity(PAGES[0]), identity(PAGES[1])).hex()
    assert near["detail"] == f"One of 2 documents of the cluster {cluster}."
    assert ledger[identity(PAGES[6])]["rule"] == "removed"


def test_the_hash_is_that_of_the_redacted_text(tmp_path):
    store = Store.at(tmp_path)
    signatures, _ = clusters(store, [PAGES])
    found = {row["doc_id"]: row for row in read(store, signatures, "signatures")}
    redacted = b"Write to <EMAIL> about it"
    assert found[identity(PAGES[2])]["text_sha256"] == hashlib.sha256(redacted).digest()
    assert found[identity(PAGES[2])]["letters"] == len(redacted)
    for left in PAGES[7], PAGES[8]:
        assert found[identity(left)]["minhash"] is found[identity(left)]["bands"] is None


def test_texts_whose_values_agree_in_a_band_have_one_key_there(tmp_path):
    store = Store.at(tmp_path)
    signatures, _ = clusters(store, [PAGES])
    rows = [row for row in read(store, signatures, "signatures") if row["minhash"]]
    for one, other in combinations(rows, 2):
        values, keys = (
            [np.frombuffer(row[name], kind).reshape(20, -1) for row in (one, other)]
            for name, kind in (("minhash", "<u4"), ("bands", "<u8"))
        )
        assert ((keys[0] == keys[1]).ravel() == (values[0] == values[1]).all(axis=1)).all()


def test_any_sharding_in_any_order_gives_the_same_digests(tmp_path):
    layouts = ([PAGES], [PAGES[4:], PAGES[:4]], [(page,) for page in reversed(PAGES)], [PAGES, ()])
    versions = [
        clusters(Store.at(tmp_path / str(number)), layout) for number, layout in enumerate(layouts)
    ]
    assert len({signatures.digest() for signatures, _ in versions}) == 1
    assert len({decided.digest() for _, decided in versions}) == 1


def test_a_copy_in_another_shard_is_found_however_many_stand_between(tmp_path):
    alone = [Page(f"https://a.example/{n}", f"number {n} stands alone") for n in range(4100)]
    alike = [Page(f"https://b.example/{n}", f"{LONG} {'more' * n}") for n in range(2)]
    _, manifest = clusters(Store.at(tmp_path), [(alike[0], *alone), (alike[1],)])
    assert manifest.drops == {"near": 1}


def test_texts_with_private_data_are_compared_without_it(tmp_path):
    pages = [
        Page("https://a.example/1", f"{LONG} {SECRET} {LONG[::-1]}"),
        Page("https://a.example/2", f"{LONG} <EMAIL> {LONG[::-1]} more"),
    ]
    _, manifest = clusters(Store.at(tmp_path), [pages])
    assert manifest.drops == {"near": 1}


def test_another_number_of_words_than_signed_is_refused(tmp_path):
    with pytest.raises(OtherShingles, match="Give clusters the same `words` and `unspaced`"):
        clusters(Store.at(tmp_path), [PAGES], stage=Clusters(words=3))


def test_other_words_of_scripts_without_spaces_than_signed_are_refused(tmp_path):
    pages = [
        Page(f"https://a.example/{n}", "今天天气很好,我们去公园散步。" + "好" * n) for n in (1, 2)
    ]
    with pytest.raises(OtherShingles, match="have runs for words"):
        clusters(Store.at(tmp_path), [pages], stage=Clusters(unspaced="runs"))


def read(store, manifest, table):
    columns = {
        "ledger": ["doc_id", "rule", "value", "threshold", "kept", "detail"],
        "signatures": ["doc_id", "text_sha256", "letters", "minhash", "bands"],
    }[table]
    return store.read(manifest, table, columns).to_pylist()
