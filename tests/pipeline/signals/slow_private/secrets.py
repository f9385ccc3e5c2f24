"""Keys, tokens and passwords."""

from collections import Counter
from math import log2

import re2

from pipeline.signals.private.assigned import NAMES
from tests.pipeline.signals.slow_private.contacts import LOCAL, user_before
from tests.pipeline.signals.slow_private.kind import Kind, latin

# As documented by each issuer for secret scanning.
FORMS = (
    rb"(?:AKIA|ASIA)[A-Z2-7]{16}",  # Amazon Web Services
    rb"gh[pousr]_[A-Za-z0-9]{36}",  # GitHub
    rb"github_pat_[A-Za-z0-9_]{60,90}",
    rb"glpat-[A-Za-z0-9_-]{20}",  # GitLab
    rb"xox[abeoprs]-[A-Za-z0-9-]{20,80}",  # Slack
    rb"AIza[A-Za-z0-9_-]{35}",  # Google
    rb"[rs]k_live_[A-Za-z0-9]{24,99}",  # Stripe
    rb"sk-[A-Za-z0-9_-]{40,200}",  # OpenAI, Anthropic
    rb"hf_[A-Za-z]{34}",  # Hugging Face
    rb"npm_[A-Za-z0-9]{36}",
    rb"pypi-AgEI[A-Za-z0-9_-]{50,250}",
    rb"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",  # SendGrid
)
PRIVATE_KEY = (
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[A-Za-z0-9+/=\s\\:,]|-{1,4}[A-Za-z0-9+/=\s\\:,])+"
    rb"-----END [A-Z ]*PRIVATE KEY-----"
)
JSON = rb"eyJ[A-Za-z0-9_-]{10,}"
WEB_TOKEN = rb"(?:\A|[^A-Za-z0-9_.-])" + JSON + rb"\." + JSON + rb"\.[A-Za-z0-9_-]{20,}"
LEAST_ENTROPY = 3.0  # bits per character; drawn at random, 16 characters have about 3.6
PLACEHOLDERS = (b"EXAMPLE", b"XXXX", b"0000", b"1234567", b"ABCDEF")
WORD = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"


def _secret(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    found = text[start:stop]
    if found.startswith(b"-----"):
        return start, stop
    if any(byte in WORD for byte in text[max(start - 1, 0) : start] + text[stop : stop + 1]):
        return None
    short = found.startswith((b"AKIA", b"ASIA"))
    if _is_made_up(found) or entropy(found[4:]) < LEAST_ENTROPY:
        return None
    return (start, stop) if short or _changes(found) >= 3 else None


def _web_token(text: bytes, start: int, stop: int) -> tuple[int, int]:
    return text.index(b"eyJ", start), stop


def _assigned(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    """The value behind a sign, which is the match."""
    name = text[max(start - 40, 0) : start].lower()
    for _ in range(3):
        name = name[:-1] if name[-1:] in (b" ", b'"', b"'", b"`") and name else name
    value = VALUE.match(text[start : start + 300])
    if value is None or not name.endswith(tuple(each.encode() for each in NAMES)):
        return None
    begin, end = (start + edge for edge in value.span(1))
    after = text[end : end + 1]
    if value[1].startswith(b"/") or (after and after not in ENDS):
        return None
    random = not _is_made_up(value[1]) and entropy(value[1]) >= LEAST_ENTROPY
    return (begin, end) if random and _changes(value[1]) * 6 >= len(value[1]) else None


def _password(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    """What stands between a user and the @ of a URL."""
    word = text[start : stop - 1]
    told = not word.isalpha() and not word.isdigit() and not _is_made_up(word)
    user = user_before(text, start) is not None
    return (start, stop - 1) if len(word) >= 6 and told and user else None


def _is_made_up(found: bytes) -> bool:
    return any(placeholder in found.upper() for placeholder in PLACEHOLDERS)


def _changes(found: bytes) -> int:
    """How often digits and letters, or small letters and capitals, follow each other."""
    turns = (rb"[0-9][A-Za-z]", rb"[A-Za-z][0-9]", rb"[a-z][A-Z]")
    pairs = [found[at : at + 2] for at in range(len(found) - 1)]
    return sum(re2.fullmatch(turn, pair) is not None for pair in pairs for turn in turns)


def entropy(content: bytes) -> float:
    """Shannon's entropy, bits per byte."""
    counts = Counter(content).values()
    return -sum(count / len(content) * log2(count / len(content)) for count in counts)


VALUE = re2.compile(rb"[=>: \"'`\]\\]{1,6}(?:Bearer )?([A-Za-z0-9_+/=~-]{16,256})", latin())
ENDS = tuple(bytes([byte]) for byte in b" \t\n\r\x0b\x0c\"'`;,)}]&<\\")
SECRETS = (
    Kind("secret", b"|".join((*FORMS, PRIVATE_KEY)), _secret),
    Kind("secret", WEB_TOKEN, _web_token),
    Kind("secret", b"[:=]", _assigned),
    Kind("secret", LOCAL + b"+@", _password),
)
