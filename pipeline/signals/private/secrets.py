"""Keys and tokens that open somebody's account, by the form their issuers gave them."""

from collections import Counter
from math import log2

from pipeline.signals.private.kind import Kind

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
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----[A-Za-z0-9+/=\s]+-----END [A-Z ]*PRIVATE KEY-----"
)
LEAST_ENTROPY = 3.0  # bits per character; drawn at random, 16 characters have about 3.6
PLACEHOLDERS = (b"EXAMPLE", b"XXXX", b"0000", b"1234567", b"ABCDEF")
WORD = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"


def _secret(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    found = text[start:stop]
    if found.startswith(b"-----"):
        return start, stop
    if any(byte in WORD for byte in text[max(start - 1, 0) : start] + text[stop : stop + 1]):
        return None
    made_up = any(placeholder in found.upper() for placeholder in PLACEHOLDERS)
    return None if made_up or entropy(found[4:]) < LEAST_ENTROPY else (start, stop)


def entropy(content: bytes) -> float:
    """Shannon's entropy, bits per byte."""
    counts = Counter(content).values()
    return -sum(count / len(content) * log2(count / len(content)) for count in counts)


SECRET = Kind("secret", b"|".join((*FORMS, PRIVATE_KEY)), _secret)
