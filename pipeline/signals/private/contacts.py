"""E-mail addresses."""

from pipeline.compiling import part
from pipeline.signals.private.scanning import (
    ALPHANUMERIC,
    COLON,
    DIGITS,
    DOT,
    HYPHEN,
    LETTERS,
    SLASH,
    Bytes,
    Found,
    follows_one_of,
    is_one_of,
    lower,
    members,
    phrases,
    run_end,
)

# Reserved for documentation and tests (RFC 2606, RFC 6761): nobody's address.
RESERVED_DOMAINS = ("example.com", "example.net", "example.org")
RESERVED_TOP = ("example", "invalid", "test", "localhost")
FILE_ENDINGS = ("png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "html", "php")
# What names a message (RFC 5322, 3.6.4; RFC 5536): behind one of these it stands in angle brackets;
# many hold a date and a number; in others a dollar stands, which is in nobody's address.
MESSAGES = ("article", "message-id", "references", "in-reply-to", "supersedes", "quoted from")
DIGITS_OF_MESSAGE = 10  # in two runs or more; a mailbox that is a telephone number is one run
NO_LOCALS = ("git",)  # the user in git@host:path
LONGEST_LOCAL, LONGEST_DOMAIN = 64, 253  # bytes, RFC 5321

# Letters of Latin with marks are parts of addresses (RFC 6531, RFC 5890), as two bytes of UTF-8.
# Those of other scripts are not: there an address often stands without spaces around it.
LATIN = (0xC3, 0xC9)  # first bytes, of U+00C0 to U+027F
_REST = 0x80, 0xBF
_LOCAL = ALPHANUMERIC | members("._%+-'")
_LABEL = ALPHANUMERIC | members("-")
_PUNCTUATION = members(".%+-_'")
_RESERVED_DOMAINS = phrases(*RESERVED_DOMAINS)
_DOMAIN_LENGTH = len(RESERVED_DOMAINS[0])
_MESSAGES, _NO_LOCALS = phrases(*MESSAGES), phrases(*NO_LOCALS)
DOLLAR, LESS = ord("$"), ord("<")
_NO_TOPS = phrases(*RESERVED_TOP, *FILE_ENDINGS)


@part
def email_at(data: Bytes, at: int, done: int) -> Found:
    """Addresses whose domain has a point and ends as domains do; `at` is the @."""
    start = local_start(data, at, done)
    stop = _past_domain(data, at + 1) if start < at else 0
    if not stop:
        return 0, 0, 0
    end = stop
    while start < at and _PUNCTUATION[data[start]]:
        start += 1
    while data[end - 1] == HYPHEN:
        end -= 1
    if not _is_local(data, start, at) or not _is_domain(data, at + 1, end):
        return 0, 0, stop
    if _is_message(data, start, at) or user_start(data, start):
        return 0, 0, stop
    return start, end, stop


@part
def _is_message(data: Bytes, start: int, sign: int) -> bool:
    """Whether what looks like a mailbox names a message, or the user of every host of code."""
    if is_one_of(data, start, sign, _NO_LOCALS):
        return True
    if start > 0 and data[start - 1] == DOLLAR:
        return True
    if start > 0 and data[start - 1] == LESS and follows_one_of(data, start - 1, _MESSAGES):
        return True
    digits = runs = 0
    for at in range(start, sign):
        if DIGITS[data[at]]:
            digits += 1
            runs += at == start or not DIGITS[data[at - 1]]
    return digits >= DIGITS_OF_MESSAGE and runs > 1


@part
def local_start(data: Bytes, at: int, least: int) -> int:
    """Where the characters of a mailbox begin that end before `at`."""
    while at > least:
        if _LOCAL[data[at - 1]]:
            at -= 1
        elif at > least + 1 and _is_latin(data, at - 2):
            at -= 2
        else:
            return at
    return at


@part
def user_start(data: Bytes, start: int) -> int:
    """Where the user of a URL begins whose password begins at `start`; 0 where that is none."""
    if start < 1 or data[start - 1] != COLON:
        return 0
    user = local_start(data, start - 1, max(start - 1 - LONGEST_LOCAL, 0))
    if user < 3 or data[user - 1] != SLASH or data[user - 2] != SLASH:
        return 0
    return user if data[user - 3] == COLON else 0


@part
def _is_latin(data: Bytes, at: int) -> bool:
    """Whether a letter of Latin with a mark stands in two bytes."""
    if at + 1 >= len(data) or not LATIN[0] <= data[at] <= LATIN[1]:
        return False
    return bool(_REST[0] <= data[at + 1] <= _REST[1])


@part
def _label_end(data: Bytes, at: int) -> int:
    """The place after the characters of a label."""
    while True:
        at = run_end(data, at, _LABEL)
        if not _is_latin(data, at):
            return at
        at += 2


@part
def _past_domain(data: Bytes, at: int) -> int:
    """The place after labels with points between, two at least; 0 where there are fewer."""
    stop = _label_end(data, at)
    if stop == at:
        return 0
    labels = 1
    while stop < len(data) and data[stop] == DOT:
        end = _label_end(data, stop + 1)
        if end == stop + 1:
            break
        stop = end
        labels += 1
    return stop if labels > 1 else 0


@part
def _is_local(data: Bytes, start: int, sign: int) -> bool:
    """Whether what stands before the @ can be a mailbox."""
    if not 0 < sign - start <= LONGEST_LOCAL or data[sign - 1] == DOT:
        return False
    for at in range(start, sign - 1):  # noqa: SIM110 (compiled)
        if data[at] == DOT and data[at + 1] == DOT:
            return False
    return True


@part
def _is_domain(data: Bytes, start: int, stop: int) -> bool:
    """Whether a domain is sound and not reserved."""
    if stop - start > LONGEST_DOMAIN:
        return False
    top = start
    for at in range(start, stop):
        edge = at == start or data[at - 1] == DOT or at + 1 == stop or data[at + 1] == DOT
        if data[at] == HYPHEN and edge:
            return False
        if data[at] == DOT:
            top = at + 1
    if stop - top < 2 or is_one_of(data, top, stop, _NO_TOPS):
        return False
    tail = stop - _DOMAIN_LENGTH
    if tail >= start and is_one_of(data, tail, stop, _RESERVED_DOMAINS):
        return False
    return run_end(data, top, LETTERS) >= stop or _is_punycode(data, top, stop)


@part
def _is_punycode(data: Bytes, start: int, stop: int) -> bool:
    """Whether a label begins with `xn--` (RFC 3490)."""
    if stop - start < 4 or data[start + 2] != HYPHEN or data[start + 3] != HYPHEN:
        return False
    return lower(data[start]) == 120 and lower(data[start + 1]) == 110
