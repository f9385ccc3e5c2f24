"""Writing WARC 1.1 files that any reader of the format opens: one gzip member a record.

Format: ISO 28500:2017, https://iipc.github.io/warc-specifications/specifications/warc-format/
"""

import base64
import hashlib
import uuid
import zlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Self

# A body is stored decoded. The headers that spoke of how it travelled keep their value under
# another name, as in Common Crawl's files, so that no reader decodes it again.
TRAVEL = ("content-encoding", "transfer-encoding", "content-length")
TRAVEL_PREFIX = "X-Crawler-"


class Placed(NamedTuple):
    """Where a record lies in its file."""

    offset: int  # bytes
    length: int  # bytes, compressed
    record_id: str


class WarcWriter:
    """One WARC file, from its warcinfo record on."""

    def __init__(self, path: Path, *, software: str, made: datetime) -> None:
        self._file = path.open("wb")
        self.size = 0  # bytes written
        info = f"software: {software}\r\nformat: WARC File Format 1.1\r\n".encode()
        fields = (
            ("WARC-Type", "warcinfo"),
            ("WARC-Record-ID", record_id(path.name.encode(), _stamp(made).encode())),
            ("WARC-Filename", path.name),
            ("WARC-Date", _stamp(made)),
            ("Content-Type", "application/warc-fields"),
        )
        self.append(_member(fields, info), "")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def response(
        self,
        url: str,
        *,
        status: int,
        headers: Iterable[tuple[str, str]],
        body: bytes,
        fetched: datetime,
        record: str,
        address: str = "",
    ) -> Placed:
        """Append a response; see `response_member`."""
        member = response_member(
            url,
            status=status,
            headers=headers,
            body=body,
            fetched=fetched,
            record=record,
            address=address,
        )
        return self.append(member, record)

    def append(self, member: bytes, record: str) -> Placed:
        """Append a record that is packed already."""
        self._file.write(member)
        placed = Placed(self.size, len(member), record)
        self.size += len(member)
        return placed


def response_member(
    url: str,
    *,
    status: int,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    fetched: datetime,
    record: str,
    address: str = "",
) -> bytes:
    """The record of a response, packed.

    Args:
        url: what was asked for.
        status: the HTTP status.
        headers: as the server sent them.
        body: decoded.
        fetched: when, UTC.
        record: the record's id, see `record_id`.
        address: the server's IP address, where it is known.
    """
    lines = [f"HTTP/1.1 {status}", *(_header(*pair) for pair in headers)]
    lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n"
    fields = (
        ("WARC-Type", "response"),
        ("WARC-Record-ID", record),
        ("WARC-Target-URI", url),
        ("WARC-Date", _stamp(fetched)),
        *((("WARC-IP-Address", address),) if address else ()),
        ("WARC-Payload-Digest", _digest(body)),
        ("WARC-Block-Digest", _digest(head, body)),
        ("Content-Type", "application/http;msgtype=response"),
    )
    return _member(fields, head, body)


def _member(fields: Iterable[tuple[str, str]], *block: bytes) -> bytes:
    lines = [f"{name}: {_one_line(value)}" for name, value in fields]
    lines.append(f"Content-Length: {sum(map(len, block))}")
    head = ("WARC/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode()
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    pieces = [packer.compress(piece) for piece in (head, *block, b"\r\n\r\n")]
    return b"".join((*pieces, packer.flush()))


def record_id(*parts: bytes) -> str:
    """A record id made of what the record is, so that the same one has the same id."""
    digest = hashlib.sha256(b"\0".join(parts)).digest()
    return f"<urn:uuid:{uuid.UUID(bytes=digest[:16], version=5)}>"


def _header(name: str, value: str) -> str:
    prefix = TRAVEL_PREFIX if name.lower() in TRAVEL else ""
    return f"{prefix}{_one_line(name)}: {_one_line(value)}"


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ")


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _digest(*pieces: bytes) -> str:
    total = hashlib.sha1(usedforsecurity=False)
    for piece in pieces:
        total.update(piece)
    return f"sha1:{base64.b32encode(total.digest()).decode()}"
