"""Tables of several versions, read as one: the same rows, whatever the sizes of their batches."""

import pytest

from pipeline.lineage.aligned import aligned
from pipeline.lineage.ancestry import of_refs
from pipeline.lineage.errors import Askew
from pipeline.lineage.living import outdated
from pipeline.lineage.readable import readable
from pipeline.store import Store
from tests.tiny_corpus import copied, two_windows

COLUMNS = {
    "documents": ("url", "text"),
    "signals.words": ("words",),
    "verdicts": ("keep", "rule"),
    "signals.language": (),
}


@pytest.fixture
def second(tmp_path):
    """A store of one's own, and the versions of the second window."""
    store = Store.at(copied(tmp_path) / "store")
    return store, of_refs(store, [stage.ref for stage in two_windows()[2].stages.values()])


class Choppy(Store):
    """A store whose tables come in batches of sizes of their own, empty ones among them."""

    def batches(self, receipt, table, columns):
        size = 1 + len(table) % 5
        for batch in super().batches(receipt, table, columns):
            for start in range(0, batch.num_rows, size):
                yield batch.slice(0, 0)
                yield batch.slice(start, size)


@pytest.mark.parametrize("kind", [Store, Choppy])
def test_the_rows_are_those_of_each_table(second, kind):
    store, line = second
    found = {}
    for rows in aligned(kind.at(store.uri), line.versions, COLUMNS):
        for name, column in {"doc_id": rows.doc_id, **rows.columns}.items():
            found.setdefault(name, []).extend(column.to_pylist())
    tables = {"documents": "documents", "verdicts": "verdicts", "signals.words": "signals"}
    for stage, table in tables.items():
        for name in COLUMNS[stage]:
            there = store.read(line.versions[stage], table, [name])[name].to_pylist()
            assert found[f"{stage}.{name}"] == there
    ids = store.read(line.versions["documents"], "documents", ["doc_id"])["doc_id"].to_pylist()
    assert found["doc_id"] == ids


def test_outdated_records_and_other_shards_are_left_out(second):
    store, line = second
    past = outdated(store, line.versions["pages"])
    assert past.replaced + past.gone == 3
    rows = list(aligned(store, line.versions, COLUMNS, past=past.ids))
    assert sum(len(each.doc_id) for each in rows) == 30
    first = line.versions["documents"].shards[0].name
    some = aligned(store, line.versions, COLUMNS, shards={first})
    assert {each.shard for each in some} == {first}


def test_versions_with_other_documents_are_refused(second):
    store, line = second
    one, other = two_windows()[1:]
    documents = store.open(other.ref("documents"))
    versions = {**line.versions, "verdicts": store.open(one.ref("verdicts"))}
    assert len(documents.shards) > len(versions["verdicts"].shards)
    with pytest.raises(Askew, match="same documents in the same order"):
        list(aligned(store, versions, COLUMNS))


def test_what_is_private_is_not_readable_and_unknown_documents_are_not_there(second):
    store, line = second
    shards = {}
    for rows in aligned(store, line.versions, COLUMNS):
        shards.setdefault(rows.shard, []).extend(rows.doc_id.to_pylist())
    wanted = {shard: [*ids, b"0" * 16] for shard, ids in shards.items()}
    found = readable(store, line, {**wanted, "nowhere": [b"1" * 16]})
    assert set(found) == {(shard, one) for shard, ids in shards.items() for one in ids}
    shown = " ".join(f"{each.title} {each.text}" for each in found.values())
    assert "By <EMAIL>, letter" in shown
    assert "Write to <EMAIL> about it." in shown
    assert "web.de" not in shown
