"""The first recipe for a user's own pages."""

import json
import re
import tomllib

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.cli import main
from flows.first_recipe.source import is_local
from flows.first_recipe.text import quoted, recipe_name
from flows.recipe import read_recipe, recipe_schema
from pipeline.crawl.files import files_of


@pytest.fixture
def init(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def command(*words, code=0):
        assert main(["init", *map(str, words)]) == code
        shown = capsys.readouterr()
        return shown.err if code else shown.out

    command.folder = tmp_path
    return command


def rows():
    return [
        {
            "id": str(n),
            "link": f"https://a.example/{n}",
            "headline": f"Title {n}",
            "article": "Some long text " * 20,
            "score": n,
        }
        for n in range(5)
    ]


def write_jsonl(path, made):
    text = "".join(json.dumps(row) + "\n" for row in made).encode()
    with pa.output_stream(path) as packed:  # by the name's ending
        packed.write(text)
    return path


def test_a_site_on_this_machine_is_crawled_without_a_contact(init):
    shown = init("http://127.0.0.1:8000/", "-o", "my.toml")
    assert "Fill in" not in shown
    source = read_recipe(init.folder / "my.toml").pages.source
    assert source.seeds == ("http://127.0.0.1:8000/",)
    assert source.loopback
    assert (init.folder / "my.toml").read_text().startswith("#:schema recipe.schema.json\n")
    schema = json.loads((init.folder / "recipe.schema.json").read_text())
    assert schema == recipe_schema()


def test_a_site_of_others_is_asked_politely_and_with_a_contact(init):
    init("https://example.org/docs", "--contact", "me@example.org")
    recipe = read_recipe(init.folder / "example-org.toml")
    source = recipe.pages.source
    assert (source.contact, source.loopback, source.requests_per_second) == (
        *("me@example.org", False, 1.0),
    )
    assert recipe.corpus.split.group == "site_path"


def test_without_a_contact_the_recipe_says_what_is_to_be_filled_in(init, capsys):
    assert "Fill in `contact`" in init("https://example.org/")
    with pytest.raises(Exception, match="contact: say how a site's owner reaches you"):
        read_recipe(init.folder / "example-org.toml")
    text = (init.folder / "example-org.toml").read_text()
    filled = text.replace('contact = ""', 'contact = "me@example.org"')
    (init.folder / "filled.toml").write_text(filled)
    assert read_recipe(init.folder / "filled.toml").pages.source.contact == "me@example.org"


@pytest.mark.parametrize("name", ["mine.jsonl", "mine.jsonl.gz", "mine.jsonl.zst", "mine.parquet"])
def test_the_columns_of_a_file_are_guessed(init, name):
    path = init.folder / name
    if name.endswith("parquet"):
        pq.write_table(pa.Table.from_pylist(rows()), path)
    else:
        write_jsonl(path, rows())
    init(name)
    recipe = read_recipe(init.folder / "mine.toml")
    columns = recipe.pages.source.columns
    assert (columns.text, columns.url, columns.title) == ("article", "link", "headline")
    assert recipe.pages.source.paths == (str(path),)
    content = tomllib.loads((init.folder / "mine.toml").read_text())
    jsonschema.validate(content, recipe_schema())


def test_texts_without_addresses_are_split_one_by_one(init):
    write_jsonl(init.folder / "a.jsonl", [{"story": "Once upon a time"}])
    init("a.jsonl", "out.toml")
    recipe = read_recipe(init.folder / "out.toml")
    assert recipe.pages.source.columns.text == "story"
    assert recipe.corpus.split.group == "document"


def test_a_folder_becomes_a_pattern(init):
    (init.folder / "in" / "deep").mkdir(parents=True)
    for name in ("a.warc.gz", "deep/b.warc.gz"):
        (init.folder / "in" / name).write_bytes(b"")
    init("in")
    source = read_recipe(init.folder / "a.toml").pages.source
    assert source.kind() == "warc_files"
    assert source.paths == (f"{init.folder}/in/**/*.warc.gz",)


def test_a_folder_of_texts_becomes_a_pattern_for_each_ending(init):
    (init.folder / "books").mkdir()
    for name in ("a.txt", "b.txt.gz", "c.HTML", "D.TXT", "e.txt.bak"):
        (init.folder / "books" / name).write_bytes(b"")
    init("books")
    source = read_recipe(init.folder / "d.toml").pages.source
    assert source.kind() == "text_files"
    found = [file.name for file in files_of(source.paths)]
    assert found == ["D.TXT", "a.txt", "b.txt.gz", "c.HTML"]


def test_a_note_beside_other_files_is_no_source(init):
    (init.folder / "in").mkdir()
    (init.folder / "in/README.txt").write_text("what this is")
    write_jsonl(init.folder / "in/a.jsonl", rows())
    init("in")
    assert read_recipe(init.folder / "a.toml").pages.source.kind() == "jsonl_files"


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("a.warc.gz", "item_meta.xml", "warc.paths.gz", "README.txt"), "warc_files"),
        (("a.jsonl", "sitemap.xml", "b.paths"), "jsonl_files"),
        (("a.txt", "item_meta.xml"), "text_files"),
        (("warc.paths.gz", "notes.txt"), "warc_paths"),
    ],
)
def test_what_only_tells_of_the_files_beside_it_is_no_source(init, names, kind):
    (init.folder / "in").mkdir()
    for name in names:
        (init.folder / "in" / name).write_text("<?xml version='1.0'?><metadata/>")
    write_jsonl(init.folder / "in" / names[0], rows())
    init("in", "-o", "my.toml", "--contact", "me@example.org")
    source = read_recipe(init.folder / "my.toml").pages.source
    patterns = source.lists if kind == "warc_paths" else source.paths
    assert (source.kind(), [each.name for each in files_of(patterns)]) == (kind, [names[0]])


