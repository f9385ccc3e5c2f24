"""Lines that the window before had are known by their hashes, and change nothing by that."""

import gzip
import json
import random
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.crawl import texts
from pipeline.crawl.key_places import KeyPlaces
from pipeline.crawl.sources import jsonl_files
from pipeline.crawl.stage import Pages
from pipeline.store import Store
from pipeline.takedowns import takedown_log
from schemas.takedown import Takedown
from tests.pipeline.crawl.test_broken_refresh import Windows
from tests.pipeline.crawl.test_refreshed_lines import edited, line
from tests.support import made

SETTINGS = {"kind": "jsonl_files", "columns": {"url": "url", "title": "title"}}


@pytest.fixture(name="lines")
def _lines(tmp_path, store):
    return Windows(tmp_path / "in", store, **SETTINGS)


@pytest.fixture
def parsed(monkeypatch):
    """The lines that are parsed, as they are."""
    seen = []

    parse = jsonl_files.orjson.loads

    def loads(text):
        seen.append(parse(text)["url"])
        return parse(text)

    monkeypatch.setattr(jsonl_files.orjson, "loads", loads)
    return seen


def urls(*numbers):
    return [f"http://example.org/{number}" for number in numbers]


def test_only_new_and_changed_lines_are_parsed(lines, parsed):
    rows = [line(number) for number in range(6)]
    lines.write("a.jsonl", *rows)
    lines.next()
    assert parsed == urls(*range(6))
    parsed.clear()
    lines.write("a.jsonl", *rows[3:], line(1, "changed"), line(9), rows[0])
    lines.next()
    assert parsed == urls(1, 9)
    parsed.clear()
    lines.next()
    assert parsed == []


def test_lines_that_were_gone_for_a_window_are_parsed_again(lines, parsed):
    lines.write("a.jsonl", line(0), line(1))
    lines.next()
    lines.write("a.jsonl", line(0))
    lines.next()
    parsed.clear()
    lines.write("a.jsonl", line(0), line(1))
    lines.next()
    assert parsed == urls(1)


def test_what_other_code_remembered_is_not_trusted(lines, store, parsed):
    lines.write("a.jsonl", line(0), line(1))
    first = lines.next()
    path = store.files.root / f"versions/pages/{first.ref.key}.json"
    told = json.loads(path.read_text())
    told["parts"]["code"] = dict.fromkeys(told["parts"]["code"], "of another day")
    path.write_text(json.dumps(told))
    parsed.clear()
    lines.store = Store.at(store.files.root)
    lines.next()
    assert parsed == urls(0, 1)
    assert lines.manifest.rows["pages"] == 2


def test_a_byte_order_mark_before_a_known_line_is_no_part_of_it(lines, tmp_path, parsed):
    lines.write("a.jsonl", line(0), line(1))
    lines.next()
    content = (tmp_path / "in" / "a.jsonl").read_bytes()
    (tmp_path / "in" / "a.jsonl").write_bytes(b"\xef\xbb\xbf" + content)
    parsed.clear()
    lines.next()
    assert parsed == urls(0)
    lines.write("a.jsonl", line(1), line(2))
    with (tmp_path / "in" / "a.jsonl").open("ab") as file:
        file.write(b"\xef\xbb\xbf" + content)
    lines.next()
    assert [rule for rule, _ in lines.ledger()] == ["not_json"]


def test_the_rest_of_a_line_that_is_too_long_is_no_line(tmp_path, store):
    lines = Windows(tmp_path / "in", store, most_line_bytes=60, **SETTINGS)
    long = line(1, "text " * 20)
    for _ in range(2):
        lines.write("a.jsonl", line(0), long, line(2))
        lines.next()
        assert [rule for rule, _ in lines.ledger()] == ["too_many_bytes"]
        assert lines.manifest.rows["pages"] == 2


