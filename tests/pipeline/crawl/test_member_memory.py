"""Packed records that the window before had stay packed, and change nothing by that."""

import gzip
import io
import logging
import os
import random

import pytest
from backports import zstd

from pipeline.crawl import archived, member_memory
from pipeline.crawl.earlier import nothing_earlier
from pipeline.crawl.errors import DamagedSource
from pipeline.crawl.member_memory import BEGINNING, LARGEST, MOST_WORDS, MemberMemory
from pipeline.crawl.source import Visit
from pipeline.crawl.stage import Pages
from pipeline.crawl.unpacking import PIECE_BYTES, Unpacked
from tests.pipeline.crawl.members import DAY, SETTINGS, named, packed, page, record
from tests.pipeline.crawl.test_line_memory import urls


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


def test_members_of_pages_that_are_no_more_are_read_and_hide_no_others(archives, read, monkeypatch):
    monkeypatch.setattr(member_memory, "MOST_MISSES", 3)
    lost = [page(0, f"of the same address {number}") for number in range(9)]
    archives.write("a.warc.gz", page(0), *lost, page(1))
    archives.next()
    read.clear()
    archives.next()
    assert read == urls(0) * 9


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