def test_dumps_of_a_wiki_are_told_from_other_xml_by_how_they_begin(init):
    (init.folder / "in").mkdir()
    dump = "\ufeff<?xml version='1.0'?>\n<!-- of a wiki -->\n<mediawiki version='0.11'>"
    for name, text in (("a.xml", dump), ("[b].xml", dump), ("meta.xml", "<mediawikis/>")):
        (init.folder / "in" / name).write_text(text)
    (init.folder / "in/c.xml.bz2").write_bytes(b"")
    init("in", "-o", "my.toml")
    source = read_recipe(init.folder / "my.toml").pages.source
    found = [each.name for each in files_of(source.paths)]
    assert (source.kind(), found) == ("wikipedia_dumps", ["[b].xml", "a.xml", "c.xml.bz2"])
    (init.folder / "in/d.warc").write_bytes(b"")
    said = init("in", "-o", "other.toml", code=1)
    assert re.search(r"a\.xml|\[b\]\.xml", said) and "d.warc are of two kinds" in said


def test_a_list_of_archives_becomes_a_recipe_for_all_of_them(init):
    (init.folder / "wet.paths.gz").write_bytes(b"")
    assert "Fill in `contact`" in init("wet.paths.gz")
    init("wet.paths.gz", "-o", "a.toml", "--contact", "me@example.org")
    source = read_recipe(init.folder / "a.toml").pages.source
    assert (source.kind(), source.lists) == ("warc_paths", (f"{init.folder}/wet.paths.gz",))
    assert source.base == "https://data.commoncrawl.org/"
    init("http://127.0.0.1:1/crawl/warc.paths.gz", "-o", "b.toml")
    source = read_recipe(init.folder / "b.toml").pages.source
    assert (source.kind(), source.base) == ("warc_paths", "http://127.0.0.1:1/")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("dewiki-20261101-pages-articles1.xml.bz2", "wikipedia_dumps"),
        ("dump.xml", "wikipedia_dumps"),
        ("a.warc.zst", "warc_files"),
    ],
)
def test_a_dump_of_a_wiki_and_a_zstandard_archive_are_known_by_their_names(init, name, kind):
    (init.folder / name).write_bytes(b"")
    init(name, "-o", "my.toml")
    source = read_recipe(init.folder / "my.toml").pages.source
    assert (source.kind(), source.paths) == (kind, (f"{init.folder}/{name}",))
    jsonschema.validate(tomllib.loads((init.folder / "my.toml").read_text()), recipe_schema())


def test_nothing_is_written_over(init):
    (init.folder / "my.toml").write_text("mine")
    assert "writes over nothing" in init("http://127.0.0.1:1/", "-o", "my.toml", code=1)
    assert (init.folder / "my.toml").read_text() == "mine"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["missing.jsonl"], "missing.jsonl is no URL, and no file or folder"),
        (["ftp://example.org/"], "is no http or https address"),
        (["http://a:b@example.org/"], "is no http or https address"),
        (["http://127.0.0.1/", "http://example.org/"], "make two recipes"),
        (["http://127.0.0.1/", "a.jsonl"], "a recipe has one source"),
        (["a.jsonl", "b.warc"], "A recipe has one source"),
        (["a.pdf"], "is none of .warc"),
        (["a.warc.wat.gz"], "Name the WARC or the WET file of the same name"),
        (["numbers.jsonl"], "No column of"),
        (["broken.jsonl"], "cannot be read as one JSON object a line"),
        (["broken.parquet"], "cannot be read as Parquet"),
    ],
)
def test_what_cannot_be_meant_is_said_in_a_sentence(init, given, words):
    write_jsonl(init.folder / "a.jsonl", rows())
    write_jsonl(init.folder / "numbers.jsonl", [{"a": 1}])
    for name in ("b.warc", "a.pdf", "a.warc.wat.gz", "broken.jsonl", "broken.parquet"):
        (init.folder / name).write_text("{ nonsense\n")
    assert words in init(*given, code=1)
    assert not list(init.folder.glob("*.toml"))


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8000/", True),
        ("http://[::1]/", True),
        ("http://localhost:1/", True),
        ("http://127.example.org/", False),
        ("http://localhost.example.org/", False),
        ("http://10.0.0.1/", False),
    ],
)
def test_only_this_machine_is_local(url, local):
    assert is_local(url) is local


characters = st.characters(codec="utf-8")
values = st.recursive(
    st.booleans() | st.integers(-(2**40), 2**40) | st.text(characters),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.from_regex("[a-z]{1,5}", fullmatch=True), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(values)
def test_any_value_survives_being_written(value):
    assert tomllib.loads(f"x = {quoted(value)}")["x"] == value


@given(st.text())
def test_any_text_gives_a_name_that_a_recipe_may_have(text):
    name = recipe_name(text)
    assert 1 <= len(name) <= 64
    assert name[0].isalnum()
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")
