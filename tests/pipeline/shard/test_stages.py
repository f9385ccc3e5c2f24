"""From clusters to tokens through the store: nothing is lost, and held-out texts stay out."""

import hashlib
import random
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from pipeline.dedup.clusters import Clusters
from pipeline.dedup.signatures import Signatures
from pipeline.errors import ConservationError
from pipeline.shard.corpus import Corpus
from pipeline.shard.errors import EmptyValidation, NothingToLearn
from pipeline.shard.pack import pack
from pipeline.shard.rows import Documents, check_conserved
from pipeline.shard.split import Split
from pipeline.shard.token_arrays import Tokens
from pipeline.shard.tokenizer import FILE, Tokenizer, read_encoder
from pipeline.shard.tokens import Packing, TrainTokens, ValidationTokens
from pipeline.shard.validation import Validation
from pipeline.store import Store
from tests.pipeline.given import SECRET, Page, given
from tests.support import made

CONTEXT = 16


def text(seed, words=40):
    chosen = random.Random(seed).choices([f"word{i}" for i in range(200)], k=words)
    return " ".join(chosen)


PAGES = (
    *(Page(f"https://site{n}.example/", text(n, words=5 + 7 * n)) for n in range(24)),
    Page("https://site30.example/", f"Ask {SECRET} " + text(30)),
    Page("https://site31.example/", "日本語の文章です。" * 9),
    Page("https://site32.example/"),
    Page("https://site33.example/", text(33), keep=False),
    Page("https://site34.example/", text(1, words=12)),  # the same as site1's
)


def run(store, shards, share=0.3, leak_threshold=0.5):
    """All versions from pages to tokens, by stage."""
    roles = {role: made(stage, store) for role, stage in given(shards).items()}

    def take(*names):
        return {name: roles[name] for name in names}

    def make(role, stage, *names):
        roles[role] = made(stage, store, **take(*names))

    make("signatures", Signatures(), "documents", "private_data", "verdicts")
    make("clusters", Clusters(), "signatures", "pages", "documents", "private_data")
    corpus = Corpus(split=Split(validation_share=share))
    make("corpus", corpus, "documents", "private_data", "language", "clusters")
    make("validation", Validation(leak_threshold=leak_threshold), "corpus", "signatures")
    make("tokenizer", Tokenizer(vocabulary=300), "corpus")
    packing = Packing(context=CONTEXT)
    make("tokens", TrainTokens(packing=packing), "corpus", "tokenizer")
    make("held_out", ValidationTokens(packing=packing), "validation", "tokenizer")
    return SimpleNamespace(**roles)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    store = Store.at(tmp_path_factory.mktemp("store"))
    return store, run(store, [PAGES])


def rows(store, manifest, table, *columns):
    return store.read(manifest, table, columns).to_pylist()


def test_the_corpus_holds_the_redacted_texts_that_stay(done):
    store, versions = done
    corpus = rows(
        store, versions.corpus, "corpus", "url", "text", "language", "split", "cluster_size"
    )
    found = {row["url"]: row for row in corpus}
    assert len(corpus) == len(found) == len(PAGES) - 3
    assert found["https://site30.example/"]["text"].startswith("Ask <EMAIL> word")
    assert found["https://site31.example/"]["language"] == "ja"
    assert found["https://site1.example/"]["cluster_size"] == 2
    assert {row["split"] for row in corpus} == {"train", "validation"}


def test_held_out_documents_do_not_train(done):
    store, versions = done
    corpus = rows(store, versions.corpus, "corpus", "doc_id", "split")
    held_out = {row["doc_id"] for row in corpus if row["split"] == "validation"}
    trained = {row["doc_id"] for row in rows(store, versions.tokens, "documents", "doc_id")}
    measured = {row["doc_id"] for row in rows(store, versions.held_out, "documents", "doc_id")}
    assert versions.tokens.drops == {"held_out": len(held_out)}
    assert measured == held_out
    assert trained == {row["doc_id"] for row in corpus} - held_out


