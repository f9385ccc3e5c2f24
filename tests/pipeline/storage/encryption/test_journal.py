"""The journal of an unfinished unit in an encrypted store: damage is told as it is elsewhere."""

import pytest

from pipeline.storage.errors import DamagedJournal
from pipeline.storage.journal import FOLDER, Journal
from pipeline.store import Store
from tests.pipeline.storage.encryption import keys

AT = f"{FOLDER}/pages/one"


def flip(files, path, place):
    sealed = bytearray(files.lying(path))
    sealed[place] ^= 1
    files.beneath.replace(path, bytes(sealed))


@pytest.fixture
def files(tmp_path, monkeypatch):
    keys.use(monkeypatch, tmp_path / "keys")
    return Store.at(tmp_path / "store").files


def test_a_segment_that_does_not_decrypt_says_which_folder_to_delete(files):
    (piece,) = Journal(files, AT).append([{"n": 1}], [b"x" * 100_000])
    assert Journal(files, AT).read(piece) == b"x" * 100_000
    flip(files, f"{AT}/segments/00000001", -20)
    assert [rows for _, rows, _ in Journal(files, AT).segments()] == [[{"n": 1}]]
    with pytest.raises(DamagedJournal, match=f"does not decrypt.*\n.*Delete the folder {AT}"):
        Journal(files, AT).read(piece)
    flip(files, f"{AT}/segments/00000001", 61)
    with pytest.raises(DamagedJournal, match="Delete the folder"):
        list(Journal(files, AT).segments())


def test_a_snapshot_that_does_not_decrypt_is_passed_over(files):
    journal = Journal(files, AT)
    journal.append([1], [])
    journal.snapshot({"so": "far"})
    assert Journal(files, AT).newest_snapshot() == (1, {"so": "far"})
    flip(files, f"{AT}/snapshots/00000001", 70)
    assert Journal(files, AT).newest_snapshot() is None
