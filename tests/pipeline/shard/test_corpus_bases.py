"""A corpus shard that stands on an earlier one is, to every reader, as one written anew."""

import random
import time

import pyarrow.parquet as pq
import pytest

from flows.version_files import copy_out
from pipeline.dedup.clusters import Clusters
from pipeline.dedup.signatures import Signatures
from pipeline.errors import DamagedFile
from pipeline.run.executors import Pool
from pipeline.run.made import Made
from pipeline.shard.corpus import Corpus
from pipeline.storage.gc import Keep, collect
from pipeline.storage.references import PINNED, References
from pipeline.storage.verify import repair, verify
from pipeline.store import Store
from schemas.corpus import CORPUS
from tests.pipeline.given import SECRET, WINDOWS, Page, given
from tests.support import made, runner

PAGES = 240


def pages():
    """Each twelfth says what the one before it says, and stays when that is gone."""
    for number in range(PAGES):
        words = random.Random(number - (number % 12 == 1)).choices("abcdefghijklmnop", k=60)
        text = f"Ask {SECRET}. {' '.join(words)}{'' if number % 12 == 1 else ' and so on'}"
        yield Page(f"https://site{number}.example/", text)


SHARDS = [tuple(pages())[at : at + 80] for at in range(0, PAGES, 80)]


def corpus(store, gone=(), executor=None):
    """The corpus without some pages."""
    tombstones = tuple((f"https://site{number}.example/", WINDOWS[1]) for number in sorted(gone))
    stages = given(SHARDS) | {"pages": given(SHARDS, tombstones)["pages"]}
    roles = {role: made(stage, store) for role, stage in stages.items()}

    def take(*names):
        return {name: roles[name] for name in names}

    of = take("documents", "private_data", "verdicts")
    roles["signatures"] = made(Signatures(), store, **of)
    of = take("signatures", "pages", "documents", "private_data")
    roles["clusters"] = made(Clusters(), store, **of)
    of = take("documents", "private_data", "language", "clusters")
    given_by_role = {role: Made(manifest.stage, manifest) for role, manifest in of.items()}
    return runner(store, executor=executor)(Corpus(), **given_by_role).manifest


@pytest.fixture
def store(tmp_path):
    return Store.at(tmp_path / "store")


@pytest.fixture
def scratch(tmp_path):
    """The corpus of a store that had no other."""
    return lambda gone: (
        (fresh := Store.at(tmp_path / f"scratch{len(list(tmp_path.iterdir()))}")),
        corpus(fresh, gone),
    )


def rows(store, manifest):
    return store.read(manifest, "corpus", CORPUS.names).to_pylist()


def tables(store, manifest):
    return [store.receipt(shard).table("corpus") for shard in manifest.shards]


def bases(store, manifest):
    return [table.base for table in tables(store, manifest) if table.base]


@pytest.mark.parametrize("seed", range(4))
def test_corpora_that_follow_each_other_are_those_of_runs_from_scratch(store, scratch, seed):
    chance, gone = random.Random(seed), set()
    corpus(store)
    stood = 0
    for _ in range(6):
        gone ^= set(chance.choices(range(PAGES), k=chance.choice([1, 3, 8])))
        manifest = corpus(store, gone)
        fresh, expected = scratch(gone)
        assert manifest.digests == expected.digests
        assert manifest.account == expected.account
        assert manifest.rows == expected.rows
        assert rows(store, manifest) == rows(fresh, expected)
        stood += len(bases(store, manifest))
    assert stood
    assert not verify(store).damages


def test_rows_that_are_as_they_were_are_not_written_again(store):
    first = corpus(store)
    manifest = corpus(store, {3, 100})
    (left, *_) = [store.receipt(shard).table("corpus") for shard in manifest.shards]
    assert (left.own_rows, left.rows) == (0, store.receipt(first.shards[0]).tables[0].rows - 1)
    assert left.base.table == store.receipt(first.shards[0]).table("corpus")
    assert manifest.shards[2] == first.shards[2]


def test_a_copy_of_a_page_that_is_gone_takes_its_place_in_the_order_of_the_documents(store):
    before = rows(store, corpus(store))
    manifest = corpus(store, {12})
    after = rows(store, manifest)
    assert [row["url"] for row in before if row not in after] == ["https://site12.example/"]
    assert [row["url"] for row in after if row not in before] == ["https://site13.example/"]
    numbers = [int(row["url"].removeprefix("https://site").split(".")[0]) for row in after]
    assert numbers == sorted(numbers)


