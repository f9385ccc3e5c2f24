"""Files that are small and would be large, and files that lie."""

import gzip
import json
import struct
import zlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

MEBIBYTE = 1 << 20
DICTIONARY, OTHER = 0x184D2A5D, 0x184D2A50  # kinds of frames that decoders pass over


def page_bomb(path, *, megabytes):
    """A good row group, then one whose only value is a flood, then a good one."""
    schema = pa.schema([("text", pa.large_string())])
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=False) as out:
        for text in ("before", "a" * (megabytes * MEBIBYTE), "after"):
            out.write_table(pa.table({"text": pa.array([text], pa.large_string())}))


def dictionary_bomb(path, *, megabytes, rows):
    """Many rows that are all one large value, which the file holds once."""
    values = pa.array(["b" * (megabytes * MEBIBYTE)], pa.string())
    column = pa.DictionaryArray.from_arrays(np.zeros(rows, np.int32), values)
    table = pa.table({"text": column})
    pq.write_table(table, path, compression="zstd", dictionary_pagesize_limit=1 << 30)


def footer_bomb(path, *, megabytes):
    """A footer that fills the file."""
    size = megabytes * MEBIBYTE
    with path.open("wb") as out:
        out.write(b"PAR1")
        out.truncate(size)
        out.seek(size)
        out.write((size - 16).to_bytes(4, "little") + b"PAR1")


def lying_rows(path):
    """A footer that says one row more than there is, in every place that says so."""
    pq.write_table(pa.table({"text": [f"row {n}" for n in range(1000)]}), path)
    told, lie = (bytes((0x80 | 2 * n & 0x7F, 2 * n >> 7)) for n in (1000, 1001))
    raw = path.read_bytes()
    size = int.from_bytes(raw[-8:-4], "little")
    footer = raw[-8 - size : -8].replace(told, lie)
    path.write_bytes(raw[: -8 - size] + footer + raw[-8:])


def endless_line(path, *, megabytes):
    """Good lines around one that is a flood, packed."""
    flood = b'{"text": "' + b"a" * (megabytes * MEBIBYTE) + b'"}\n'
    lines = (b'{"text": "before"}\n', flood, b'{"text": "after"}\n')
    path.write_bytes(gzip.compress(b"".join(lines), 1))


def awkward_lines(path):
    """JSON that is too deep, and half a character."""
    deep = b'{"text": "x", "y": ' + b"[" * 5000 + b"]" * 5000 + b"}\n"
    half = json.dumps({"text": "\ud800"}).encode() + b"\n"
    path.write_bytes(b'{"text": "before"}\n' + deep + half + b'{"text": "after"}\n')


def record(url, block, *, kind="response", length=None):
    head = f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\n"
    head += f"Content-Length: {len(block) if length is None else length}\r\n\r\n"
    return head.encode() + block + b"\r\n\r\n"


def response(body, *headers):
    lines = (b"HTTP/1.1 200 OK", b"Content-Type: text/html", *headers, b"")
    return b"\r\n".join(lines) + b"\r\n" + body


def skippable(content, kind=DICTIONARY):
    """A frame of Zstandard that decoders pass over: a dictionary for the frames behind, or not."""
    return struct.pack("<II", kind, len(content)) + content


def many_members(content, *, size=1):
    """A gzip member for every byte or so."""
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    return b"".join(map(_member, pieces))


def _member(piece):
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(piece) + packer.flush()


def warc_bombs(path, *, megabytes):
    """Good records around bombs, each of them in a member of its own."""
    flood = b"a" * (megabytes * MEBIBYTE)
    nested = response(gzip.compress(gzip.compress(flood)), b"Content-Encoding: gzip, gzip")
    packed = response(gzip.compress(flood), b"Content-Encoding: gzip")
    pieces = response(many_members(b"p" * 100_000), b"Content-Encoding: gzip")
    onion = response(b"<p>", b"Content-Encoding: " + b",".join([b"gzip"] * 1000))
    folded = response(b"<p>x</p>", *[b"A: b"] * 3, *[b" c"] * 400_000)
    records = {
        "before": response(b"<p>before</p>"),
        "flood": response(flood),
        "packed": packed,
        "nested": nested,
        "pieces": pieces,
        "onion": onion,
        "folded": folded,
        "silent": b"no response at all",
        "after": response(b"<p>after</p>"),
    }
    made = (record(f"http://example.org/{name}", block) for name, block in records.items())
    path.write_bytes(b"".join(gzip.compress(each, 1) for each in made))
