"""A fingerprint that is remembered is the one that following the code again would give."""

from pathlib import Path

import pytest

from pipeline.run import remembered_code
from pipeline.run.remembered_code import remembered
from pipeline.versions.errors import UnreadableSource
from pipeline.versions.fingerprint import fingerprint

ENTRY = ("ours.rule:Rule",)
RULE = "from ours.words import count\nclass Rule:\n    def test(self): return count(3)\n"
EDITS = {
    "a function that is reached": ("words.py", "def count(n): return n + 2\n"),
    "a module that comes to stand before another": ("words/__init__.py", "def count(n): pass\n"),
    "a function that nobody reaches": ("words.py", "def count(n): return n + 1\ndef f(): pass\n"),
    "the entry itself": ("rule.py", RULE.replace("3", "4")),
}


@pytest.fixture(name="ours")
def _ours(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "ours"
    write(folder, "rule.py", RULE)
    write(folder, "words.py", "def count(n): return n + 1\n")
    return folder


def test_code_that_has_not_changed_is_not_followed_again(ours, monkeypatch):
    first = code(ours)
    monkeypatch.setattr(remembered_code, "follow", None)
    assert code(ours) == first


@pytest.mark.parametrize("edit", EDITS)
def test_after_an_edit_the_fingerprint_is_that_of_the_code_as_it_is(ours, edit):
    code(ours)
    write(ours, *EDITS[edit])
    assert code(ours) == fingerprint(ENTRY, {"ours": ours})


def test_two_checkouts_of_one_code_are_remembered_apart(ours, tmp_path):
    other = tmp_path / "other" / "ours"
    write(other, "rule.py", "class Rule: pass\n")
    assert code(ours) != code(other)
    assert code(ours) == fingerprint(ENTRY, {"ours": ours})


@pytest.mark.parametrize("damage", [b"", b"{", bytes(32) + b'{"modules": {}}', b"\xff"])
def test_what_is_damaged_in_the_cache_is_found_out_anew(ours, tmp_path, damage):
    first = code(ours)
    [kept] = (tmp_path / "cache").rglob("code/*")
    for content in (damage, kept.read_bytes().replace(b"Rule", b"Role")):
        kept.write_bytes(content)
    assert code(ours) == first == code(ours)


def test_an_edit_while_the_code_is_followed_is_seen_by_whoever_comes_next(ours):
    def edited_after_reading(path):
        content = path.read_bytes()
        if path.name == "words.py":
            write(ours, "words.py", "def count(n): return n + 9\n")
        return content

    before = fingerprint(ENTRY, {"ours": ours})
    assert remembered(ENTRY, {"ours": ours}, (), edited_after_reading) == before
    assert code(ours) == fingerprint(ENTRY, {"ours": ours}) != before


def test_a_cache_that_cannot_be_written_is_done_without(ours, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert code(ours) == fingerprint(ENTRY, {"ours": ours})


def test_code_that_cannot_be_read_is_an_error_each_time(ours):
    code(ours)
    write(ours, "words.py", "def count(:")
    for _ in range(2):
        with pytest.raises(UnreadableSource):
            code(ours)


def code(folder):
    return remembered(ENTRY, {"ours": folder}, (), Path.read_bytes)


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
