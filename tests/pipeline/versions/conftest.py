"""The package of source files that the tests of fingerprints change."""

import pytest

from tests.pipeline.versions.tree import Tree


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)
