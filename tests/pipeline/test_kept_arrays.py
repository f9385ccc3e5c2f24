"""Arrays that are kept are those that were made, and nothing that is damaged is taken for them."""

import importlib

import numpy as np
import pytest

from pipeline.dedup.minhash import permutations
from pipeline.dedup.shingles import _folded
from pipeline.extract import look
from pipeline.kept_arrays import kept, source_of
from pipeline.run.keys import code_of
from pipeline.signals import profiles
from pipeline.signals.kernels import blanks, characters

MAKERS = {
    "profiles": (profiles._tables, ()),
    "kinds": (characters._kinds, ()),
    "lower case": (characters._lower_case, ()),
    "readable": (blanks._readable, ()),
    "permutations": (permutations, (140, 1)),
    "looks": (look._tables, ()),
    "words": (_folded, ("runs",)),
}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def maker(path, calls):
    """As a new process would have it, from a source that lies at `path`."""

    @kept(source_of(str(path)))
    def squares(count):
        calls.append(count)
        return np.arange(count) ** 2, np.array(2.5), np.array(["a", "bc"])

    return squares


@pytest.fixture(name="source")
def _source(tmp_path):
    path = tmp_path / "source.py"
    path.write_text("one")
    return path


def test_a_later_process_takes_what_was_made(source):
    calls = []
    first = maker(source, calls)(5)
    for made in (first, maker(source, calls)(5)):
        assert [array.tolist() for array in made] == [[0, 1, 4, 9, 16], 2.5, ["a", "bc"]]
        assert not any(array.flags.writeable for array in made)
    assert calls == [5]
    maker(source, calls)(6)
    assert calls == [5, 6]


def test_an_edit_of_the_source_makes_them_anew(source):
    calls = []
    maker(source, calls)(5)
    source.write_text("two")
    maker(source, calls)(5)
    assert calls == [5, 5]


@pytest.mark.parametrize("damage", [b"", b"x", bytes(32), bytes(100)])
def test_damaged_ones_are_made_anew(source, tmp_path, damage):
    calls = []
    maker(source, calls)(5)
    [path] = (tmp_path / "cache").rglob("*/tables/*")
    flipped = bytearray(path.read_bytes())
    flipped[-1] ^= 1
    for content in (damage, flipped, flipped[:-1]):
        path.write_bytes(content)
        assert maker(source, calls)(5)[0].tolist() == [0, 1, 4, 9, 16]
    assert calls == [5] * 4


def test_without_a_cache_they_are_made_each_time(source, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    calls = []
    assert maker(source, calls)(2)[0].tolist() == maker(source, calls)(2)[0].tolist() == [0, 1]
    assert calls == [2, 2]


@pytest.mark.parametrize("name", MAKERS)
def test_the_tables_of_the_kernels_are_kept_as_they_are_made(name):
    make, values = MAKERS[name]
    make.cache_clear()
    made = make(*values)
    make.cache_clear()
    for one, other in zip(made, make(*values), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", MAKERS)
def test_every_file_that_decides_what_a_table_says_is_named(name):
    make, _ = MAKERS[name]
    reached = code_of((f"{make.__module__}:{make.__name__}",))
    modules = {definition.partition(":")[0] for definition in reached.definitions}
    modules -= {"pipeline.compiling"}  # how fast, never what
    files = {importlib.import_module(module).__file__ for module in modules}
    assert {source_of(file) for file in files} <= set(make.sources)