def test_a_shard_in_which_much_has_changed_is_written_anew(store):
    corpus(store)
    manifest = corpus(store, set(range(30)))
    assert store.receipt(manifest.shards[0]).table("corpus").base is None


def test_a_third_version_stands_on_the_first_and_not_on_the_second(store):
    first = corpus(store)
    corpus(store, {3})
    third = corpus(store, {3, 5})
    (base,) = bases(store, third)
    assert base.table == store.receipt(first.shards[0]).table("corpus")


def test_a_shard_without_a_row_may_get_another_key(store, monkeypatch):
    """It holds copies alone, and one of them, elsewhere, goes."""
    copies = tuple(Page(f"https://copy{n}.example/", page.text) for n, page in enumerate(SHARDS[0]))
    monkeypatch.setitem(globals(), "SHARDS", [SHARDS[0], copies, copies[:5]])
    first = corpus(store)
    kept = [store.receipt(shard).table("corpus").rows for shard in first.shards]
    assert 0 in kept
    manifest = corpus(store, {7})
    assert sum(each.rows for each in tables(store, manifest)) == sum(kept)


def test_damage_does_not_come_back_through_a_version_that_stands_on_it(store):
    first = corpus(store)
    corpus(store, {3})
    path = store.files.root / store.receipt(first.shards[0]).table("corpus").file.path
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    repair(verify(store, [first.ref]).damages, store)
    corpus(store)
    corpus(store, {3})
    corpus(store, {3, 5})
    assert not verify(store).damages


def test_another_recipe_s_newer_version_is_passed_over(store, monkeypatch):
    corpus(store)
    mine = SHARDS
    theirs = [tuple(page._replace(text=f"{page.text} else") for page in shard) for shard in mine]
    monkeypatch.setitem(globals(), "SHARDS", theirs)
    corpus(store)
    monkeypatch.setitem(globals(), "SHARDS", mine)
    assert bases(store, corpus(store, {3}))


def test_a_version_that_cannot_be_read_costs_no_run(store):
    first = corpus(store)
    (store.files.root / f"versions/corpus/{first.ref.key}.json").write_text("{")
    assert not bases(store, corpus(store, {3}))


def test_a_pool_of_processes_takes_over_as_well(store, scratch):
    corpus(store)
    with_pool = Pool(2)
    try:
        manifest = corpus(store, {3, 90}, executor=with_pool)
    finally:
        with_pool.close()
    assert len(bases(store, manifest)) == 2
    _, expected = scratch({3, 90})
    assert manifest.digests == expected.digests


def test_a_copy_out_of_a_damaged_base_leaves_no_short_file(store, tmp_path):
    first = corpus(store)
    manifest = corpus(store, {3})
    path = store.files.root / store.receipt(first.shards[0]).table("corpus").file.path
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedFile):
        copy_out(store, manifest, tmp_path / "out", lambda name, size: None)
    assert not list((tmp_path / "out").glob("*.parquet"))


def test_outside_of_the_store_it_is_a_plain_parquet_file(store, tmp_path):
    corpus(store)
    manifest = corpus(store, {12, 100})
    copy_out(store, manifest, tmp_path / "out", lambda name, size: None)
    files = sorted((tmp_path / "out").glob("*.parquet"))
    found = [row for path in files for row in pq.read_table(path).to_pylist()]
    assert found == rows(store, manifest)


def test_damage_to_a_base_is_seen_by_all_that_stand_on_it_and_mended_by_the_next_run(store):
    first = corpus(store)
    manifest = corpus(store, {3})
    expected = rows(store, manifest)
    path = store.files.root / store.receipt(first.shards[0]).table("corpus").file.path
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedFile):
        rows(store, manifest)
    damages = verify(store).damages
    assert {damage.ref for damage in damages} >= {first.ref, manifest.ref}
    repair(damages, store)
    assert rows(store, corpus(store, {3})) == expected
    corpus(store)
    assert not verify(store).damages


def test_collection_keeps_the_file_that_a_kept_version_stands_on(store):
    corpus(store)
    second = corpus(store, {3})
    third = corpus(store, {3, 5})
    expected = rows(store, third)
    References(store).move("books", PINNED, third.ref, who="me", why="a test")
    sweep = collect(store, Keep(), who="me", why="a test", now=time.time() + 1e6)
    assert second.ref in sweep.versions
    assert not store.intact(second)
    assert rows(store, third) == expected
