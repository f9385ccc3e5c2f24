"""Packed records that the window before had stay packed, and change nothing by that."""

import gzip
import io
import logging
import os
import random

import pytest
from backports import zstd

from pipeline.crawl import archived, member_memory, unpacking
from pipeline.crawl.earlier import nothing_earlier
from pipeline.crawl.errors import DamagedSource
from pipeline.crawl.member_memory import BEGINNING, LARGEST, MOST_WORDS, MemberMemory
from pipeline.crawl.source import Visit
from pipeline.crawl.stage import Pages
from pipeline.crawl.unpacking import PIECE_BYTES, Unpacked
from tests.pipeline.crawl.test_broken_refresh import Windows
from tests.pipeline.crawl.test_line_memory import copied, urls
from tests.pipeline.crawl.test_refreshed_lines import living
from tests.support import made

SETTINGS = {"kind": "warc_files"}
DAY = "2026-11-20T01:00:00Z"


def record(number, body=b"text", *, kind="response", status=200, page="text/html"):
    """The bytes of a record, as they are before they are packed."""
    block = body
    if kind == "response":
        head = f"HTTP/1.1 {status} OK\r\nContent-Type: {page}\r\nContent-Length: {len(body)}"
        block = head.encode() + b"\r\n\r\n" + body
    fields = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {urls(number)[0]}\r\n"
        f"WARC-Date: {DAY}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return fields.encode() + block + b"\r\n\r\n"


def packed(*records):
    """One gzip member."""
    return gzip.compress(b"".join(records), mtime=0)


def page(number, words="text"):
    return packed(record(number, f"<p>{words} {number}</p>".encode()))


class Archives(Windows):
    """One version after the other of WARC files in a folder."""

    def write(self, name, *members):
        self.folder.mkdir(exist_ok=True)
        (self.folder / name).write_bytes(b"".join(members))


@pytest.fixture(name="archives")
def _archives(tmp_path, store):
    return Archives(tmp_path / "in", store, **SETTINGS)


@pytest.fixture
def read(monkeypatch):
    """The addresses of records that are read."""
    seen, page_in = [], archived.page_in

    def counting(record, **settings):
        seen.append(record.fields["warc-target-uri"])
        return page_in(record, **settings)

    monkeypatch.setattr(archived, "page_in", counting)
    return seen


def test_only_new_and_changed_members_are_unpacked(archives, read):
    rows = [page(number) for number in range(6)]
    archives.write("a.warc.gz", *rows)
    archives.next()
    assert read == urls(*range(6))
    read.clear()
    archives.write("a.warc.gz", *rows[3:], page(1, "changed"), page(9), rows[0])
    archives.next()
    assert read == urls(1, 9)
    assert archives.manifest.rows["tombstones"] == 1
    read.clear()
    archives.next()
    assert read == []


def test_members_that_were_gone_for_a_window_are_read_again(archives, read):
    archives.write("a.warc.gz", page(0), page(1))
    archives.next()
    archives.write("a.warc.gz", page(0))
    archives.next()
    read.clear()
    archives.write("a.warc.gz", page(0), page(1))
    archives.next()
    assert read == urls(1)


def test_records_that_are_no_pages_stay_packed_and_are_counted(archives, read, caplog):
    caplog.set_level(logging.INFO)
    other = [record(1, kind="request"), record(2, status=404), record(3, page="image/png")]
    archives.write("a.warc.gz", page(0), *map(packed, other))
    told = []
    for _ in range(2):
        archives.next()
        told.append([line for line in caplog.messages if line.startswith("Left out of")])
        caplog.clear()
    assert read == urls(*range(4))
    assert told[0] == told[1]
    assert "'request records': 1, 'status 404': 1, 'other types': 1" in told[0][0]


