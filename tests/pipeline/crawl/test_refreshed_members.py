"""A refresh of packed records ends where one without what was remembered does, damaged or not."""

import gzip
import random

import pytest

from pipeline.crawl import member_memory, unpacking
from pipeline.crawl.stage import Pages
from pipeline.crawl.unpacking import PIECE_BYTES
from tests.pipeline.crawl.members import named, packed, page, record
from tests.pipeline.crawl.test_line_memory import copied, damaged_copies
from tests.pipeline.crawl.test_refreshed_lines import living
from tests.support import made


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
    window = "2026-11-29T01:00:00Z"
    expected = made(
        archives.stage, copied(archives, tmp_path, "notes"), window=window, refresh=True
    )
    for other in damaged_copies(archives, tmp_path, name, bit=part, every=900):
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
