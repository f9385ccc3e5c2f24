"""A key, and the place of a store."""

import pytest

from tests.pipeline.storage.encryption import keys


@pytest.fixture
def key_file(tmp_path, monkeypatch):
    return keys.use(monkeypatch, tmp_path / "keys")


@pytest.fixture
def root(tmp_path):
    return tmp_path / "store"