@pytest.mark.parametrize(
    "members",
    [
        [packed(record(0), record(1))],
        [packed(record(0)[:90]), packed(record(0)[90:])],
        [packed(), page(0)],
        [packed(record(0, os.urandom(LARGEST + 9)))],
    ],
    ids=["of two records", "of half a record", "behind an empty one", "of more than a megabyte"],
)
def test_members_that_are_not_one_small_record_each_are_read_each_time(archives, read, members):
    archives.write("a.warc.gz", *members, page(7))
    archives.next()
    first = list(read)
    read.clear()
    archives.next()
    assert read == [url for url in first if url not in urls(7)]


def test_a_member_that_only_begins_as_a_known_one_is_read(archives, read):
    long = b"".join(b"%x" % number for number in range(4000))
    archives.write("a.warc.gz", packed(record(0, long)), page(1))
    archives.next()
    read.clear()
    content = (archives.folder / "a.warc.gz").read_bytes()
    at = content.index(page(1)) - 9  # before the end of the first, and its checksum
    archives.write("a.warc.gz", content[:at], bytes([content[at] ^ 1]), content[at + 1 :])
    with pytest.raises(DamagedSource, match=r"a\.warc\.gz"):
        archives.next()
    assert content[:BEGINNING] == (archives.folder / "a.warc.gz").read_bytes()[:BEGINNING]


def named(member, size):
    """The member with a file's name in its header, so that it has so many bytes."""
    name = b"a" * (size - len(member) - 1)
    return member[:3] + b"\x08" + member[4:10] + name + b"\0" + member[10:]


def alike(number, body):
    """A member of which the first bytes are those of any other one of these."""
    return named(packed(record(number, body)), 400)


def test_members_that_begin_alike_are_told_apart(archives, read):
    rows = [alike(number, b"%d" % number) for number in range(9)]
    archives.write("a.warc.gz", *rows)
    archives.next()
    assert read == urls(*range(9))
    read.clear()
    archives.write("a.warc.gz", rows[0], rows[0], rows[1], rows[0], alike(3, b"4"))
    archives.next()
    assert read == urls(1, 3)
    assert archives.manifest.rows["tombstones"] == 6


def test_where_members_only_seem_to_be_known_again_and_again_all_are_read(
    archives, read, monkeypatch
):
    monkeypatch.setattr(member_memory, "MOST_MISSES", 3)
    archives.write("a.warc.gz", *(alike(number, b"%d" % number) for number in range(3)))
    archives.next()
    read.clear()
    rows = [alike(0, b"0"), *(alike(number, b"x") for number in range(1, 6)), alike(0, b"0")]
    archives.write("a.warc.gz", *rows)
    archives.next()
    assert read == urls(1, 2, 3, 4, 5, 0)


def test_what_is_refused_is_read_and_refused_each_time(archives, read):
    archives.stage = Pages(
        source={**SETTINGS, "paths": [f"{archives.folder}/*"], "most_bytes": 2000}
    )
    archives.write("a.warc.gz", page(0), packed(record(1, b"x" * 3000)))
    for expected in (urls(0, 1), urls(1)):
        read.clear()
        archives.next()
        assert read == expected
        assert [rule for rule, _ in archives.ledger()] == ["too_many_bytes"]


@pytest.mark.parametrize(("size", "again"), [(LARGEST, []), (LARGEST + 99, [0])])
def test_members_of_up_to_a_megabyte_are_remembered(archives, read, size, again):
    archives.write("a.warc.gz", named(page(0), size), page(1))
    archives.next()
    read.clear()
    archives.next()
    assert read == urls(*again)


@pytest.mark.parametrize("size", [BEGINNING - 1, BEGINNING])
def test_members_shorter_than_their_beginning_are_read_each_time(size):
    visit = Visit(DAY, nothing_earlier(), None, lambda done, of: None)
    memory = MemberMemory(visit)
    memory.add(bytes(size), "request records")
    assert [noted.rows.num_rows for noted in memory.noted()] == [1] * (size >= BEGINNING)


