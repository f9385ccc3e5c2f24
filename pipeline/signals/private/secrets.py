"""Keys and tokens that open somebody's account, by the form their issuers gave them."""

import string
from math import log2
from typing import NamedTuple

import numpy as np

from pipeline.signals.kernels.compiled import compiled
from pipeline.signals.private.kind import Array, Bytes, Spans
from pipeline.signals.private.scanning import HYPHEN, alone, members, run_end

ALNUM = string.ascii_letters + string.digits


class Form(NamedTuple):
    """How a token is written: how it can begin, and how many of which characters follow."""

    begins: str
    characters: str
    fewest: int
    most: int


# As documented by each issuer for secret scanning.
FORMS = (
    Form("AKIA ASIA", string.ascii_uppercase + "234567", 16, 16),  # Amazon Web Services
    Form("ghp_ gho_ ghu_ ghs_ ghr_", ALNUM, 36, 36),  # GitHub
    Form("github_pat_", ALNUM + "_", 60, 90),
    Form("glpat-", ALNUM + "_-", 20, 20),  # GitLab
    Form("xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs-", ALNUM + "-", 20, 80),  # Slack
    Form("AIza", ALNUM + "_-", 35, 35),  # Google
    Form("rk_live_ sk_live_", ALNUM, 24, 99),  # Stripe
    Form("sk-", ALNUM + "_-", 40, 200),  # OpenAI, Anthropic
    Form("hf_", string.ascii_letters, 34, 34),  # Hugging Face
    Form("npm_", ALNUM, 36, 36),
    Form("pypi-AgEI", ALNUM + "_-", 50, 250),
    Form("SG.", ALNUM + "_-", 22, 22),  # SendGrid, which goes on: see `_past_token`
)
SENDGRID_REST = 43  # characters behind its second point
LEAST_ENTROPY = 3.0  # bits per character; drawn at random, 16 characters have about 3.6
PLACEHOLDERS = "EXAMPLE XXXX 0000 1234567 ABCDEF"
PREFIX = 4  # bytes that tell whose token it is, and nothing of how random it is

_BEGINS = tuple((begin, form) for form in FORMS for begin in form.begins.split())
_LONGEST = max(len(begin) for begin, _ in _BEGINS)
_STARTS = np.array([list(begin.encode().ljust(_LONGEST, b"\0")) for begin, _ in _BEGINS], np.uint8)
_SIZES = np.array([(len(begin), form.fewest, form.most) for begin, form in _BEGINS], np.int64)
_CHARACTERS = np.array([members(form.characters) for _, form in _BEGINS])
_FIRST = members("".join({begin[0] for begin, _ in _BEGINS}))
_SENDGRID = [begin for begin, _ in _BEGINS].index("SG.")
_JOINS = members(ALNUM + "_-")
_PLACEHOLDERS = np.frombuffer(f"{PLACEHOLDERS} ".encode(), np.uint8)

_OPEN = np.frombuffer(b"-----BEGIN ", np.uint8)
_CLOSE = np.frombuffer(b"-----END ", np.uint8)
_KEY = np.frombuffer(b"PRIVATE KEY-----", np.uint8)
_KEY_WORDS = members(string.ascii_uppercase + " ")
_KEY_BODY = members(ALNUM + "+/=\t\n\f\r ")
_RULE = 5  # hyphens


@compiled
def scan_secret(data: Bytes, spans: Spans) -> int:
    """Tokens of a known form that are random enough, and private keys in PEM (RFC 7468)."""
    found = at = 0
    while at < len(data):
        stop, real = 0, True
        if data[at] == HYPHEN:
            stop = _past_key(data, at)
        elif _FIRST[data[at]]:
            stop = _past_token(data, at)
            real = stop > 0 and alone(data, at, stop, _JOINS) and _is_random(data, at, stop)
        if stop and real:
            spans[found, 0], spans[found, 1] = at, stop
            found += 1
        at = stop if stop else at + 1
    return found


@compiled
def _past_token(data: Bytes, at: int) -> int:
    """The place after a token; 0 where none begins."""
    for form in range(len(_STARTS)):
        size, fewest, most = _SIZES[form]
        if not _is_there(data, at, _STARTS[form][:size]):
            continue
        stop = _bounded(data, at + size, most, _CHARACTERS[form])
        if stop - at - size < fewest:
            return 0
        if form == _SENDGRID:
            if stop == len(data) or data[stop] != 46:  # a point
                return 0
            rest = stop + 1
            stop = _bounded(data, rest, SENDGRID_REST, _CHARACTERS[form])
            return stop if stop - rest == SENDGRID_REST else 0
        return stop
    return 0


@compiled
def _past_key(data: Bytes, at: int) -> int:
    """The place after a private key, from its BEGIN to its END; 0 where none begins."""
    body = _past_rule(data, at, _OPEN)
    if not body:
        return 0
    end = run_end(data, body, _KEY_BODY)
    return _past_rule(data, end, _CLOSE) if end > body else 0


@compiled
def _past_rule(data: Bytes, at: int, word: Bytes) -> int:
    """The place after `-----BEGIN RSA PRIVATE KEY-----`, or its END; 0 where there is none."""
    if not _is_there(data, at, word):
        return 0
    stop = run_end(data, at + len(word), _KEY_WORDS) + _RULE
    named = stop - len(_KEY) >= at + len(word)
    return stop if named and _is_there(data, stop - len(_KEY), _KEY) else 0


@compiled
def _is_there(data: Bytes, at: int, word: Bytes) -> bool:
    if at + len(word) > len(data):
        return False
    for place in range(len(word)):  # noqa: SIM110 (compiled)
        if data[at + place] != word[place]:
            return False
    return True


@compiled
def _bounded(data: Bytes, at: int, most: int, among: Array) -> int:
    """The place after at most so many bytes that are among some."""
    stop = at
    while stop < min(len(data), at + most) and among[data[stop]]:
        stop += 1
    return stop


@compiled
def _is_random(data: Bytes, start: int, stop: int) -> bool:
    """Whether nobody made it up to show what one looks like."""
    begin = 0
    for at in range(len(_PLACEHOLDERS)):
        if _PLACEHOLDERS[at] == 32:  # a space ends each
            if _has(data, start, stop, _PLACEHOLDERS[begin:at]):
                return False
            begin = at + 1
    return entropy(data, start + PREFIX, stop) >= LEAST_ENTROPY


@compiled
def _has(data: Bytes, start: int, stop: int, word: Bytes) -> bool:
    """Whether a span has a word in it, in capitals or not."""
    for at in range(start, stop - len(word) + 1):
        same = 0
        while same < len(word):
            letter = data[at + same]
            if (letter - 32 if 97 <= letter <= 122 else letter) != word[same]:
                break
            same += 1
        if same == len(word):
            return True
    return False


@compiled
def entropy(data: Bytes, start: int, stop: int) -> float:
    """Shannon's entropy, bits per byte."""
    counts = np.zeros(256, np.int64)
    for at in range(start, stop):
        counts[data[at]] += 1
    total = 0.0
    for at in range(start, stop):
        share = counts[data[at]] / (stop - start)
        if share > 0:
            total -= share * log2(share)
            counts[data[at]] = 0
    return total
