"""Texts from Parquet and JSONL files, through the stage and alone."""

import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.crawl.earlier import nothing_earlier
from pipeline.crawl.errors import (
    DamagedSource,
    NoSuchColumn,
    NothingFound,
    NotText,
    UnreadableFile,
)
from pipeline.crawl.parquet_rows import rows_of
from pipeline.crawl.source import Page, Refused, Visit
from pipeline.crawl.sources.jsonl_files import JsonlFiles
from pipeline.crawl.sources.parquet_files import ParquetFiles
from pipeline.crawl.stage import Pages
from schemas.page import PAGES
from schemas.runtime import Runtime
from tests.pipeline.crawl.conftest import WINDOW
from tests.support import made

ROWS = [
    {"text": "one", "url": "HTTP://Example.org/a#x", "title": "A", "language": "en"},
    {"text": "zwei", "url": None, "title": None, "language": "de"},
    {"text": None, "url": "http://example.org/c", "title": None, "language": None},
    {"text": "four", "url": "isbn:123", "title": None, "language": None},
]
COLUMNS = {"url": "url", "title": "title", "language": "language"}


def jsonl(path, rows):
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    content = b""
    for half in (lines[: len(lines) // 2], lines[len(lines) // 2 :]):  # as packers in parallel do
        with pa.output_stream(path) as packed:  # by the name's ending
            packed.write(half)
        content += path.read_bytes()
    path.write_bytes(content)
    return JsonlFiles


def parquet(path, rows):
    pq.write_table(pa.Table.from_pylist(rows), path)
    return ParquetFiles


def found(source, tmp_path):
    return list(source.visit(Visit(WINDOW, nothing_earlier(), tmp_path, lambda done, of: None)))


def visit(source, tmp_path):
    return [each for each in found(source, tmp_path) if isinstance(each, Page)]


@pytest.mark.parametrize(
    ("write", "name"),
    [(jsonl, "a.jsonl"), (jsonl, "a.jsonl.gz"), (jsonl, "a.jsonl.zst"), (parquet, "a.parquet")],
)
def test_rows_become_pages(tmp_path, write, name):
    kind = write(tmp_path / name, ROWS)
    pages = visit(kind(paths=(str(tmp_path / name),), columns=COLUMNS), tmp_path)
    assert [(page.url, page.text, page.title) for page in pages] == [
        ("http://example.org/a", "one", "A"),
        (f"{name}#1", "zwei", None),
        ("isbn:123", "four", None),
    ]
    assert pages[1].content_type == "text/plain; charset=utf-8; language=de"
    assert len({page.doc_id for page in pages}) == 3


def test_the_same_rows_have_the_same_ids_wherever_the_file_lies(tmp_path):
    ids = []
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
        jsonl(tmp_path / folder / "a.jsonl", ROWS)
        source = JsonlFiles(paths=(str(tmp_path / folder / "*.jsonl"),))
        ids.append([(page.doc_id, page.url) for page in visit(source, tmp_path)])
    assert ids[0] == ids[1]


def test_files_in_several_folders_are_told_apart(tmp_path):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        jsonl(tmp_path / folder / "a.jsonl", [{"text": folder}])
    pages = visit(JsonlFiles(paths=(f"{tmp_path}/**/*.jsonl",)), tmp_path)
    assert [page.url for page in pages] == ["x/a.jsonl#0", "y/a.jsonl#0"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"text": \n', "a.jsonl, line 2: it is not JSON: unexpected end of data"),
        (b'\n["a"]', "a.jsonl, line 3: it holds list, not an object"),
        (b'{"text": 7}', "a.jsonl, line 2: 'text' holds int, not text"),
        (b'{"text": "\xff"}', "a.jsonl, line 2: it is no UTF-8"),
        (b'{"text": "\\ud800"}', "a.jsonl, line 2: it has half a character in it"),
        (b'{"text": "\0"}', "line 2: it is not JSON: unexpected control character in string"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_read(tmp_path, content, message):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"text": "first"}\n' + content + b'\n{"text": "last"}\n')
    first, bad, last = found(JsonlFiles(paths=(str(path),)), tmp_path)
    assert (first.text, last.text) == ("first", "last")
    assert isinstance(bad, Refused) and bad.detail.endswith(message)


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl.zst"])
def test_a_file_that_is_cut_short_is_named(tmp_path, name):
    jsonl(tmp_path / name, [{"text": str(number) * 100} for number in range(1000)])
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    *before, refused = found(JsonlFiles(paths=(str(tmp_path / name),)), tmp_path)
    assert before and all(isinstance(each, Page) for each in before)
    assert refused.why == "damaged"
    assert re.match(rf"{name}, line {len(before) + 1}: the file is damaged here: ", refused.detail)


def test_a_damaged_parquet_file_is_named(tmp_path):
    (tmp_path / "b.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(DamagedSource, match=r"b\.parquet"):
        visit(ParquetFiles(paths=(str(tmp_path / "b.parquet"),)), tmp_path)


def test_a_missing_column_is_named_beside_those_that_are_there(tmp_path):
    parquet(tmp_path / "a.parquet", [{"body": "x", "id": 1}])
    with pytest.raises(NoSuchColumn, match="no column 'text', only body, id"):
        visit(ParquetFiles(paths=(str(tmp_path / "a.parquet"),)), tmp_path)
    jsonl(tmp_path / "a.jsonl", [{"body": "x"}, {"id": 1}])
    with pytest.raises(NoSuchColumn, match="none of its lines has the key 'text', only body, id"):
        visit(JsonlFiles(paths=(str(tmp_path / "a.jsonl"),)), tmp_path)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("more", [-1, 0, 1, 2, 3])
def test_a_line_may_be_as_long_as_is_allowed_and_costs_no_other(tmp_path, end, more):
    line = b'{"text": "%s"}' % (b"x" * (20 + more))
    allowed = len(line) - more
    (tmp_path / "a.jsonl").write_bytes(line + end + b'{"text": "behind"}' + end)
    source = JsonlFiles(paths=(str(tmp_path / "a.jsonl"),), most_line_bytes=allowed)
    first, behind = found(source, tmp_path)[:2]
    assert isinstance(first, Refused if more > 0 else Page)
    assert (behind.text, behind.url) == ("behind", "a.jsonl#1")


def test_names_that_may_be_text_are_only_counted(tmp_path, caplog):
    parquet(tmp_path / "a.parquet", [{"ann@web.de": {"bob@web.de": 1}, "body": "x"}])
    with pytest.raises(NoSuchColumn, match="'text', only body, 1 that are no plain names"):
        visit(ParquetFiles(paths=(str(tmp_path / "a.parquet"),)), tmp_path)
    jsonl(tmp_path / "a.jsonl", [{"ann@web.de": {}}, {"a sentence of somebody's": 1}])
    with pytest.raises(NoSuchColumn, match="'text', only 2 that are no plain names"):
        visit(JsonlFiles(paths=(str(tmp_path / "a.jsonl"),)), tmp_path)
    parquet(tmp_path / "b.parquet", [{"text": {"bob@web.de": 1}}])
    with pytest.raises(NotText, match="'text' holds struct, not text"):
        visit(ParquetFiles(paths=(str(tmp_path / "b.parquet"),)), tmp_path)
    assert "web.de" not in caplog.text


def test_what_the_system_cannot_read_is_no_damage(tmp_path):
    for name in ("a.jsonl", "b.jsonl.gz", "c.jsonl.zst"):
        (tmp_path / name).symlink_to("/proc/self/mem")  # reading its beginning is an error
        with pytest.raises(UnreadableFile, match=f"{name} cannot be read here: "):
            found(JsonlFiles(paths=(str(tmp_path / name),)), tmp_path)
    with pytest.raises(UnreadableFile, match=r"d\.parquet cannot be read here: No such file"):
        list(rows_of(tmp_path / "d.parquet", ["text"], most_bytes=9))


def test_without_any_text_the_first_fault_is_told(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b'{"text": null}\n{"text": 1}\n')
    with pytest.raises(NothingFound, match=r"no row with 'text'.*line 2: 'text' holds int"):
        visit(JsonlFiles(paths=(str(tmp_path / "a.jsonl"),)), tmp_path)


def test_files_that_are_not_what_they_should_be_cost_themselves(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"")
    parquet(tmp_path / "b.parquet", [{"body": "x"}])
    parquet(tmp_path / "c.parquet", [{"text": 7}])
    parquet(tmp_path / "d.parquet", [{"text": "here"}])
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "e.parquet")
    *refused, page = found(ParquetFiles(paths=(f"{tmp_path}/*.parquet",)), tmp_path)
    assert page.text == "here"
    assert [(each.why, each.url) for each in refused] == [
        ("damaged", "a.parquet"),
        ("missing_column", "b.parquet"),
        ("not_text", "c.parquet"),
    ]
    assert all(each.detail.startswith(each.url) for each in refused)
    assert str(tmp_path) not in "".join(each.detail for each in refused)


def written(store, manifest):
    return [
        row
        for shard in manifest.shards
        for batch in store.batches(store.receipt(shard), "pages", PAGES.names)
        for row in batch.to_pylist()
    ]


def test_a_refresh_of_files_writes_the_difference(tmp_path, store):
    path = tmp_path / "a.jsonl"
    stage = Pages(source={"kind": "jsonl_files", "paths": [str(path)], "columns": {"url": "u"}})
    jsonl(path, [{"text": f"{n}", "u": f"http://example.org/{n}"} for n in range(5)])
    first = made(stage, store, window="2026-11-21T00:00:00Z", refresh=True)
    jsonl(path, [{"text": f"{n or 'x'}", "u": f"http://example.org/{n}"} for n in (7, 0, 1, 2, 3)])
    second = made(stage, store, window="2026-11-22T00:00:00Z", refresh=True)
    assert len(written(store, first)) == 5
    new = [row["url"] for row in written(store, second)[5:]]
    assert new == ["http://example.org/7", "http://example.org/0"]
    assert second.rows["tombstones"] == 1


def test_a_repeated_address_is_dropped_with_its_reason_and_split_shards_keep_the_order(
    tmp_path, store
):
    path = tmp_path / "a.jsonl"
    rows = [{"text": f"{n}", "u": f"http://example.org/{n % 250}"} for n in range(300)]
    jsonl(path, [*rows, rows[0]])
    stage = Pages(source={"kind": "jsonl_files", "paths": [str(path)], "columns": {"url": "u"}})
    runtime = Runtime(store=store.uri, runner="process", shard_documents=100)
    manifest = made(stage, store, window=WINDOW, refresh=True, runtime=runtime)
    assert [row["text"] for row in written(store, manifest)] == [str(n) for n in range(250)]
    assert [shard.name for shard in manifest.shards] == [
        f"20261122t010000z-jsonl_files-00{n}" for n in range(3)
    ]
    assert manifest.drops == {"repeated_url": 50}
