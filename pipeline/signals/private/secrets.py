"""Keys and tokens that open somebody's account, by the form their issuers gave them."""

import string
from math import log2
from typing import NamedTuple

import numpy as np

from pipeline.compiling import part
from pipeline.signals.private.scanning import (
    CAPITALS,
    DIGITS,
    DOT,
    LETTERS,
    NOTHING,
    Bytes,
    Found,
    alone,
    bounded_end,
    ends_with,
    is_there,
    members,
    phrases,
    run_end,
)

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
FEWEST_CHANGES = 3  # from letters to digits and back, in a token of 20 characters and more
LONG = 20  # characters
PLACEHOLDERS = ("EXAMPLE", "XXXX", "0000", "1234567", "ABCDEF")
PREFIX = 4  # bytes that tell whose token it is, and nothing of how random it is
FEWEST_JSON, FEWEST_SIGNATURE = 13, 20  # characters of a web token's parts

_SMALL = members(string.ascii_lowercase)
_BEGINS = tuple((begin, form) for form in FORMS for begin in form.begins.split())
_LONGEST = max(len(begin) for begin, _ in _BEGINS)
_STARTS = np.array([list(begin.encode().ljust(_LONGEST, b"\0")) for begin, _ in _BEGINS], np.uint8)


def _sign(begin: str) -> int:
    """Where the rarest byte of a token's start stands: its first mark, or else its first letter."""
    return next((at for at, letter in enumerate(begin) if letter in "_-"), 0)


# Of each start: its length, how many characters follow, and where its sign is.
_SIZES = np.array(
    [(len(begin), form.fewest, form.most, _sign(begin)) for begin, form in _BEGINS],
    np.int64,
)
SIGNS = "".join(sorted({begin[_sign(begin)] for begin, _ in _BEGINS}))
_PAIRS = np.zeros((256, 256), np.bool_)  # a sign, and the byte before it, or else after it
for _begin, _ in _BEGINS:
    _at = max(_sign(_begin), 1)
    _PAIRS[ord(_begin[_at - 1]), ord(_begin[_at])] = True
_CHARACTERS = np.array([members(form.characters) for _, form in _BEGINS])
_SENDGRID = [begin for begin, _ in _BEGINS].index("SG.")
_JOINS = members(ALNUM + "_-")
_PLACEHOLDERS = phrases(*(word.lower() for word in PLACEHOLDERS))

_JSON = np.frombuffer(b"eyJ", np.uint8)  # a JSON object begins so in base64
_BASE64URL = members(ALNUM + "_-")
_BEFORE = members(ALNUM + "_-.")
_OPEN = np.frombuffer(b"-----BEGIN ", np.uint8)
_CLOSE = np.frombuffer(b"-----END ", np.uint8)
_KEY = np.frombuffer(b"PRIVATE KEY-----", np.uint8)
_RULE_BYTES = np.frombuffer(b"-----", np.uint8)
_KEY_WORDS = members(string.ascii_uppercase + " ")
_KEY_BODY = members(ALNUM + "+/=\t\n\f\r \\:,-")  # with headers, or within a string of JSON
_RULE = 5  # hyphens


@part
def token_at(data: Bytes, at: int, done: int) -> Found:
    """Tokens of a known form that are random enough; `at` is the sign of their start."""
    before, after = data[at - 1] if at else 0, data[at + 1] if at + 1 < len(data) else 0
    if not _PAIRS[before, data[at]] and not _PAIRS[data[at], after]:
        return 0, 0, 0
    form, start = _form_at(data, at)
    stop = _past_token(data, start, form) if form >= 0 and start >= done else 0
    if not stop:
        return 0, 0, 0
    fewest = FEWEST_CHANGES if _SIZES[form, 1] >= LONG else 0
    real = alone(data, start, stop, _JOINS) and is_drawn(data, start, stop, PREFIX, fewest)
    return (start, stop, stop) if real else (0, 0, stop)


@part
def _form_at(data: Bytes, at: int) -> tuple[int, int]:
    """Which form a token has whose sign is at a place, and where it starts; -1 where it has none.

    Of two starts the longer one stands first.
    """
    for form in range(len(_SIZES)):
        start, size, same = at - _SIZES[form, 3], _SIZES[form, 0], 0
        if start < 0 or start + size > len(data):
            continue
        while same < size and data[start + same] == _STARTS[form, same]:
            same += 1
        if same == size:
            return form, start
    return -1, 0


