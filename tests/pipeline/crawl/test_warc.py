"""WARC files: those we write, read by others; those of others, read by us."""

import gzip
import io
import os
import tarfile
from datetime import UTC, datetime

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from pipeline.crawl.earlier import nothing_earlier
from pipeline.crawl.errors import BadSourceFile, DamagedSource, NothingFound
from pipeline.crawl.source import Page, Rest, Visit
from pipeline.crawl.sources.warc_files import WarcFiles
from pipeline.crawl.warc import WarcWriter, record_id
from pipeline.warc_record import read_response
from tests.pipeline.crawl.conftest import DATA, WINDOW

FETCHED = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)


def write(path, bodies, **headers):
    """A WARC file with a page for each body, and where each lies."""
    with WarcWriter(path, software="test", made=FETCHED) as writer:
        return [
            writer.response(
                f"http://example.org/{number}",
                status=200,
                headers=(("Content-Type", "text/html"), *headers.items()),
                body=body,
                fetched=FETCHED,
                record=record_id(b"%d" % number),
                address="192.0.2.1",
            )
            for number, body in enumerate(bodies)
        ]


def visit(tmp_path, *paths, **settings):
    source = WarcFiles(paths=tuple(map(str, paths)), **settings)
    return list(source.visit(Visit(WINDOW, nothing_earlier(), tmp_path, lambda done, of: None)))


def pages(found):
    return [each for each in found if isinstance(each, Page)]


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """Archives that other programs wrote."""
    if not (DATA / "warc.tar.gz").exists():
        pytest.skip("shared/data/web/warc.tar.gz is not here")
    folder = tmp_path_factory.mktemp("archives")
    with tarfile.open(DATA / "warc.tar.gz") as packed:
        packed.extractall(folder, filter="data")
    return folder


def test_warcio_reads_and_verifies_what_we_write(tmp_path):
    path = tmp_path / "a.warc.gz"
    bodies = [b"<html>", b"", b"x" * 100_000]
    coded = {"Content-Encoding": "gzip", "X-Evil": "a\r\nWARC-Type: x"}
    places = write(path, bodies, **coded)
    with path.open("rb") as file:
        records = [
            (r.rec_type, r.rec_headers.get_header("WARC-Target-URI"), r.content_stream().read())
            for r in ArchiveIterator(file, check_digests="raise")
        ]
    urls = [f"http://example.org/{number}" for number in range(3)]
    assert records[0][0] == "warcinfo"
    assert records[1:] == [("response", *pair) for pair in zip(urls, bodies, strict=True)]
    with path.open("rb") as file:
        for place, body in zip(places, bodies, strict=True):
            response = read_response(file, place.offset, place.length, most_bytes=10**6)
            assert response.body == body
            assert response.headers["x-crawler-content-encoding"] == "gzip"


def test_warcio_finds_no_fault_with_our_files(tmp_path, capsys):
    path = tmp_path / "a.warc.gz"
    write(path, [b"one", b"two"])
    command = type("Command", (), {"inputs": [str(path)], "verbose": True})
    checker = Checker(command)
    checker.process_all()
    assert checker.exit_value == 0
    assert "digest pass" in capsys.readouterr().out


def test_our_own_files_come_back_as_they_were_plain_or_packed(tmp_path):
    path = tmp_path / "a.warc.gz"
    write(path, [b"one", b"two"])
    plain = tmp_path / "b.warc"
    plain.write_bytes(gzip.decompress(path.read_bytes()))
    whole = tmp_path / "c.warc.gz"
    whole.write_bytes(gzip.compress(plain.read_bytes()))
    for each in (path, plain, whole):
        found = visit(tmp_path, each)
        assert [page.body for page in pages(found)] == [b"one", b"two"]
        assert Rest("gone") in found
    first = pages(visit(tmp_path, path))[0]
    assert (first.fetched, first.address, first.record_id) == (
        FETCHED,
        "192.0.2.1",
        record_id(b"0"),
    )


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("warcio/example.warc", 1),
        ("warcio/example.warc.gz", 1),
        ("warcio/example-iana.org-chunked.warc", 1),
        ("warcio/example-wrong-chunks.warc.gz", 1),
        ("warcio/example-bad-non-chunked.warc.gz", 1),
        ("warcio/example-wget-bad-target-uri.warc.gz", 1),
        ("whirlwind/whirlwind.warc.gz", 1),
        ("fastwarc/warcfile.warc", 16),
        ("fastwarc/warcfile.warc.gz", 16),
        ("fastwarc/clueweb-quirk.warc.gz", 29),
        ("jwarc/cc.warc.gz", 1),
    ],
)
def test_pages_of_other_programs_archives_are_read(archives, tmp_path, name, count):
    found = pages(visit(tmp_path, archives / name))
    assert len(found) == count
    assert all(page.body for page in found)


