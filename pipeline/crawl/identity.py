"""The identity of a document: what makes it the same one in every window and on every machine."""

import hashlib
from collections.abc import Iterable

DOC_ID_BYTES = 16


def doc_id(source: str, url: str, payload_sha256: bytes) -> bytes:
    """The id of a page that has an address of its own.

    Args:
        source: the kind of source, "web".
        url: canonical.
        payload_sha256: of the decoded bytes of the page, see `payload_of_text` for texts.

    Returns:
        16 bytes. Neither the fetch time nor where the payload lies is part of it.
    """
    return _hash((b"url", source.encode(), url.encode(), payload_sha256))


def row_doc_id(source: str, file_sha256: bytes, row: int, payload_sha256: bytes) -> bytes:
    """The id of a row of a file that names no address, by the file's content and the row."""
    return _hash((b"row", source.encode(), file_sha256, b"%d" % row, payload_sha256))


def payload_of_text(text: str, title: str | None, language: str | None) -> bytes:
    """SHA-256 over what a source of texts says of a document; a missing part is no empty one."""
    parts = (text, title, language)
    return hashlib.sha256(
        _lengthened([b"-" if part is None else b"+" + part.encode() for part in parts])
    ).digest()


def _hash(parts: Iterable[bytes]) -> bytes:
    return hashlib.sha256(_lengthened(parts)).digest()[:DOC_ID_BYTES]


def _lengthened(parts: Iterable[bytes]) -> bytes:
    """The parts, each after its length: no two lists of parts give the same bytes."""
    return b"".join([each for part in parts for each in (len(part).to_bytes(8, "big"), part)])
