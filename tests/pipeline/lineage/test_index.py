"""The index answers as reading everything does, whatever became of its files."""

import shutil
from collections import Counter

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.lineage.errors import DamagedIndex
from pipeline.lineage.impact import impact
from pipeline.lineage.index import build, segment
from pipeline.lineage.index.facts import number
from pipeline.lineage.index.index import Index
from pipeline.lineage.index.segment import Reader
from pipeline.sites import Subject
from pipeline.storage.references import References
from pipeline.store import Store
from tests.tiny_corpus import SITE, copied, two_windows

COLUMNS = (
    "doc_id",
    "kind",
    "stage",
    "shard",
    "row",
    "window",
    "rule",
    "value",
    "threshold",
    "kept",
)


def bare(folder):
    """A store of one's own without an index, whoever has asked the shared one before."""
    shutil.rmtree(copied(folder) / "store/index", ignore_errors=True)
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return Store.at(bare(tmp_path_factory.mktemp("store")) / "store")


@pytest.fixture(scope="module")
def scanned(store):
    """Every fact, by reading every table of every shard, and the address of each document."""
    facts, urls = set(), {}
    for manifest in all_manifests(store):
        for shard in manifest.shards:
            receipt = store.receipt(shard)
            place = (receipt.stage, number(receipt.shard_key))
            for table in receipt.tables:
                rows = pq.read_table(store.files.root / table.file.path).to_pylist()
                facts |= {
                    one for n, row in enumerate(rows) for one in said(table.name, n, row, place)
                }
                if table.name == "pages":
                    urls |= {row["doc_id"]: row["url"] for row in rows}
    return facts, urls


def all_manifests(store):
    stages = {entry.path.split("/")[1] for entry in store.files.entries("versions")}
    return [manifest for stage in sorted(stages) for manifest in store.manifests(stage)]


def said(table, n, row, place):
    stage, shard = place
    blank = dict.fromkeys(COLUMNS) | {"doc_id": row.get("doc_id"), "stage": stage, "shard": shard}
    if table == "pages":
        yield fact(blank, kind="page", row=n, window=row["window"])
    if table == "tombstones":
        yield fact(blank, kind="gone", window=row["window"], rule=row["why"])
    if table == "ledger":
        told = {name: row[name] for name in ("rule", "value", "threshold", "kept")}
        yield fact(blank, kind=row["outcome"], row=n, **told)
    if table == stage and stage in ("corpus", "validation"):
        yield fact(blank, kind="kept", row=n)
    if table == "row_map":
        yield fact(blank, kind="packed", row=row["row"])


def fact(blank, **values):
    return tuple((blank | values).values())


def told(table):
    return Counter(tuple(row[name] for name in COLUMNS) for row in table.to_pylist())


def whole(index):
    return told(index.of_subject(Subject.domain("pages.example")))


def test_a_domain_has_every_fact_of_its_documents_once(store, scanned):
    facts, urls = scanned
    assert set(urls.values()) and all(url.startswith(SITE) for url in urls.values())
    assert whole(Index.of(store)) == Counter(facts)


@settings(max_examples=30)
@given(choice=st.lists(st.integers(0, 40), max_size=6))
def test_any_documents_and_addresses_have_the_facts_that_a_scan_finds(store, scanned, choice):
    facts, urls = scanned
    index = Index.of(store)
    for chosen in choice:
        url = f"{SITE}{chosen:02d}.html"
        ids = {doc_id for doc_id, each in urls.items() if each == url}
        expected = Counter(fact for fact in facts if fact[0] in ids)
        assert told(index.of_subject(Subject.address(url))) == expected
        assert told(index.of_documents(ids)) == expected
        for doc_id in ids:
            prefix = doc_id.hex()[:7]
            same = Counter(each for each in facts if each[0].hex().startswith(prefix))
            assert told(index.of_prefix(prefix)) == same


@pytest.mark.parametrize("asked", ["pages.example", f"{SITE}01.html", f"{SITE}03.html"])
def test_what_a_subject_reaches_is_what_a_scan_finds(store, scanned, asked):
    facts, urls = scanned
    subject = Subject.address(asked) if "://" in asked else Subject.domain(asked)
    ids = {doc_id for doc_id, url in urls.items() if subject.covers(url)}
    mine = [dict(zip(COLUMNS, fact, strict=True)) for fact in facts if fact[0] in ids]
    mine = [one for one in mine if one["kind"] != "gone"]
    found = impact(Index.of(store), subject)
    kinds = {one["kind"] for one in mine}
    assert found.documents == len({one["doc_id"] for one in mine})
    assert found.records == {
        kind: len({one["doc_id"] for one in mine if one["kind"] == kind}) for kind in sorted(kinds)
    }
    named = {one["shard"] for one in mine}
    assert named <= {shard for shards in found.shards.values() for shard in shards}
    held = {
        manifest.ref
        for manifest in all_manifests(store)
        if named & {number(shard.shard_key) for shard in manifest.shards}
    }
    assert held <= {each.ref for each in found.versions}