def test_no_more_words_are_remembered_than_have_a_number():
    memory = MemberMemory(Visit(DAY, nothing_earlier(), None, lambda done, of: None))
    for number in range(MOST_WORDS + 9):
        memory.add(b"%0200d" % number, f"{number} records")
    memory.add(bytes(200), "x" * 101)
    assert [noted.rows.num_rows for noted in memory.noted()] == [MOST_WORDS]


@pytest.mark.parametrize("name", ["a.warc", "a.warc.zst"])
def test_files_packed_otherwise_are_read_each_time(archives, read, name):
    content = record(0) + record(1)
    archives.write(name, content if name == "a.warc" else zstd.compress(content))
    for _ in range(2):
        read.clear()
        archives.next()
        assert read == urls(0, 1)


def test_known_members_longer_than_a_piece_of_the_file_stay_packed(archives, read):
    bodies = [random.Random(n).randbytes(PIECE_BYTES + n) for n in range(3)]
    archives.write("a.warc.gz", *(packed(record(n, body)) for n, body in enumerate(bodies)))
    archives.next()
    read.clear()
    archives.next()
    assert read == []


@pytest.mark.parametrize("limit", [None, 60, 12])
@pytest.mark.parametrize("seed", range(6))
def test_a_refresh_without_the_memory_comes_to_the_same(archives, tmp_path, store, seed, limit):
    chance = random.Random(seed)
    archives.stage = Pages(source=archives.stage.source, limit=limit)
    rows = [page(number) for number in range(20)]
    for _ in range(5):
        archives.write("a.warc.gz", *rows[:9])
        archives.write("b.warc.gz", *rows[9:])
        remembered, window = with_and_without(archives, tmp_path)
        rows = [each for row in rows for each in edited(row, chance)]
        chance.shuffle(rows)
    stage = Pages(source=archives.stage.source, limit=10**6)  # another version: from scratch
    if limit is None:
        assert living(store, remembered) == living(store, made(stage, store, window=window))