@pytest.mark.parametrize("which", ["tokens", "held_out"])
def test_the_row_map_leads_from_every_row_to_the_texts(done, which):
    store, versions = done
    version = getattr(versions, which)
    with store.open_file(store.receipt(versions.tokenizer.shards[0]), FILE) as file:
        encoder = read_encoder(file.read(), FILE)
    texts = {
        row["doc_id"]: row["text"]
        for row in rows(store, versions.corpus, "corpus", "doc_id", "text")
    }
    packed = rows(store, version, "rows", "ids", "starts", "used")
    pieces = rows(
        store, version, "row_map", "doc_id", "piece", "row", "start", "stop", "text_bytes"
    )
    counts = {
        row["doc_id"]: row
        for row in rows(store, version, "documents", "doc_id", "tokens", "ids_sha256")
    }
    ids, spelled = {}, {}
    for piece in sorted(pieces, key=lambda piece: (piece["doc_id"], piece["piece"])):
        row = packed[piece["row"]]
        assert piece["start"] in row["starts"]
        part = row["ids"][piece["start"] : piece["stop"]]
        ids[piece["doc_id"]] = ids.get(piece["doc_id"], []) + part
        spelled[piece["doc_id"]] = spelled.get(piece["doc_id"], 0) + piece["text_bytes"]
    assert ids.keys() == counts.keys()
    for doc_id, tokens in ids.items():
        assert tokens[-1] == 0
        assert encoder.decode(tokens[:-1]) == texts[doc_id]
        assert spelled[doc_id] == len(texts[doc_id].encode())
        assert counts[doc_id]["tokens"] == len(tokens) - 1
        sha256 = hashlib.sha256(np.array(tokens[:-1], "<u4").tobytes()).digest()
        assert counts[doc_id]["ids_sha256"] == sha256
    for row in packed:
        assert len(row["ids"]) == CONTEXT + 1
        assert row["starts"][0] == 0
        assert set(row["ids"][row["used"] :]) <= {0}
    assert sum(row["used"] for row in packed) == sum(len(tokens) for tokens in ids.values())


def test_any_sharding_gives_the_same_documents_everywhere(done, tmp_path):
    _, versions = done
    store = Store.at(tmp_path)
    others = run(store, [PAGES[17:], PAGES[9:17][::-1], (), PAGES[:9]])
    for stage in ("corpus", "validation", "tokenizer", "held_out"):
        assert getattr(others, stage).digest() == getattr(versions, stage).digest(), stage
    assert (
        others.tokens.digests["documents.documents"]
        == versions.tokens.digests["documents.documents"]
    )


def test_the_order_of_a_shards_documents_does_not_change_its_rows(done, tmp_path):
    _, versions = done
    assert run(Store.at(tmp_path), [PAGES[::-1]]).tokens.digest() == versions.tokens.digest()


def test_a_held_out_text_with_a_training_twin_is_not_measured(tmp_path):
    store = Store.at(tmp_path)
    words = text(77, words=200).split()
    twins = [" ".join([*words, *text(seed, words=60).split()]) for seed in range(12)]
    pages = [Page(f"https://site{n}.example/", twin) for n, twin in enumerate(twins)]
    versions = run(store, [[*PAGES, *pages]])
    measured = rows(store, versions.validation, "validation", "text", "nearest")
    assert all(row["nearest"] < 0.5 for row in measured)
    assert not {row["text"] for row in measured} & set(twins)


@pytest.mark.parametrize(("share", "told"), [(0.0, "holds out no document"), (0.3, "similarity")])
def test_an_empty_validation_set_says_what_to_do(tmp_path, share, told):
    same = text(5, words=300)
    pages = [Page(f"https://site{n}.example/", f"{same} {text(n)}") for n in range(20)]
    with pytest.raises(EmptyValidation, match="Make validation_share larger") as raised:
        run(Store.at(tmp_path), [pages], share=share, leak_threshold=0.05)
    assert told in str(raised.value)


def test_a_corpus_without_a_document_says_what_to_do(tmp_path):
    store = Store.at(tmp_path)
    pages = [Page("https://site1.example/", "dull", keep=False), Page("https://site2.example/")]
    roles = {role: made(stage, store) for role, stage in given([pages]).items()}
    signed = {role: roles[role] for role in ("documents", "private_data", "verdicts")}
    signatures = made(Signatures(), store, **signed)
    clusters = made(
        Clusters(),
        store,
        signatures=signatures,
        **{role: roles[role] for role in ("pages", "documents", "private_data")},
    )
    texts = {role: roles[role] for role in ("documents", "private_data", "language")}
    corpus = made(Corpus(), store, clusters=clusters, **texts)
    assert corpus.rows["corpus"] == 0
    with pytest.raises(EmptyValidation, match="holds out no document"):
        made(Validation(), store, corpus=corpus, signatures=signatures)
    with pytest.raises(NothingToLearn):
        made(Tokenizer(), store, corpus=corpus)


def test_a_packing_that_loses_a_token_is_refused():
    begins, sizes = np.arange(0, 60, 20), np.full(3, 20)
    tokens = Tokens(np.zeros(60, np.uint32), begins, sizes, np.zeros(60))
    doc_ids = pa.array([bytes([n] * 16) for n in range(3)])
    documents = Documents(doc_ids, pa.nulls(3, pa.string()), tokens)
    pieces = pack(sizes, length=9)
    pieces.size[3] -= 1
    with pytest.raises(ConservationError, match="shard 0007 holds 19 tokens of the document 0101"):
        check_conserved(documents, pieces, shard="0007")