@pytest.mark.parametrize("part", range(5))
def test_a_damaged_memory_is_no_memory(lines, tmp_path, part):
    lines.write("a.jsonl", *map(line, range(40)))
    first = lines.next()
    name = f"notes/pages/{first.ref.key}/lines.parquet"
    lines.write("a.jsonl", *map(line, range(1, 41)))
    window = "2026-11-29T01:00:00Z"
    expected = made(lines.stage, copied(lines, tmp_path, "notes"), window=window, refresh=True)
    for other in damaged_copies(lines, tmp_path, name, bit=part, every=450):
        assert made(lines.stage, other, window=window, refresh=True).digests == expected.digests


def damaged_copies(windows, tmp_path, name, *, bit, every):
    """Copies of the store in which one bit of a file is another one, in each somewhere else."""
    content = (windows.store.files.root / name).read_bytes()
    for at in range(bit, len(content), every):
        other = copied(windows, tmp_path, "attempts")
        damaged = bytearray(content)
        damaged[at] ^= 1 << bit
        (other.files.root / name).write_bytes(damaged)
        yield other


def test_known_lines_beyond_what_a_packed_file_may_hold_are_left_out_one_by_one(
    lines, tmp_path, monkeypatch
):
    rows = [line(number, "x" * 100) for number in range(50)]
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "a.jsonl.gz"
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    lines.next()
    monkeypatch.setattr(texts, "LEAST_ROOM", 20 * len(json.dumps(rows[10])))
    monkeypatch.setattr(texts, "MOST_EXPANSION", 0)
    forgetful = copied(lines, tmp_path, "notes")
    lines.next()
    told = lines.ledger()
    assert [rule for rule, _ in told] == ["too_many_bytes"]
    assert "from row 20 on" in told[0][1]
    again = made(lines.stage, forgetful, window=f"2026-11-{lines.day}T01:00:00Z", refresh=True)
    assert lines.manifest.digests == again.digests


def copied(lines, tmp_path, without):
    """A copy of the store that lacks a folder."""
    place = tmp_path / f"copy{len(list(tmp_path.iterdir()))}"
    shutil.copytree(lines.store.files.root, place)
    shutil.rmtree(place / without, ignore_errors=True)
    return Store.at(place)


KEYS = st.one_of(
    st.binary(min_size=16, max_size=16),
    st.binary(min_size=2, max_size=2).map(lambda end: b"\0" * 14 + end),  # alike in the first half
)


@given(st.lists(KEYS), st.lists(KEYS))
def test_keys_are_found_where_they_stand_first(keys, others):
    wanted = keys[::2] + others
    places = KeyPlaces(b"".join(keys))
    expected = [keys.index(key) if key in keys else -1 for key in wanted]
    assert places.of(b"".join(wanted)).tolist() == expected
    assert [places.place(key) for key in wanted] == expected


def test_known_lines_before_the_damage_of_a_file_count_as_there(lines, tmp_path):
    rows = [line(number, "text " * 50) for number in range(2000)]
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    (tmp_path / "in").mkdir()
    packed = gzip.compress(content)
    (tmp_path / "in" / "a.jsonl.gz").write_bytes(packed)
    lines.next()
    (tmp_path / "in" / "a.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    lines.next()
    assert lines.manifest.rows["tombstones"] == 0
    assert [rule for rule, _ in lines.ledger()] == ["damaged"]


@pytest.mark.parametrize("limit", [None, 60])
@pytest.mark.parametrize("seed", range(3))
def test_a_refresh_without_the_memory_comes_to_the_same(lines, tmp_path, store, seed, limit):
    chance = random.Random(seed)
    lines.stage = Pages(source=lines.stage.source, limit=limit)
    rows = [line(number) for number in range(20)]
    for day in range(4):
        lines.write("a.jsonl", *rows)
        forgetful = copied(lines, tmp_path, "notes")
        remembered = lines.next()
        window = f"2026-11-{lines.day}T01:00:00Z"
        again = made(lines.stage, forgetful, window=window, refresh=True)
        assert remembered.digests == again.digests
        assert remembered.drops == again.drops
        rows = [each for row in rows for each in edited(row, chance)]
        chance.shuffle(rows)
        if day == 1:
            gone = Takedown(
                subject=rows[0]["url"], address=True, who="me", why="asked", when="2026-11-21"
            )
            takedown_log(store.files).append(lambda _, gone=gone: gone)
