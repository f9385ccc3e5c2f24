"""The wrapped data keys of a store: which counts, how a master key is rotated, what is none."""

import json
import time

import pytest

from pipeline.storage.encryption import keyring
from pipeline.storage.encryption.errors import NoKey, WrongKey
from pipeline.storage.encryption.founding import founded
from pipeline.storage.encryption.key_file import new_key
from pipeline.storage.encryption.keyring import wrapped_keys
from pipeline.storage.encryption.settings import FILE_VARIABLE, SERVICE_VARIABLE
from pipeline.storage.local import LocalFiles
from pipeline.store import Store
from tests.pipeline.storage.encryption import keys


def only(path, *names):
    """Leave the lines of some keys in a key file."""
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if line.split()[0] in names))


@pytest.mark.parametrize(
    "stray", ["one/.part-0123456789abcdef", ".DS_Store", "one/deep/er", "one/" + "0" * 23]
)
def test_a_stray_file_beside_the_data_keys_is_none_of_them(stray, key_file, root, monkeypatch):
    Store.at(root).files.create("a", b"content")
    (root / "keys" / stray).parent.mkdir(parents=True, exist_ok=True)
    (root / "keys" / stray).write_bytes(b"?")
    assert Store.at(root).files.read("a") == b"content"
    monkeypatch.delenv(FILE_VARIABLE)
    with pytest.raises(NoKey, match="encrypted, by the key one\\."):
        Store.at(root)


def test_a_new_first_key_writes_and_the_older_one_may_go(key_file, root, tmp_path, monkeypatch):
    Store.at(root).files.create("old", b"1")
    old = tmp_path / "old"
    old.write_text(key_file.read_text())
    old.chmod(0o600)
    new_key(key_file, "two")
    looking = Store.at(root, create=False).files  # who may not found one adds no key either
    assert keyring.master_names(looking) == ["one"]
    Store.at(root).files.create("new", b"2")
    only(key_file, "two")
    files = Store.at(root, create=False).files
    assert (files.read("old"), files.read("new"), looking.read("new")) == (b"1", b"2", b"2")
    assert files.lying("old")[8:20] != files.lying("new")[8:20]
    monkeypatch.setenv(FILE_VARIABLE, str(old))
    with pytest.raises(WrongKey, match="by the keys one, two; at hand"):
        Store.at(root, create=False)


def test_the_newest_data_key_writes_on_a_machine_whose_clock_is_late(key_file, root, monkeypatch):
    files = Store.at(root).files
    files.create("old", b"1")
    new_key(key_file, "two")
    monkeypatch.setattr(keyring.time, "time_ns", lambda: 1_000_000_000)
    files = Store.at(root).files
    files.create("new", b"2")
    assert files.lying("old")[8:20] < files.lying("new")[8:20]


@pytest.mark.parametrize("service", [False, True])
def test_an_older_data_key_is_not_taken_for_a_newer_one(service, root, tmp_path, monkeypatch):
    if service:
        monkeypatch.setenv(SERVICE_VARIABLE, f"{keys.HERE}:Counting")
    else:
        keys.use(monkeypatch, tmp_path / "keys")
    files = Store.at(root).files.beneath
    ((number, names),) = wrapped_keys(files).items()
    (path,) = names.values()
    files.create(path.replace(number.hex(), "e" * 24), files.read(path))
    with pytest.raises(WrongKey, match="or the wrapped one in keys/ is damaged"):
        Store.at(root)


def test_a_data_key_of_another_store_is_none_of_this(key_file, root):
    files = Store.at(root).files.beneath
    time.sleep(0.002)  # so that the other number is above
    other = Store.at(root.parent / "other").files.beneath
    for names in wrapped_keys(other).values():
        files.create(names["one"], other.read(names["one"]))
    with pytest.raises(WrongKey, match="or the wrapped one in keys/ is damaged"):
        Store.at(root)


def test_of_two_that_found_a_store_at_once_each_has_a_data_key_in_it(key_file, root):
    late = LocalFiles(root)
    record = founded(late)
    Store.at(root).files.create("a", b"content")
    assert not late.create("store.json", json.dumps(record).encode())
    assert len(wrapped_keys(late)) == 2
    files = Store.at(root, create=False).files
    assert files.create("b", b"more")
    assert (files.read("a"), files.read("b")) == (b"content", b"more")


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_rotation_that_was_cut_short_is_completed_by_the_next_that_opens(cut, key_file, root):
    files = Store.at(root).files
    files.create("old", b"1")
    new_key(key_file, "other")
    Store.at(root).files.create("later", b"2")
    new_key(key_file, "two")
    Store.at(root)
    made = [f"keys/two/{number.hex()}" for number in sorted(wrapped_keys(files.beneath))]
    for path in made[cut - 1 :]:  # what would not have been there yet
        files.delete(path)
    Store.at(root).files.create("new", b"3")
    only(key_file, "two")
    files = Store.at(root, create=False).files
    assert [files.read(path) for path in ("old", "later", "new")] == [b"1", b"2", b"3"]
    assert len({files.lying(path)[8:20] for path in ("old", "later", "new")}) == 3
    count = len(list(files.entries("keys")))
    Store.at(root)
    assert len(list(files.entries("keys"))) == count
