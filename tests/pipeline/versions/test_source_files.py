"""Source files that cannot be followed are named, and none is ever run."""

import pytest

from pipeline.versions.errors import StarImport, UnknownDefinition, UnreadableSource
from tests.pipeline.versions.tree import reached


@pytest.mark.parametrize("line", ["from .words import *", "from math import *"])
def test_a_star_import_is_refused_with_its_file(tree, line):
    tree.write("one.py", f"'''One.'''\n{line}\ndef f(): pass")
    with pytest.raises(StarImport, match=r"one\.py, line 2"):
        tree.code("ours.one:f")


@pytest.mark.parametrize(
    "entry", ["ours.rule:Gone", "ours.gone:f", "theirs.rule:f", "ours.rule:WordCount.gone"]
)
def test_an_entry_that_is_not_there_is_an_error(tree, entry):
    with pytest.raises(UnknownDefinition, match=entry):
        tree.code(entry)


@pytest.mark.parametrize("line", ["from .words import gone", "import ours.gone as gone"])
def test_an_import_of_ours_that_is_not_there_is_an_error(tree, line):
    with pytest.raises(UnknownDefinition, match=r"ours.*gone"):
        reached(tree, f"{line}\ndef f(x): return gone.x")


def test_a_file_that_is_not_python_is_named(tree):
    with pytest.raises(UnreadableSource, match=r"one\.py"):
        reached(tree, "def f(:")


def test_reading_never_runs_the_code(tree, tmp_path):
    reached(tree, f"open({str(tmp_path / 'ran')!r}, 'w')\ndef f(): pass")
    assert not (tmp_path / "ran").exists()