def test_holders_are_those_whose_manifests_name_a_shard(store):
    index = Index.of(store)
    expected = {
        (number(shard.shard_key), manifest.ref, shard.name)
        for manifest in all_manifests(store)
        for shard in manifest.shards
    }
    assert set(index.holders({shard for shard, _, _ in expected})) == expected
    assert list(index.versions) == sorted(
        index.versions, key=lambda ref: (index.made(ref), ref.key)
    )


def test_names_are_labels_and_what_moving_names_point_to_now(store):
    index, names = Index.of(store), References(store)
    latest = names.resolve("corpus/tiny@latest")
    assert index.names[latest][0] == "corpus/tiny@latest"
    labels = [names.versions("corpus", "tiny").get(n) for n in (1, 2)]
    assert all(f"corpus/tiny@{each.label}" in index.names[each.ref] for each in labels)


def test_the_index_can_be_thrown_away(tmp_path):
    store = Store.at(bare(tmp_path) / "store")
    before = whole(Index.of(store))
    shutil.rmtree(tmp_path / "store/index")
    assert whole(Index.of(store)) == before
    assert whole(Index.of(store, rebuild=True)) == before


def test_what_is_there_is_not_indexed_again(tmp_path):
    store = Store.at(bare(tmp_path) / "store")
    said = []
    Index.of(store, say=said.append)
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "store/index").rglob("*")}
    Index.of(store, say=said.append)
    assert len(said) == 1
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "store/index").rglob("*")} == files


@pytest.mark.parametrize("first", ["pages", "corpus"])
def test_versions_come_in_one_by_one_and_segments_are_merged(tmp_path, monkeypatch, first):
    store = Store.at(bare(tmp_path / "whole") / "store")
    expected = whole(Index.of(store))
    folder = tmp_path / "slow/store"
    shutil.copytree(tmp_path / "whole/store", folder, ignore=shutil.ignore_patterns("index"))
    waiting = sorted(folder.glob("versions/*/*.json"), key=lambda p: (p.parent.name != first, p))
    contents = {path: path.read_bytes() for path in waiting}
    for path in waiting:
        path.unlink()
    monkeypatch.setattr(build, "FAN", 3)
    counts = []
    for path in waiting:
        path.write_bytes(contents[path])
        Index.of(Store.at(folder))
        counts.append(len(build.segments(Store.at(folder))))
    assert max(counts) < len(waiting)
    assert whole(Index.of(Store.at(folder))) == expected


def test_two_drivers_that_index_the_same_shards_say_nothing_twice(tmp_path):
    store = Store.at(bare(tmp_path) / "store")
    first = Index.of(store)
    readers = [Reader(store, each) for each in build.segments(store)]
    full = next(reader for reader in readers if reader.segment.rows)
    shards = full.whole("shards").slice(0, 2)
    facts = full.whole(segment.BY_SITE)
    mine = facts.filter(pc.is_in(facts["shard"], value_set=shards["shard"].combine_chunks()))
    tables = {name: full.whole(name).slice(0, 0) for name in ("versions", "holdings", "names")}
    contents = segment.Contents(facts=mine, shards=shards, **tables)
    segment.write_segment(store, contents, runs=first._covered_runs)
    again = Index.of(store)
    assert mine.num_rows
    assert len(build.segments(store)) == len(readers) + 1
    assert whole(again) == whole(first)


def test_a_shard_whose_files_are_gone_is_not_spoken_of(tmp_path):
    store = Store.at(bare(tmp_path) / "store")
    before = whole(Index.of(store))
    corpus = next(store.manifests("corpus"))
    receipt = store.receipt(corpus.shards[0])
    (tmp_path / "store" / receipt.tables[0].file.path).unlink()
    left = whole(Index.of(Store.at(tmp_path / "store")))
    shard = number(corpus.shards[0].shard_key)
    gone = {fact for fact in before if fact[COLUMNS.index("shard")] == shard}
    assert gone
    assert left == Counter({fact: n for fact, n in before.items() if fact not in gone})
    assert whole(Index.of(Store.at(tmp_path / "store"), rebuild=True)) == left


@pytest.mark.parametrize("place", [30, -3])
def test_damage_is_told_with_the_command_that_mends_it(tmp_path, place):
    store = Store.at(bare(tmp_path) / "store")
    whole(Index.of(store))
    files = (tmp_path / "store/index/files").glob("*-by_site.parquet")
    path = max(files, key=lambda path: path.stat().st_size)
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedIndex, match="penstock lineage --rebuild-index"):
        whole(Index.of(store))
    assert whole(Index.of(store, rebuild=True))


def test_the_store_is_not_changed_beside_the_index(tmp_path):
    source, _, _ = two_windows()
    store = Store.at(bare(tmp_path) / "store")
    Index.of(store)
    ours = {"index", "attempts"}
    now = {p.relative_to(tmp_path / "store") for p in (tmp_path / "store").rglob("*")}
    shutil.rmtree(source / "store/index", ignore_errors=True)
    then = {p.relative_to(source / "store") for p in (source / "store").rglob("*")}
    assert {path for path in now - then if path.parts[0] not in ours} == set()
