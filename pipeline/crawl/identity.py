"""The identity of a document: what makes it the same one in every window and on every machine."""

import hashlib
import struct
from functools import cache

DOC_ID_BYTES = 16
_LENGTH = struct.Struct(">Q").pack


def doc_id(source: str, url: str, payload_sha256: bytes) -> bytes:
    """The id of a page that has an address of its own.

    Args:
        source: the kind of source, "web".
        url: canonical.
        payload_sha256: of the decoded bytes of the page, see `payload_of_text` for texts.

    Returns:
        16 bytes. Neither the fetch time nor where the payload lies is part of it.
    """
    place = _lengthened(url.encode()) + _lengthened(payload_sha256)
    return hashlib.sha256(_kind(b"url", source.encode()) + place).digest()[:DOC_ID_BYTES]


def row_doc_id(source: str, file_sha256: bytes, row: int, payload_sha256: bytes) -> bytes:
    """The id of a row of a file that names no address, by the file's content and the row."""
    place = _lengthened(file_sha256) + _lengthened(b"%d" % row) + _lengthened(payload_sha256)
    return hashlib.sha256(_kind(b"row", source.encode()) + place).digest()[:DOC_ID_BYTES]


def payload_of_text(text: str, title: str | None, language: str | None) -> bytes:
    """SHA-256 over what a source of texts says of a document; a missing part is no empty one."""
    return hashlib.sha256(_said(text) + _said(title) + _said(language)).digest()


def _said(part: str | None) -> bytes:
    return _lengthened(b"-" if part is None else b"+" + part.encode())


@cache
def _kind(*parts: bytes) -> bytes:
    return b"".join(map(_lengthened, parts))


def _lengthened(part: bytes) -> bytes:
    """A part after its length: no two lists of parts give the same bytes."""
    return _LENGTH(len(part)) + part
