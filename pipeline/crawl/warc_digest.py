"""Whether a WARC record is what its digests say: `sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ`.

Two may be there. That of the block is over its bytes as they lie there. That of the payload is,
depending on who wrote the file, over what follows the HTTP header, or over that without chunks,
or without content codings too. In collections that people use one of the two is wrong for every
record (ClueWeb22's payloads), so a record is damaged where it has digests and none of them fits.
Digests of kinds that are not known here say nothing.

Format: ISO 28500:2017, 5.8 and 5.9. Base 32 is usual, base 16 is found.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping

KNOWN = ("sha1", "sha256", "sha512", "md5")


def is_whole(fields: Mapping[str, str], block: bytes, *payloads: Callable[[], bytes]) -> bool:
    """Whether a record has no digest, or one that fits.

    Args:
        fields: of its header, names in lower case.
        block: what it holds.
        payloads: the forms that its payload may have been taken in, made when they are asked for.
    """
    of_block = _digest(fields, "warc-block-digest")
    of_payload = _digest(fields, "warc-payload-digest")
    if "warc-truncated" in fields or not payloads:
        of_payload = None
    if of_block is None and of_payload is None:
        return True
    return bool(of_block and _fits(of_block, block)) or any(
        of_payload and _fits(of_payload, payload()) for payload in payloads
    )


def _digest(fields: Mapping[str, str], name: str) -> tuple[str, str] | None:
    """The kind and the value of a digest; None where there is none that is known."""
    kind, _, value = fields.get(name, "").strip().partition(":")
    kind = kind.lower().replace("-", "")
    return (kind, value.upper().rstrip("=")) if kind in KNOWN else None


def _fits(digest: tuple[str, str], content: bytes) -> bool:
    kind, value = digest
    found = hashlib.new(kind, content, usedforsecurity=False)
    in_base_32 = base64.b32encode(found.digest()).decode().rstrip("=")
    return value in (in_base_32, found.hexdigest().upper())
