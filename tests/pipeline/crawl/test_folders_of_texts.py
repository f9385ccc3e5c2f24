"""Folders of texts and saved pages, a document a file."""

import os

import pyarrow as pa
import pytest

from pipeline.crawl.earlier import nothing_earlier
from pipeline.crawl.errors import NothingFound, UnreadableFile
from pipeline.crawl.source import Page, Refused, Rest, Visit
from pipeline.crawl.sources.text_files import TextFiles
from tests.pipeline.crawl.conftest import WINDOW


def visit(folder, pattern="**/*.*", **settings):
    source = TextFiles(paths=(f"{folder}/{pattern}",), **settings)
    return list(source.visit(Visit(WINDOW, nothing_earlier(), None, lambda done, of: None)))


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    with pa.output_stream(path) as packed:  # by the name's ending
        packed.write(content)


def test_each_file_is_a_document_under_its_name(tmp_path):
    write(tmp_path / "novels/one two.txt", b"Once")
    write(tmp_path / "novels/b.txt.gz", b"upon")
    write(tmp_path / "c.txt.zst", "a tïme".encode("latin-1"))
    write(tmp_path / "d.HTML", b"<p>there was")
    write(tmp_path / "empty.txt", b"")
    *found, last = visit(tmp_path)
    assert [(each.url, each.content_type, each.body) for each in found] == [
        ("c.txt.zst", "text/plain", b"a t\xefme"),
        ("d.HTML", "text/html", b"<p>there was"),
        ("novels/b.txt.gz", "text/plain", b"upon"),
        ("novels/one%20two.txt", "text/plain", b"Once"),
    ]
    assert last == Rest("gone")


def test_a_document_keeps_its_id_until_it_changes_wherever_the_folder_lies(tmp_path):
    for folder, content in (("x", b"one"), ("y", b"one"), ("z", b"two")):
        write(tmp_path / folder / "a.txt", content)
    x, y, z = (visit(tmp_path / folder)[0].doc_id for folder in "xyz")
    assert x == y != z


def test_a_file_that_is_too_large_is_refused_and_the_others_are_read(tmp_path):
    write(tmp_path / "a.txt.gz", b"x" * 2000)
    write(tmp_path / "b.txt", b"x" * 1000)
    refused, page, last = visit(tmp_path, most_bytes=1000)
    assert isinstance(refused, Refused) and refused.why == "too_many_bytes"
    assert isinstance(page, Page)
    assert last == Rest("gone")


def test_a_damaged_file_is_named_and_the_others_are_read(tmp_path):
    write(tmp_path / "a.txt.gz", bytes(range(256)) * 40)
    whole = (tmp_path / "a.txt.gz").read_bytes()
    (tmp_path / "a.txt.gz").write_bytes(whole[:-30])
    (tmp_path / "b.txt.GZ").write_bytes(b"")
    write(tmp_path / "c.txt", b"whole")
    cut, empty, page, _ = visit(tmp_path)
    assert (cut.why, empty.why, page.body) == ("damaged", "damaged", b"whole")
    assert cut.detail.startswith("a.txt.gz: the file is damaged: ")
    assert empty.detail == "b.txt.GZ: the file is damaged: it is empty"


def test_what_the_system_cannot_read_is_no_damage(tmp_path):
    (tmp_path / "a.txt").symlink_to("/proc/self/mem")  # reading its beginning is an error
    with pytest.raises(UnreadableFile, match=r"a\.txt cannot be read here: "):
        visit(tmp_path)


def test_a_name_in_another_encoding_is_spelled_in_escapes(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"text")
    assert visit(tmp_path)[0].url == "caf%E9.txt"


def test_a_name_depends_on_no_other_file(tmp_path):
    write(tmp_path / "x/a.txt", b"one")
    first = visit(tmp_path, "**/*.txt")[0]
    write(tmp_path / "y/b.txt", b"two")
    assert visit(tmp_path, "**/*.txt")[0].url == first.url == "x/a.txt"


def test_files_without_text_are_told_of(tmp_path):
    write(tmp_path / "a.txt", b"")
    with pytest.raises(NothingFound, match="All 1 files are empty"):
        visit(tmp_path)
