"""WARC files of which each record is a gzip member, for tests of what is remembered of them."""

import gzip

from tests.pipeline.crawl.test_broken_refresh import Windows
from tests.pipeline.crawl.test_line_memory import urls

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


def named(member, size):
    """The member with a file's name in its header, so that it has so many bytes."""
    name = b"a" * (size - len(member) - 1)
    return member[:3] + b"\x08" + member[4:10] + name + b"\0" + member[10:]
