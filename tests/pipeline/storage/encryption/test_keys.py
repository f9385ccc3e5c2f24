"""Which keys open which store, and what is said where they do not."""

import os
import pickle
import stat
from pathlib import Path

import pytest

from flows.cli import main
from pipeline.errors import StoreError
from pipeline.storage.encryption.errors import (
    BadKeyFile,
    BadKeyService,
    KeysGone,
    NoKey,
    NotEncrypted,
    RecordGone,
    WrongKey,
)
from pipeline.storage.encryption.key_file import new_key
from pipeline.storage.encryption.settings import FILE_VARIABLE, SERVICE_VARIABLE
from pipeline.store import Store
from tests.pipeline.storage.encryption import keys


def test_a_store_says_by_which_keys_it_is_encrypted_and_wants_one(key_file, root, monkeypatch):
    Store.at(root).files.create("a/file", b"content")
    monkeypatch.delenv(FILE_VARIABLE)
    for open_it in (Store.at, Store.seen_at):
        with pytest.raises(NoKey, match=f"encrypted, by the key one.*\n.*{FILE_VARIABLE}=/path"):
            open_it(root)


def test_another_key_opens_nothing(key_file, root, tmp_path, monkeypatch):
    Store.at(root)
    keys.use(monkeypatch, tmp_path / "second", "two")
    with pytest.raises(WrongKey, match="by the key one; at hand is the key two"):
        Store.at(root, create=False)
    keys.use(monkeypatch, tmp_path / "third", "one")
    with pytest.raises(WrongKey, match="another key of the name one"):
        Store.at(root, create=False)


def test_a_store_in_clear_is_not_used_as_if_it_were_encrypted(root, tmp_path, monkeypatch):
    Store.at(root)
    keys.use(monkeypatch, tmp_path / "keys")
    with pytest.raises(NotEncrypted, match="is not encrypted, but the environment names a key"):
        Store.at(root)


def test_a_store_whose_data_keys_are_gone_is_not_given_new_ones(key_file, root):
    files = Store.at(root).files
    for entry in list(files.entries("keys")):
        files.delete(entry.path)
    with pytest.raises(KeysGone, match=r"keys is not what it was.*\n.*from a copy"):
        Store.at(root)


@pytest.mark.parametrize("folder", ["versions/pages", "shards/pages/aa", "refs"])
def test_a_store_whose_record_is_lost_is_not_founded_anew(folder, key_file, root, monkeypatch):
    files = Store.at(root).files
    files.create(f"{folder}/one", b"content")
    record = (root / "store.json").read_bytes()
    (root / "store.json").unlink()
    for open_it in (Store.at, Store.seen_at):
        with pytest.raises(RecordGone, match=r"store.json is gone.*\n.*from a copy of the store\."):
            open_it(root)
    with monkeypatch.context() as patch, pytest.raises(RecordGone, match="keys/, which holds"):
        patch.delenv(FILE_VARIABLE)
        Store.at(root)
    assert not (root / "store.json").exists()
    (root / "store.json").write_bytes(record)
    assert Store.at(root).files.read(f"{folder}/one") == b"content"


def test_a_store_in_clear_whose_record_is_lost_is_not_encrypted_from_then_on(
    root, tmp_path, monkeypatch
):
    Store.at(root).files.create("refs/one", b"content")
    (root / "store.json").unlink()
    keys.use(monkeypatch, tmp_path / "keys")
    with pytest.raises(RecordGone, match=r"the environment names a key.*\n.*in clear, unset"):
        Store.at(root)
    monkeypatch.delenv(FILE_VARIABLE)
    assert Store.at(root).files.read("refs/one") == b"content"


