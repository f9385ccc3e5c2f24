"""Archives that are packed by Zstandard: a frame for each record, with a dictionary or without."""

import gzip
import struct

import pytest
from backports import zstd

from pipeline.crawl.errors import DamagedSource
from pipeline.crawl.unpacking import Damage, Unpacked
from tests.pipeline.crawl.bombs import DICTIONARY as DICTIONARY_FRAME
from tests.pipeline.crawl.bombs import OTHER, record, response, skippable
from tests.pipeline.crawl.test_warc import pages, visit

BODIES = [b"<p>This is page %d of the archive, and much like the others</p>" % n for n in range(60)]
RECORDS = [
    record(f"http://example.org/{number}", response(body)) for number, body in enumerate(BODIES)
]
DICTIONARY = zstd.train_dict(RECORDS * 20, 2000)


def frames(records=RECORDS, *, dictionary=None):
    level = {zstd.CompressionParameter.checksum_flag: 1}
    return b"".join(zstd.compress(each, options=level, zstd_dict=dictionary) for each in records)


def of_dictionary(content):
    return skippable(content) + frames(dictionary=DICTIONARY)


@pytest.mark.parametrize(
    "content",
    [
        frames(),
        frames([b"".join(RECORDS)]),
        frames([b"".join(RECORDS[:30]), b"".join(RECORDS[30:])]),
        skippable(b"a note", OTHER)
        + frames(RECORDS[:9])
        + skippable(b"", OTHER)
        + frames(RECORDS[9:]),
        of_dictionary(DICTIONARY.dict_content),
        of_dictionary(zstd.compress(DICTIONARY.dict_content)),
    ],
    ids=["each", "whole", "some", "skipped", "dictionary", "packed-dictionary"],
)
def test_every_form_of_zstd_archive_is_read(tmp_path, content):
    (tmp_path / "a.warc.zst").write_bytes(content)
    assert [page.body for page in pages(visit(tmp_path, tmp_path / "a.warc.zst"))] == BODIES


@pytest.mark.parametrize("dictionary", [None, DICTIONARY])
def test_an_archive_that_is_cut_or_changed_gives_its_whole_records_and_is_told(
    tmp_path, dictionary
):
    head = skippable(DICTIONARY.dict_content) if dictionary else b""
    packed = frames(dictionary=dictionary)
    for content in (packed[:-3], packed[:-20], packed[:-40] + b"\xff" + packed[-39:]):
        (tmp_path / "a.warc.zst").write_bytes(head + content)
        with pytest.raises(DamagedSource, match=r"a\.warc\.zst: (a|the last) zstd frame|too soon"):
            visit(tmp_path, tmp_path / "a.warc.zst")
        found = pages(visit(tmp_path, tmp_path / "a.warc.zst", tolerate_damage=True))
        assert 58 <= len(found) <= 60
        assert [page.body for page in found] == BODIES[: len(found)]


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (skippable(b"no dictionary at all"), "its dictionary is none"),
        (skippable(zstd.compress(b"no dictionary at all")), "its dictionary is none"),
        (skippable(zstd.compress(DICTIONARY.dict_content)[:-9]), "cut short"),
        (skippable(zstd.compress(bytes(20 << 20))), "cut short, or has over 16,777,216 bytes"),
        (struct.pack("<II", DICTIONARY_FRAME, 1 << 31), "its dictionary has 2,147,483,648 bytes"),
        (b"", "Dictionary mismatch"),
        (skippable(b"\x37\xa4\x30\xec" + bytes(200)), "its dictionary is none"),
    ],
)
def test_a_dictionary_that_is_none_is_told_and_takes_no_memory(tmp_path, head, words):
    (tmp_path / "a.warc.zst").write_bytes(head + frames(dictionary=DICTIONARY))
    with pytest.raises(DamagedSource, match=words):
        visit(tmp_path, tmp_path / "a.warc.zst")


def test_a_record_that_blows_up_costs_itself(tmp_path):
    flood = [RECORDS[0], record("http://example.org/f", response(bytes(50 << 20))), RECORDS[1]]
    (tmp_path / "a.warc.zst").write_bytes(frames(flood))
    before, refused, after, _ = visit(tmp_path, tmp_path / "a.warc.zst")
    assert (before.body, after.body) == (BODIES[0], BODIES[1])
    assert refused.why == "too_many_bytes"


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress])
def test_a_file_that_comes_to_more_than_any_archive_is_left(tmp_path, monkeypatch, pack):
    monkeypatch.setattr("pipeline.crawl.unpacking.LEAST_ROOM", 10 << 20)
    monkeypatch.setattr("pipeline.crawl.unpacking.MOST_EXPANSION", 10)
    (tmp_path / "a").write_bytes(pack(bytes(30 << 20)))
    with (tmp_path / "a").open("rb") as file:
        unpacked, size = Unpacked(file), 0
        with pytest.raises(Damage, match="up to here it comes to"):
            while piece := unpacked.piece():
                assert len(piece) <= 1 << 18
                size += len(piece)
    assert size <= 10 << 20


def test_a_frame_that_refers_back_too_far_is_refused(tmp_path):
    wide = {
        zstd.CompressionParameter.window_log: 28,
        zstd.CompressionParameter.content_size_flag: 0,
    }
    compressor = zstd.ZstdCompressor(options=wide)
    (tmp_path / "a.warc.zst").write_bytes(compressor.compress(RECORDS[0]) + compressor.flush())
    with pytest.raises(DamagedSource, match="zstd frame is damaged"):
        visit(tmp_path, tmp_path / "a.warc.zst")