@pytest.mark.parametrize("piece", [300, 1000, PIECE_BYTES])
@pytest.mark.parametrize("seed", range(4))
def test_damage_comes_to_the_same_without_the_memory(archives, tmp_path, monkeypatch, seed, piece):
    chance = random.Random(seed)
    monkeypatch.setattr(unpacking, "PIECE_BYTES", piece)
    monkeypatch.setattr(member_memory, "PIECE_BYTES", piece)
    archives.stage = tolerant(archives)
    rows = [page(number, "".join(chance.choices("abcdef ", k=400))) for number in range(30)]
    archives.write("a.warc.gz", *rows)
    archives.next()
    for _ in range(8):
        content = bytearray(b"".join(each for row in rows for each in edited(row, chance)))
        for _ in range(chance.choice((0, 1, 1, 2))):
            content[chance.randrange(len(content) // 2, len(content))] ^= 1 << chance.randrange(8)
        behind = chance.choice((b"", b"", b"\0" * 9, b"garbage", page(3)[: chance.randrange(99)]))
        archives.write("a.warc.gz", bytes(content), behind)
        with_and_without(archives, tmp_path)


def test_damage_behind_where_a_file_is_read_on_comes_to_the_same(archives, tmp_path):
    archives.stage = tolerant(archives)
    bodies = [random.Random(n).randbytes(9000) for n in range(60)]
    rows = [packed(record(n, body)) for n, body in enumerate(bodies)]
    archives.write("a.warc.gz", *rows)
    archives.next()
    before = b"".join(rows[:28])
    new = record(77, random.Random(77).randbytes(PIECE_BYTES + 4 - len(before) - 150))
    whole = named(packed(new), PIECE_BYTES + 4 - len(before) + 3)  # its checksum lies behind
    damaged = bytearray(whole)
    damaged[-2] ^= 1
    archives.write("a.warc.gz", before, bytes(damaged))
    with_and_without(archives, tmp_path)


def tolerant(archives):
    source = archives.stage.source.model_copy(update={"tolerate_damage": True})
    return Pages(source=source)


def with_and_without(archives, tmp_path):
    """Make the next version with the memory and without it, and see that they are the same."""
    forgetful = copied(archives, tmp_path, "notes")
    remembered = archives.next()
    window = f"2026-11-{archives.day}T01:00:00Z"
    again = made(archives.stage, forgetful, window=window, refresh=True)
    assert tables(remembered) == tables(again)
    assert remembered.drops == again.drops
    ledgers = [
        store.read(manifest, "ledger", ("doc_id", "rule", "detail")).to_pylist()
        for store, manifest in ((archives.store, remembered), (forgetful, again))
    ]
    assert ledgers[0] == ledgers[1]
    return remembered, window


def tables(manifest):
    """Digests of what is in tables; an archive that we write says when it was written."""
    return {name: each for name, each in manifest.digests.items() if not name.startswith("file ")}


def edited(row, chance):
    """What becomes of a member: mostly nothing."""
    kind = chance.choice(
        ["same"] * 12
        + ["gone", "twice", "changed", "other", "joined", "empty", "halves", "request"]
    )
    number = chance.randrange(30)
    content = gzip.decompress(row)
    half = len(content) // 2
    return {
        "gone": [],
        "twice": [row, row],
        "changed": [page(number, f"edited {chance.random()}")],
        "other": [row, page(number, f"of the same address {chance.random()}")],
        "joined": [packed(content, record(number, b"<p>joined</p>"))],
        "empty": [packed(), row],
        "halves": [packed(content[:half]) + packed(content[half:])],
        "request": [packed(record(number, kind="request")), row],
    }.get(kind, [row])


@pytest.mark.parametrize("part", range(4))
def test_a_damaged_memory_is_no_memory(archives, tmp_path, part):
    archives.write("a.warc.gz", *map(page, range(40)))
    first = archives.next()
    name = f"notes/pages/{first.ref.key}/members.parquet"
    archives.write("a.warc.gz", *map(page, range(1, 41)))
    content = (archives.store.files.root / name).read_bytes()
    window = "2026-11-29T01:00:00Z"
    expected = made(
        archives.stage, copied(archives, tmp_path, "notes"), window=window, refresh=True
    )
    for at in range(part, len(content), 900):
        other = copied(archives, tmp_path, "attempts")
        damaged = bytearray(content)
        damaged[at] ^= 1 << part
        (other.files.root / name).write_bytes(damaged)
        attempt = made(archives.stage, other, window=window, refresh=True)
        assert tables(attempt) == tables(expected)


@pytest.mark.parametrize("cut", [1, 9, 60])
def test_known_members_before_the_damage_of_a_file_count_as_there(archives, cut):
    archives.stage = tolerant(archives)
    rows = [page(number) for number in range(30)]
    archives.write("a.warc.gz", *rows)
    archives.next()
    archives.write("a.warc.gz", *rows[:-1], rows[-1][:-cut])
    archives.next()
    assert archives.manifest.rows["tombstones"] == 0
    assert [rule for rule, _ in archives.ledger()] == ["damaged_archive"]


def test_what_is_ahead_in_a_file_is_seen_and_passed_over():
    members = [page(0), page(1, "x" * 500), page(2)]
    file = Unpacked(io.BytesIO(b"".join(members)), largest=LARGEST)
    assert file.between
    assert bytes(file.ahead(len(members[0]))).startswith(members[0])
    file.pass_over(len(members[0]))
    content = b""
    while piece := file.piece():
        content += piece
        if file.between and file.members == 1:
            assert file.member == members[1]
    assert content == gzip.decompress(members[1] + members[2])
    assert (file.member, file.members, bytes(file.ahead(9))) == (members[2], 2, b"")
