"""Signals through the real store: a row for every document, a version for every family."""

import pytest

from pipeline.signals.family import Family
from pipeline.signals.stage import Signals
from pipeline.store import Store
from tests.pipeline.signals.taught import taught
from tests.pipeline.signals.written import Written
from tests.support import made

TEXTS = ("To be, or not to be.", None, "", "다음과 같다.", "write to ann@web.de", None, "a b a b")


@pytest.fixture
def store(tmp_path):
    return Store.at(tmp_path / "store")


@pytest.mark.parametrize("kind", Family.known())
def test_every_document_has_its_row_and_quarantined_ones_are_null(store, kind, tmp_path):
    documents = made(Written(texts=TEXTS), store)
    stage = Signals(family=kind)
    learnt = {role: made(taught(tmp_path), store) for role in stage.learns()}
    manifest = made(stage, store, documents=documents, **learnt)
    names = stage.tables()["signals"].names
    rows = store.read(manifest, "signals", names).to_pylist()
    ids = store.read(documents, "documents", ["doc_id"])["doc_id"].to_pylist()
    assert manifest.stage == f"signals.{kind}"
    assert [row["doc_id"] for row in rows] == ids
    assert [row["measured"] for row in rows] == [None if text is None else True for text in TEXTS]
    for row in rows:
        if row["measured"] is None:
            assert {row[name] for name in names if name != "doc_id"} == {None}
    assert set(manifest.digests) >= {f"signals.{kind}"}


def test_the_signals_stand_beside_their_documents(store):
    documents = made(Written(texts=TEXTS), store)
    manifest = made(Signals(family="words"), store, documents=documents)
    words = store.read(manifest, "signals", ["words"])["words"].to_pylist()
    assert words == [6, None, 0, 2, 3, None, 4]


def test_a_setting_of_one_family_makes_only_that_one_anew(store):
    documents = made(Written(texts=TEXTS), store)
    one, two = (
        made(Signals(family={"kind": "private_data", "kinds": kinds}), store, documents=documents)
        for kinds in (("email", "phone"), ("phone",))
    )
    assert one.ref != two.ref
    again = Signals.model_validate(Signals(family="words").model_dump(mode="json"))
    first = made(Signals(family="words"), store, documents=documents)
    assert made(again, store, documents=documents) == first