def test_a_founding_that_was_cut_short_is_gone_on_with_by_who_has_the_key(
    key_file, root, monkeypatch
):
    Store.at(root)
    (root / "store.json").unlink()
    with monkeypatch.context() as patch, pytest.raises(NoKey, match="by the key one"):
        patch.delenv(FILE_VARIABLE)
        Store.at(root)
    assert Store.at(root).files.create("a", b"content")


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        (None, 0o600, "no such file"),
        ("", 0o600, "it holds no key"),
        ("one  c2hvcnQ=\n", 0o600, "line 1 is not a name of its own and 256 bits"),
        (f"# so\n../one  {'A' * 43}=\n", 0o600, "line 2 is not a name"),
        (f"one  {'A' * 43}=\none  {'A' * 43}=\n", 0o600, "line 2 is not a name of its own"),
        (
            f"one  {'A' * 43}=\n",
            0o640,
            r"others may read or change it \(mode 0640\).*\n.*chmod 600",
        ),
        (b"\xff\xfe\x00 x", 0o600, "line 1 is not a name"),
    ],
)
def test_a_bad_key_file_is_told_of(content, mode, said, root, tmp_path, monkeypatch):
    path = tmp_path / "keys"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)
    monkeypatch.setenv(FILE_VARIABLE, str(path))
    with pytest.raises(BadKeyFile, match=said) as told:
        Store.at(root)
    assert "AAAA" not in str(told.value)
    assert not root.exists()


def test_keygen_makes_private_files_and_shows_no_key(tmp_path, capsys):
    path = tmp_path / "keys"
    assert main(["keygen", str(path), "--name", "one"]) == 0
    assert main(["keygen", str(path)]) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    names = [line.split()[0] for line in path.read_text().splitlines()[1:]]
    assert (len(names), names[1]) == (2, "one")
    said = capsys.readouterr().out
    assert f"export {FILE_VARIABLE}={path}" in said
    assert not [line for line in path.read_text().splitlines()[1:] if line.split()[1] in said]
    assert main(["keygen", str(path), "--name", "one"]) == 1
    assert main(["keygen", str(path), "--name", "../x"]) == 1
    assert len(path.read_text().splitlines()) == 3


def test_a_new_key_is_on_the_disk_under_its_name_before_it_is_told_of(tmp_path, monkeypatch):
    flushed, fsync = [], os.fsync

    def telling(handle):
        fsync(handle)
        flushed.append((Path(f"/proc/self/fd/{handle}").readlink(), path.exists()))

    path = tmp_path / "keys"
    monkeypatch.setattr(os, "fsync", telling)
    new_key(path, "one")
    assert flushed[-1] == (tmp_path, True)
    assert [there for _, there in flushed] == [False, True]


def test_a_key_file_that_is_a_link_stays_one(tmp_path):
    real, link = tmp_path / "safe" / "keys", tmp_path / "keys"
    real.parent.mkdir()
    link.symlink_to(real)
    for count, name in enumerate(("one", "two"), start=1):
        new_key(link, name)
        assert link.is_symlink()
        assert len(real.read_text().splitlines()) == 1 + count
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Missing", r"cannot be made \(AttributeError\)|cannot be made"),
        ("Idle", "what it wraps is not wrapped"),
        ("Nameless", "`key_id` is not a name"),
        ("Refusing", r"it cannot unwrap a data key \(PermissionError\)"),
    ],
)
def test_a_key_service_that_cannot_be_used_is_told_of_without_its_words(
    name, said, root, monkeypatch
):
    monkeypatch.setenv(SERVICE_VARIABLE, f"{keys.HERE}:{name}")
    with pytest.raises(BadKeyService, match=said) as told:
        Store.at(root)
    error, seen = told.value, []
    while error is not None:
        seen.append(str(error))
        error = error.__cause__ or error.__context__
    assert "s3cr3t" not in " ".join(seen)


def test_keys_come_from_one_place(key_file, root, monkeypatch):
    monkeypatch.setenv(SERVICE_VARIABLE, f"{keys.HERE}:Counting")
    with pytest.raises(BadKeyFile, match="a store has its keys from one place"):
        Store.at(root)


def test_what_is_sent_to_another_process_holds_no_key(key_file, root, monkeypatch):
    files = Store.at(root).files
    files.create("a", b"content")
    sent = pickle.dumps(files)
    assert (str(root) in sent.decode("latin-1"), len(sent) < 300) == (True, True)
    assert pickle.loads(sent).read("a") == b"content"
    monkeypatch.delenv(FILE_VARIABLE)
    with pytest.raises(StoreError, match="encrypted"):
        pickle.loads(sent)
