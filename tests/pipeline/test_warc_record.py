"""One response out of a WARC file, however it travelled and whoever wrote it down."""

import gzip
import io
import time
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.warc_record import BadRecord, RecordTooLarge, parse_response, read_response
from tests.pipeline.crawl.bombs import many_members

BODY = "Straße ".encode() * 200
RAW_DEFLATE = zlib.compressobj(9, zlib.DEFLATED, -15)


def chunked(body, size=100):
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;x=y\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


def packed(body):
    return gzip.compress(body, mtime=0)  # names of tests are made of it


def block(body, *headers, status=b"HTTP/1.1 200 OK"):
    return b"\r\n".join((status, *headers, b"", body))


def record(content, kind="response"):
    head = f"WARC/1.1\r\nWARC-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content + b"\r\n\r\n"


def read(raw, *, offset=0, length=None, most_bytes=10_000):
    return read_response(io.BytesIO(raw), offset, length or len(raw), most_bytes=most_bytes)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BODY, ()),
        (chunked(BODY), (b"Transfer-Encoding: chunked",)),
        (BODY, (b"Transfer-Encoding: chunked",)),  # decoded by who stored it
        (packed(BODY), (b"Content-Encoding: gzip",)),
        (packed(BODY[:700]) + packed(BODY[700:]), (b"Content-Encoding: x-gzip",)),
        (BODY, (b"Content-Encoding: gzip",)),
        (zlib.compress(BODY), (b"Content-Encoding: deflate",)),
        (RAW_DEFLATE.compress(BODY) + RAW_DEFLATE.flush(), (b"Content-Encoding: deflate",)),
        (brotli.compress(BODY), (b"Content-Encoding: br",)),
        (BODY, (b"Content-Encoding: br",)),
        (
            chunked(packed(brotli.compress(BODY))),
            (b"Transfer-Encoding: chunked", b"Content-Encoding: br, gzip"),
        ),
    ],
)
def test_a_body_comes_out_as_it_was_before_it_travelled(body, headers):
    assert read(record(block(body, *headers))).body == BODY


def test_plain_and_packed_records_are_read_at_their_place():
    first, second = record(block(b"one")), packed(record(block(b"two", b"X-A: b")))
    file = first + second + first
    assert read(file, offset=0, length=len(first)).body == b"one"
    response = read(file, offset=len(first), length=len(second))
    assert (response.status, response.headers, response.body) == (200, {"x-a": "b"}, b"two")


def test_headers_are_found_in_lower_case_repeated_folded_and_broken():
    headers = b"Vary: a", b"VARY: b", b"X: one", b"\ttwo", b"no colon", b"Name: caf\xe9"
    found = read(record(block(b"", *headers))).headers
    assert found == {"vary": "a, b", "x": "one two", "name": "café"}


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "no record begins"),
        (b"not a record", "no record begins"),
        (record(b"", kind="request"), "'request'"),
        (record(b"<html>"), "no HTTP status line"),
        (record(block(b"x"))[:-6], "Content-Length"),
        (record(b"").replace(b"Length: 0", b"Length: " + b"9" * 5000), "Content-Length"),
        (packed(record(block(b"x" * 500)))[:-20], "cut short"),
        (record(block(b"x", b"Content-Encoding: zstd")), "zstd"),
        (record(block(b"x", b"Content-Encoding: " + b"gzip," * 9)), "10 codings"),
        (record(block(b"x", b"A: b" * 300_000)), "more than 1,048,576 bytes"),
    ],
)
def test_what_is_no_response_is_refused_with_a_reason(raw, message):
    with pytest.raises(BadRecord, match=message):
        read(raw)


def test_a_record_beyond_the_end_of_the_file_is_refused():
    with pytest.raises(BadRecord, match="ends 5 bytes"):
        read(b"12345", length=10)


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (b"x" * 10_001, b"A: b"),
        (packed(b"x" * 50_000_000), b"Content-Encoding: gzip"),
        (brotli.compress(b"x" * 50_000_000), b"Content-Encoding: br"),
        (zlib.compress(b"x" * 50_000_000), b"Content-Encoding: deflate"),
    ],
)
def test_a_body_larger_than_the_limit_is_refused(body, header):
    with pytest.raises(RecordTooLarge, match="10,000"):
        read(record(block(body, header)))
    with pytest.raises(RecordTooLarge):
        read(packed(record(block(b"x" * 50_000_000))))


@given(st.binary(max_size=300), st.sampled_from((b"gzip", b"br", b"deflate", b"identity")))
def test_no_bytes_break_the_reader(noise, coding):
    for raw in (noise, record(noise), packed(record(noise))):
        with pytest.raises(BadRecord):
            read(raw)
    headers = (b"Content-Encoding: " + coding, b"Transfer-Encoding: chunked")
    parse_response(block(noise, *headers), most_bytes=10**6)
    parse_response(block(chunked(noise, 7), *headers), most_bytes=10**6)


def test_a_body_in_a_member_for_every_byte_and_a_folded_header_are_read_in_time():
    began = time.process_time()
    body = many_members(b"x" * 200_000)  # four megabytes
    headers = b"Content-Encoding: gzip", b"A: b", *[b" c"] * 200_000, *[b"D: e"] * 40_000
    found = parse_response(block(body, *headers), most_bytes=10**6)
    assert (len(found.body), len(found.headers["a"])) == (200_000, 400_001)
    assert time.process_time() - began < 5