@pytest.mark.parametrize("name", ["whirlwind.warc.wet", "whirlwind.warc.wet.gz"])
def test_texts_that_an_archive_made_of_pages_are_read(archives, tmp_path, name):
    (page,) = pages(visit(tmp_path, archives / "whirlwind" / name))
    assert page.url == "https://an.wikipedia.org/wiki/Escopete"
    assert page.text.startswith("Escopete - Biquipedia, a enciclopedia libre\n")
    assert len(page.text.encode()) == 4456


def test_a_text_of_an_archive_that_is_no_utf_8_is_refused(tmp_path):
    head = (
        b"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: http://example.org/\r\n"
        b"Content-Type: text/plain\r\nContent-Length: 4\r\n\r\n"
    )
    (tmp_path / "a.warc.wet").write_bytes(head + b"a\xffbc\r\n\r\n")
    with pytest.raises(NothingFound):
        visit(tmp_path, tmp_path / "a.warc.wet")
    (tmp_path / "a.warc.wet").write_bytes((head + b"a\xffbc\r\n\r\n") + head + b"abcd\r\n\r\n")
    refused, page, _ = visit(tmp_path, tmp_path / "a.warc.wet")
    assert (refused.why, page.text) == ("undecodable", "abcd")


def test_a_text_of_an_archive_that_is_too_large_is_refused(archives, tmp_path):
    with pytest.raises(NothingFound):
        visit(tmp_path, archives / "whirlwind/whirlwind.warc.wet", most_bytes=4455)


def test_our_reader_agrees_with_warcio_on_every_page(archives, tmp_path):
    path = archives / "fastwarc/warcfile.warc.gz"
    expected = []
    for record in ArchiveIterator(io.BytesIO(path.read_bytes())):
        if record.rec_type == "response":
            expected.append(record.content_stream().read())
    found = [page.body for page in pages(visit(tmp_path, path))]
    assert [body for body in expected if body in found] == found


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("cut", [9, 40, 200])  # the last bytes of a gzip member are its checksum
def test_a_file_that_ends_too_soon_gives_its_whole_records_and_is_told(
    tmp_path, caplog, cut, packed
):
    path = tmp_path / "a.warc"
    write(path, [b"one" * 50, os.urandom(300)])
    raw = path.read_bytes()
    path.write_bytes((raw if packed else gzip.decompress(raw))[:-cut])
    with pytest.raises(DamagedSource, match=r"a\.warc"):
        visit(tmp_path, path)
    found = visit(tmp_path, path, tolerate_damage=True)
    assert pages(found)[0].body == b"one" * 50
    assert len(pages(found)) == (2 if packed and cut == 9 else 1)
    assert Rest("gone") not in found
    assert "a.warc is damaged" in caplog.text


def test_a_length_of_thousands_of_digits_is_damage(tmp_path):
    path = tmp_path / "a.warc"
    write(path, [b"one"])
    endless = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n"
    path.write_bytes(gzip.decompress(path.read_bytes()) + endless)
    with pytest.raises(DamagedSource, match="Content-Length '999"):
        visit(tmp_path, path)
    assert [page.body for page in pages(visit(tmp_path, path, tolerate_damage=True))] == [b"one"]


@pytest.mark.parametrize(
    "date", [b"0001-01-01T00:00:00+23:00", b"9999-12-31T23:59:59-23:00", b"once"]
)
def test_a_record_with_a_date_that_is_none_is_read(tmp_path, date):
    path = tmp_path / "a.warc"
    write(path, [b"one", b"two"])
    plain = gzip.decompress(path.read_bytes())
    path.write_bytes(plain.replace(FETCHED.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), date))
    found = pages(visit(tmp_path, path))
    assert [(page.body, page.fetched) for page in found] == [(b"one", None), (b"two", None)]


def test_damage_in_one_file_costs_no_other(archives, tmp_path):
    broken, whole = archives / "warcio/example-trunc.warc", archives / "jwarc/cc.warc.gz"
    page, refused, *_ = visit(tmp_path, broken, whole, tolerate_damage=True)
    assert page.url == "http://commoncrawl.org/"
    assert (refused.url, refused.why) == ("http://example.com/", "damaged_record")


def test_files_without_pages_and_files_of_other_kinds_are_errors(tmp_path):
    (tmp_path / "empty.warc").write_bytes(b"")
    with pytest.raises(NothingFound, match="hold no page"):
        visit(tmp_path, tmp_path / "empty.warc")
    with pytest.raises(NothingFound, match="No file"):
        visit(tmp_path, tmp_path / "*.missing")
    (tmp_path / "a.arc").write_bytes(b"")
    with pytest.raises(BadSourceFile, match="recompress"):
        visit(tmp_path, tmp_path / "a.arc")


def test_a_page_larger_than_the_limit_is_left_out_without_being_held(tmp_path):
    path = tmp_path / "a.warc.gz"
    write(path, [b"x" * 30_000_000, b"small"])
    found = pages(visit(tmp_path, path, most_bytes=1000))
    assert [page.body for page in found] == [b"small"]