@part
def web_token_at(data: Bytes, at: int, done: int) -> Found:
    """JSON Web Tokens (RFC 7519): two JSON objects and a signature; `at` is the first J."""
    start = at - 2
    if start < done or not is_there(data, start, _JSON) or (start > 0 and _BEFORE[data[start - 1]]):
        return 0, 0, 0
    head = run_end(data, at, _BASE64URL)
    if head - start < FEWEST_JSON or head == len(data) or not is_there(data, head + 1, _JSON):
        return 0, 0, 0
    body = run_end(data, head + 1, _BASE64URL)
    if body - head <= FEWEST_JSON or body == len(data) or data[head] != DOT or data[body] != DOT:
        return 0, 0, 0
    stop = run_end(data, body + 1, _BASE64URL)
    return (start, stop, stop) if stop - body > FEWEST_SIGNATURE else (0, 0, 0)


@part
def private_key_at(data: Bytes, at: int, done: int) -> Found:
    """Private keys in PEM (RFC 7468), from BEGIN to END; `at` is the first hyphen."""
    body = _past_rule(data, at, _OPEN) if at >= done else 0
    if not body:
        return 0, 0, 0
    end = body
    while end < len(data) and _KEY_BODY[data[end]] and not is_there(data, end, _RULE_BYTES):
        end += 1
    stop = _past_rule(data, end, _CLOSE) if end > body else 0
    return (at, stop, stop) if stop else (0, 0, end)


@part
def _past_token(data: Bytes, start: int, form: int) -> int:
    """The place after a token of a form; 0 where it is too short."""
    size, fewest, most = _SIZES[form, 0], _SIZES[form, 1], _SIZES[form, 2]
    stop = bounded_end(data, start + size, start + size + most, _CHARACTERS[form])
    if stop - start - size < fewest:
        return 0
    if form != _SENDGRID:
        return stop
    if stop == len(data) or data[stop] != DOT:
        return 0
    rest = stop + 1
    stop = bounded_end(data, rest, rest + SENDGRID_REST, _CHARACTERS[form])
    return stop if stop - rest == SENDGRID_REST else 0


@part
def _past_rule(data: Bytes, at: int, word: Bytes) -> int:
    """The place after `-----BEGIN RSA PRIVATE KEY-----`, or its END; 0 where there is none."""
    if not is_there(data, at, word):
        return 0
    stop = run_end(data, at + len(word), _KEY_WORDS) + _RULE
    named = stop - len(_KEY) >= at + len(word)
    return stop if named and is_there(data, stop - len(_KEY), _KEY) else 0


@part
def is_made_up(data: Bytes, start: int, stop: int) -> bool:
    """Whether a span holds what people write to show what one looks like."""
    for at in range(start + 1, stop + 1):
        if ends_with(data, start, at, _PLACEHOLDERS, NOTHING):
            return True
    return False


@part
def is_drawn(data: Bytes, start: int, stop: int, prefix: int, fewest: int) -> bool:
    """Whether a span of at most some hundred bytes is drawn at random, and nothing made up.

    Its entropy (Shannon's, bits per byte) behind a prefix is the mean of what each byte tells, so
    no table has to be made. How often digits and letters, or small letters and capitals, follow
    each other is `fewest` or more: of characters drawn at random they do at every second or third
    place, in words hardly ever.
    """
    if is_made_up(data, start, stop):
        return False
    begin, total, changes = start + prefix, 0.0, 0
    for at in range(begin, stop):
        same = 0
        for other in range(begin, stop):
            same += data[other] == data[at]
        total += log2((stop - begin) / same)
    if total < LEAST_ENTROPY * (stop - begin):
        return False
    for at in range(start + 1, stop):
        before, after = data[at - 1], data[at]
        turned = (DIGITS[before] and LETTERS[after]) or (LETTERS[before] and DIGITS[after])
        changes += turned or (_SMALL[before] and CAPITALS[after])
    return changes >= fewest
