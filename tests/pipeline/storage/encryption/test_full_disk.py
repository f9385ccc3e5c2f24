"""A disk that takes no more bytes is named, with the remedy that helps there."""

import resource

import pytest

from pipeline.errors import StoreUnreachable
from pipeline.store import Store
from tests.pipeline.storage.crashing import on_both
from tests.pipeline.storage.encryption import keys

LARGEST = 1 << 20  # bytes that this process can write to a file


@pytest.fixture
def source(tmp_path):
    """A file above what can be written from then on."""
    path = tmp_path / "source"
    path.write_bytes(bytes(LARGEST + 1))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST, limits[1]))
    yield path
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@on_both
def test_a_file_that_cannot_be_sealed_says_where_room_is_wanted(
    where, source, tmp_path, monkeypatch
):
    keys.use(monkeypatch, tmp_path / "keys")
    files = Store.at(where).files
    place, remedy = where, "No file of that size"
    if where.startswith("s3:"):
        place, remedy = tmp_path, "Set PENSTOCK_SCRATCH to"
    with pytest.raises(StoreUnreachable, match=rf"{place}.*sealed.*file too large.*\n{remedy}"):
        files.put("a/file", source)
    assert files.size("a/file") is None
    assert not list(files.beneath.scratch().parent.glob("*/*"))
