"""E-mail addresses, and the users of URLs."""

import re

import re2

from pipeline.signals.private.contacts import (
    DIGITS_AT_PROVIDER,
    DIGITS_OF_MESSAGE,
    HOST_USER,
    MESSAGES,
    PROVIDERS,
)
from tests.pipeline.signals.slow_private.kind import Kind, follows, latin

# Reserved for documentation and tests (RFC 2606, RFC 6761): nobody's address.
RESERVED_DOMAINS = (".example.com", ".example.net", ".example.org")
RESERVED_TOP = ("example", "invalid", "test", "localhost")
FILE_ENDINGS = ("png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "html", "php")

LATIN = rb"[\xc3-\xc9][\x80-\xbf]"
LOCAL, LABEL = rb"(?:[A-Za-z0-9._%+'-]|" + LATIN + b")", rb"(?:[A-Za-z0-9-]|" + LATIN + b")"
USER = re2.compile(rb"://((?:[A-Za-z0-9._%+'-]|[\x80-\xff])+):\z", latin())


def _email(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    if user_before(text, start) is not None:
        return None
    while text[start : start + 1] in tuple(bytes([byte]) for byte in b".%+-_'"):
        start += 1
    stop -= len(text[start:stop]) - len(text[start:stop].rstrip(b"-"))
    local, _, domain = text[start:stop].decode().lower().rpartition("@")
    if _is_message(text, start, local, domain):
        return None
    labels = domain.split(".")
    top = labels[-1]
    sound = (
        0 < len(local.encode()) <= 64
        and len(domain.encode()) <= 253
        and ".." not in local
        and not local.endswith(".")
        and len(top) > 1
        and ((top.isascii() and top.isalpha()) or top.startswith("xn--"))
        and not any(label.startswith("-") or label.endswith("-") for label in labels)
    )
    reserved = f".{domain}".endswith(RESERVED_DOMAINS) or top in RESERVED_TOP
    return (start, stop) if sound and not reserved and top not in FILE_ENDINGS else None


def _is_message(text: bytes, start: int, local: str, domain: str) -> bool:
    """Whether what looks like a mailbox names a message, or the user of every host of code."""
    before = text[max(start - 1, 0) : start]
    if local == HOST_USER or before == b"$":
        return True
    if before == b"<" and follows(text, start - 1, MESSAGES):
        return True
    runs = [run for run in re.findall("[0-9]+", local) if run]
    least = DIGITS_AT_PROVIDER if domain in PROVIDERS else DIGITS_OF_MESSAGE
    return len(runs) > 1 and len("".join(runs)) >= least


def user_before(text: bytes, start: int) -> int | None:
    """Where the user of a URL begins whose password begins at `start`."""
    before = text[max(start - 68, 0) : start]
    match = USER.search(before)
    return None if match is None else max(start - 68, 0) + match.start(1)


EMAIL = Kind("email", LOCAL + b"+@" + LABEL + rb"+(?:\." + LABEL + b"+)+", _email)
