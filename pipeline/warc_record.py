"""Reading one HTTP response out of a WARC file, at the place that the index of pages gives.

Records come from our own crawl and from strangers. What a server's answer went through is undone
(chunks, gzip, deflate, brotli), under a limit on the bytes that come out, so that a small record
cannot fill the memory. Headers that promise an encoding which the body does not have are common in
archives, since many tools store the decoded body under the old headers: such a body is taken as
it is.

Formats: WARC 1.1 (ISO 28500:2017), HTTP/1.1 (RFC 9112), content codings (RFC 9110, 8.4).
"""

import zlib
from typing import BinaryIO, NamedTuple

import brotli

from pipeline.errors import PipelineError

HEAD_BYTES = 1 << 20  # of a record: its own header and the response's
FED_BYTES = 1 << 12  # to one gzip member at once
GZIP_MAGIC = b"\x1f\x8b"
MOST_CODINGS = 4  # one in the other; servers use one
MOST_DIGITS = 18  # of a length; Python refuses to read a number of thousands
LINES_END = b"\r\n\r\n"


class BadRecord(PipelineError):
    """A WARC record that holds no response that can be read."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"A WARC record cannot be read: {problem}.")


class RecordTooLarge(BadRecord):
    """A response that is larger than the reader is willing to hold."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(f"the response in it is larger than {most_bytes:,} bytes")


class Response(NamedTuple):
    """What a server answered."""

    status: int
    headers: dict[str, str]  # names in lower case; the values of a repeated name, with ", " between
    body: bytes  # without chunks and content codings


def read_response(stream: BinaryIO, offset: int, length: int, *, most_bytes: int) -> Response:
    """The response in the record at `offset`.

    Args:
        stream: a WARC file, plain or with one gzip member a record.
        offset: where the record begins, bytes.
        length: of the record as it lies in the file, bytes.
        most_bytes: of the decoded body.

    Raises:
        RecordTooLarge: the body is larger than `most_bytes`.
        BadRecord: there is no record there, or no response in it.
    """
    stream.seek(offset)
    raw = stream.read(length)
    if len(raw) < length:
        msg = f"the file ends {length - len(raw):,} bytes before the record does"
        raise BadRecord(msg)
    if raw.startswith(GZIP_MAGIC):
        raw, whole = _inflate(raw, 31, 2 * most_bytes + HEAD_BYTES)
        if not whole:
            msg = "its gzip member is cut short or damaged"
            raise BadRecord(msg)
    head, _, block = raw.partition(LINES_END)
    fields = header_fields(head)
    if not head.startswith(b"WARC/"):
        msg = f"no record begins at byte {offset:,}"
        raise BadRecord(msg)
    if fields.get("warc-type") != "response":
        msg = f"it is of type {fields.get('warc-type')!r}, not a response"
        raise BadRecord(msg)
    size = fields.get("content-length", "")
    if not size.isdecimal() or len(size) > MOST_DIGITS or len(block) < int(size):
        msg = f"its Content-Length is {size[:40]!r}, but {len(block):,} bytes are there"
        raise BadRecord(msg)
    return parse_response(block[: int(size)], most_bytes=most_bytes)


def parse_response(block: bytes, *, most_bytes: int) -> Response:
    """The response whose bytes, status line first, are `block`.

    Raises:
        RecordTooLarge: the decoded body is larger than `most_bytes`.
        BadRecord: `block` is no HTTP response, or is in a coding that is not known here.
    """
    head, body = _parted(block)
    version, _, rest = head.partition(b" ")
    status = rest[:3]
    if not version.startswith(b"HTTP/") or not status.isdigit():
        msg = f"it begins with {head[:40]!r}, which is no HTTP status line"
        raise BadRecord(msg)
    if len(head) > HEAD_BYTES:
        msg = f"its header has more than {HEAD_BYTES:,} bytes"
        raise BadRecord(msg)
    headers = header_fields(head)
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = unchunked(body)
    codings = headers.get("content-encoding", "").lower().split(",")
    if len(codings) > MOST_CODINGS:
        msg = f"its body is in {len(codings):,} codings, one in the other"
        raise BadRecord(msg)
    for coding in reversed(codings):
        body = decoded(body, coding.strip(), most_bytes)
    if len(body) > most_bytes:
        raise RecordTooLarge(most_bytes)
    return Response(int(status), headers, body)


