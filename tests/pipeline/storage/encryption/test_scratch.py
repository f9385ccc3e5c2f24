"""Work in clear lies outside of an encrypted store, or no such store is opened."""

import pytest

from pipeline.storage.encryption.errors import ScratchInside
from pipeline.storage.nearby import VARIABLE
from pipeline.store import Store

pytestmark = pytest.mark.usefixtures("key_file")


@pytest.mark.parametrize(
    "below", ["project/scratch/store", "0123456789abcdef/scratch/store", "a/scratch/b/store", "a"]
)
def test_a_store_beside_the_scratch_folders_keeps_its_work_out_of_itself(
    below, tmp_path, monkeypatch
):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "disk"))
    root = tmp_path / "disk" / below
    files = Store.at(root).files
    assert not files.scratch().is_relative_to(root)
    assert not files.durable("job").is_relative_to(root)


def test_a_store_that_is_itself_work_has_its_work_in_it(tmp_path):
    root = Store.at(tmp_path / "store").files.scratch() / "store"
    assert Store.at(root).files.scratch().is_relative_to(root)


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("below", ["", "scratch", "attempts/scratch"])
def test_a_scratch_folder_in_the_store_is_refused(below, linked, tmp_path, monkeypatch):
    root = scratch = tmp_path / "store"
    root.mkdir()
    if linked:
        scratch = tmp_path / "link"
        scratch.symlink_to(root)
    monkeypatch.setenv(VARIABLE, str(scratch / below))
    with pytest.raises(ScratchInside, match=rf"in clear, is a folder in it.*\n.*Set {VARIABLE}"):
        Store.at(root)
