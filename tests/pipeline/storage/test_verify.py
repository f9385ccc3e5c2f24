"""Damage is found and named before it is used, and what is damaged is made again."""

import random

import pyarrow as pa
import pytest

from pipeline.errors import DamagedFile
from pipeline.storage.verify import repair, verify
from pipeline.store import Store
from schemas.artifact import Exactness
from tests.pipeline.storage.tiny import run


@pytest.fixture
def store(place):
    return Store.at(place / "store")


def flip(path, bit):
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def data_files(store):
    """The files that receipts name."""
    paths = [entry.path.split("/") for entry in store.files.entries("shards")]
    receipts = [store.find_receipt(p[1], p[3]) for p in paths if p[-1] == "receipt.json"]
    return [file.path for receipt in receipts for file in receipt.every_file()]


def test_a_sound_store_has_no_damage(store):
    run("report", store)
    found = verify(store)
    assert found.damages == ()
    assert (found.versions, found.shards, found.files) == (3, 5, len(data_files(store)))
    assert found.size == sum(store.files.size(path) for path in data_files(store))


def test_one_flipped_bit_in_any_file_is_found_and_repaired(store):
    expected = run("report", store)
    draw = random.Random(1)
    for number in range(len(data_files(store))):
        path = data_files(Store.at(store.files.root))[number]
        whole = store.files.root / path
        flip(whole, draw.randrange(whole.stat().st_size * 8))
        found = verify(store).damages
        assert [damage.path for damage in found] == [path]
        assert "bytes are not those that were written" in str(found[0])
        assert found[0].exactness is Exactness.EXACT
        repair(found, store)
        again = run("report", Store.at(store.files.root))
        assert (again.ref, again.digests) == (expected.ref, expected.digests)
        assert verify(store).damages == ()


@pytest.mark.parametrize("damage", ["cut", "longer", "gone"])
def test_a_file_that_is_cut_or_gone_is_named(store, damage):
    run("report", store)
    paths = data_files(store)[:3]
    for path in paths:
        whole = store.files.root / path
        content = whole.read_bytes()
        whole.write_bytes(content[:-1] if damage == "cut" else content + b"x")
        if damage == "gone":
            whole.unlink()
    found = verify(store)
    assert {each.path for each in found.damages} == set(paths)
    repair(found.damages, store)
    run("report", Store.at(store.files.root))
    assert verify(store).damages == ()


def test_damage_in_several_files_at_once_is_found_in_one_walk(store):
    run("clusters", store)
    paths = data_files(store)[::2]
    for path in paths:
        flip(store.files.root / path, 8 * 5)
    assert {damage.path for damage in verify(store).damages} == set(paths)


def test_only_the_versions_asked_for_are_read(store):
    manifest = run("report", store)
    flip(store.files.root / data_files(store)[0], 40)  # of judged
    assert verify(store, [manifest.ref]).damages == ()
    assert verify(store, [manifest.inputs["judged"]]).damages != ()


@pytest.mark.parametrize("kind", ["receipt", "manifest"])
@pytest.mark.parametrize("how", ["cut", "digest"])
def test_a_damaged_record_is_found_and_written_again(store, kind, how):
    expected = run("judged", store)
    shard = expected.shards[0]
    path = {
        "receipt": store.receipt_path(shard.stage, shard.shard_key),
        "manifest": f"versions/judged/{expected.ref.key}.json",
    }[kind]
    whole = store.files.root / path
    text = whole.read_text()
    old = store.receipt(shard).tables[-1].digests["doc_id"] if kind == "receipt" else ""
    old = old or expected.digests["judged.keep"]
    whole.write_text(text[:100] if how == "cut" else text.replace(old, old[::-1]))
    found = verify(store).damages
    assert [damage.path for damage in found] == [path]
    repair(found, store)
    assert run("judged", Store.at(store.files.root)).digests == expected.digests
    assert verify(store).damages == ()


def test_a_cut_record_stops_a_run_with_a_sentence(store):
    manifest = run("judged", store)
    path = store.files.root / f"versions/judged/{manifest.ref.key}.json"
    path.write_text(path.read_text()[:50])
    with pytest.raises(DamagedFile, match=r"manifest of judged@.* is damaged.*\n.*verify --repair"):
        Store.at(store.files.root).open(manifest.ref)


def test_a_shard_made_again_meanwhile_is_not_set_aside(store):
    manifest = run("judged", store)
    path = data_files(store)[0]
    flip(store.files.root / path, 40)
    late = verify(store).damages
    repair(late, store)
    run("judged", Store.at(store.files.root))
    repair(late, store)  # somebody else's walk had found the same
    assert Store.at(store.files.root).intact(manifest)


def test_no_single_flipped_bit_is_read_as_if_it_were_data(store):
    manifest = run("words", store)
    receipt = store.receipt(manifest.shards[0])
    columns = ["doc_id", "text", "length"]
    whole = pa.Table.from_batches(store.batches(receipt, "words", columns))
    path = store.files.root / receipt.table("words").file.path
    content = path.read_bytes()
    path.unlink()  # it may be linked
    draw = random.Random(2)
    refused = 0
    for bit in draw.sample(range(8 * len(content)), 1000):
        path.write_bytes(content)
        flip(path, bit)
        try:
            read = pa.Table.from_batches(store.batches(receipt, "words", columns))
        except DamagedFile:
            refused += 1
        else:
            assert read.equals(whole), f"bit {bit} was read wrongly"
    assert refused > 500


def test_no_file_beside_the_tables_is_read_with_a_flipped_bit(store, tmp_path):
    manifest = run("report", store)
    receipt = store.receipt(manifest.shards[0])
    path = store.files.root / store.stored_file(manifest, "report.txt").path
    content = path.read_bytes()
    path.unlink()  # it may be linked
    for bit in (0, 8 * len(content) // 2, 8 * len(content) - 1):
        path.write_bytes(content)
        flip(path, bit)
        with pytest.raises(DamagedFile, match=path.name):
            Store(store.files).open_file(receipt, "report.txt")
        with pytest.raises(DamagedFile, match=path.name):
            Store(store.files).local(store.stored_file(manifest, "report.txt"), tmp_path)
        assert path.exists()  # whoever verifies is told of it
    path.write_bytes(content)
    with Store(store.files).open_file(receipt, "report.txt") as whole:
        assert whole.read() == content