def payload_of(block: bytes) -> bytes:
    """What follows a response's header, as it lies there."""
    return _parted(block)[1]


def _parted(block: bytes) -> tuple[bytes, bytes]:
    head, end, body = block.partition(LINES_END)
    if not end:
        head, _, body = block.partition(b"\n\n")
    return head, body


def header_fields(head: bytes) -> dict[str, str]:
    """The named fields below a first line, of WARC and HTTP headers alike; UTF-8 or Latin-1."""
    values: dict[str, list[str]] = {}
    name = ""
    for line in head.splitlines()[1:]:
        text = _text(line)
        if text[:1] in (" ", "\t") and name in values:  # a folded line goes on with the last one
            values[name] += [" ", text.strip()]
            continue
        name, colon, value = text.partition(":")
        name = name.strip().lower()
        if colon:
            parts = values.setdefault(name, [])
            parts += [", ", value.strip()] if parts else [value.strip()]
    return {name: "".join(parts) for name, parts in values.items()}


def decoded(body: bytes, coding: str, most_bytes: int) -> bytes:
    """The body without one content coding; as it is where it does not have that coding.

    Raises:
        RecordTooLarge: more than `most_bytes` come out.
        BadRecord: the coding is not known here.
    """
    if coding in ("gzip", "x-gzip"):
        return _inflate(body, 31, most_bytes)[0] if body.startswith(GZIP_MAGIC) else body
    if coding == "deflate":  # zlib's form by the standard, the bare one in the wild
        for window in (15, -15):
            plain, whole = _inflate(body, window, most_bytes)
            if whole:
                return plain
        return body
    if coding == "br":
        return _unbrotlied(body, most_bytes)
    if coding not in ("", "identity"):
        msg = f"its body is in the coding {coding!r}, which is not known here"
        raise BadRecord(msg)
    return body


def _inflate(data: bytes, window: int, most_bytes: int) -> tuple[bytes, bool]:
    """What can be inflated, and whether that is all; one gzip member after the other.

    The data go in by small pieces: each member hands back a copy of what it did not need, and there
    can be one for every twenty bytes.
    """
    plain, at = bytearray(), 0
    view = memoryview(data)
    inflater = None
    while at < len(data):
        if inflater is None or inflater.eof:
            if inflater and not data.startswith(GZIP_MAGIC, at):
                break
            inflater = zlib.decompressobj(window)
        fed = view[at : at + FED_BYTES]
        try:
            plain += inflater.decompress(fed, most_bytes - len(plain) + 1)
        except zlib.error:
            return bytes(plain), False
        if len(plain) > most_bytes:
            raise RecordTooLarge(most_bytes)
        at += len(fed) - len(inflater.unused_data) - len(inflater.unconsumed_tail)
    return bytes(plain), inflater is None or inflater.eof


def _unbrotlied(data: bytes, most_bytes: int) -> bytes:
    plain = bytearray()
    decompressor = brotli.Decompressor()
    try:
        while not decompressor.is_finished():
            piece = decompressor.process(data, output_buffer_limit=1 << 16)
            plain += piece
            if len(plain) > most_bytes:
                raise RecordTooLarge(most_bytes)
            if not piece and decompressor.can_accept_more_data():
                break  # the stream is cut short
            data = b""
    except brotli.error:
        return bytes(plain) or data
    return bytes(plain)


def unchunked(body: bytes) -> bytes:
    """The body without its chunk sizes; what is there of one that is cut short or never had any."""
    pieces: list[bytes] = []
    place = 0
    while place < len(body):
        end = body.find(b"\n", place, place + 1024)
        size = body[place:end].partition(b";")[0].strip() if end >= 0 else b""
        try:
            count = int(size, 16)
        except ValueError:
            return b"".join(pieces) or body
        if count <= 0:
            break
        pieces.append(body[end + 1 : end + 1 + count])
        place = end + 1 + count
        place += 2 if body[place : place + 2] == b"\r\n" else body[place : place + 1] == b"\n"
    return b"".join(pieces)


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")
