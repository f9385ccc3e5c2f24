"""E-mail addresses."""

import numpy as np

from pipeline.compiling import part
from pipeline.signals.private.scanning import (
    ALPHANUMERIC,
    COLON,
    DIGITS,
    DOT,
    HYPHEN,
    LETTERS,
    NOTHING,
    SLASH,
    Bytes,
    Found,
    ends_with,
    follows_one_of,
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
DIGITS_OF_MESSAGE = 12  # in two runs or more
# A mailbox at a provider can hold a telephone number, which has 15 digits at most (E.164).
DIGITS_AT_PROVIDER = 16
_PROVIDED = """
    gmail.com googlemail.com outlook.com outlook.de outlook.fr hotmail.com hotmail.co.uk hotmail.de
    hotmail.es hotmail.fr hotmail.it live.com live.co.uk live.fr msn.com yahoo.com yahoo.co.in
    yahoo.co.jp yahoo.co.uk yahoo.com.br yahoo.com.cn yahoo.com.tw yahoo.de yahoo.es yahoo.fr
    yahoo.it ymail.com rocketmail.com aol.com icloud.com me.com mac.com proton.me protonmail.com
    fastmail.com zoho.com mail.com comcast.net verizon.net att.net sbcglobal.net bellsouth.net
    cox.net btinternet.com gmx.at gmx.ch gmx.com gmx.de gmx.net web.de t-online.de freenet.de
    arcor.de bluewin.ch orange.fr free.fr wanadoo.fr laposte.net sfr.fr libero.it virgilio.it
    tiscali.it alice.it ziggo.nl telenet.be wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz
    mail.ru bk.ru list.ru inbox.ru yandex.ru ya.ru rambler.ru ukr.net uol.com.br bol.com.br
    terra.com.br qq.com foxmail.com 163.com 126.com sina.com sohu.com naver.com hanmail.net
    daum.net docomo.ne.jp ezweb.ne.jp softbank.ne.jp rediffmail.com
"""
PROVIDERS = tuple(_PROVIDED.split())
HOST_USER = "git"  # in git@host:path
PUNYCODE = "xn--"  # how a label begins that is written in it (RFC 3490)
LONGEST_LOCAL, LONGEST_DOMAIN = 64, 253  # bytes, RFC 5321

# Letters of Latin with marks are parts of addresses (RFC 6531, RFC 5890), as two bytes of UTF-8.
# Those of other scripts are not: there an address often stands without spaces around it.
LATIN = (0xC3, 0xC9)  # first bytes, of U+00C0 to U+027F
_BYTES = np.arange(256)
_REST = (_BYTES >= 0x80) & (_BYTES < 0xC0)  # second bytes and later ones, of any letter
_OF_LATIN = _REST | ((LATIN[0] <= _BYTES) & (LATIN[1] >= _BYTES))
_LOCAL = ALPHANUMERIC | members("._%+-'") | _OF_LATIN
_DOMAIN = ALPHANUMERIC | members(".-") | _OF_LATIN
_PUNCTUATION = members(".%+-_'")
_RESERVED_DOMAINS = phrases(*RESERVED_DOMAINS)
_MESSAGES, _HOST_USER, _PUNYCODE = phrases(*MESSAGES), phrases(HOST_USER), phrases(PUNYCODE)
_USER_BYTES, _PUNYCODE_BYTES = len(HOST_USER), len(PUNYCODE)
_PROVIDERS = phrases(*(f"@{domain}" for domain in PROVIDERS))
_NO_TOPS = phrases(*(f".{top}" for top in (*RESERVED_TOP, *FILE_ENDINGS)))
_WITHIN_LABEL = ~members(".")  # before the end of a longer label
DOLLAR, LESS = ord("$"), ord("<")


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
    if not _is_mailbox(data, start, at) or not _is_domain(data, at + 1, end):
        return 0, 0, stop
    none = user_start(data, start) > 0 or _is_message(data, start, at, end)
    return (0, 0, stop) if none else (start, end, stop)


@part
def local_start(data: Bytes, at: int, least: int) -> int:
    """Where the characters of a mailbox begin that end before `at`."""
    while at > least and _LOCAL[data[at - 1]]:
        at -= 1
    while _REST[data[at]]:  # of a letter of another script
        at += 1
    return at


@part
def user_start(data: Bytes, start: int) -> int:
    """Where the user of a URL begins whose password begins at `start`; 0 where that is none."""
    if start < 1 or data[start - 1] != COLON:
        return 0
    least = start - 1 - LONGEST_LOCAL
    user = local_start(data, start - 1, least if least > 0 else 0)
    if user < 3 or data[user - 1] != SLASH or data[user - 2] != SLASH:
        return 0
    return user if data[user - 3] == COLON else 0


@part
def _past_domain(data: Bytes, at: int) -> int:
    """The place after labels with points between, two at least; 0 where there are fewer."""
    last, points = at - 1, 0
    while at < len(data) and _DOMAIN[data[at]]:
        if data[at] == DOT:
            if at == last + 1:
                break
            last = at
            points += 1
        at += 1
    if data[at - 1] == DOT:
        at -= 1
        points -= 1
    return at if points > 0 else 0


@part
def _is_mailbox(data: Bytes, start: int, sign: int) -> bool:
    """Whether what stands before the @ can be a mailbox, and is not the user of a host of code."""
    if not 0 < sign - start <= LONGEST_LOCAL:
        return False
    for at in range(start, sign):
        if data[at] == DOT and (at + 1 == sign or data[at + 1] == DOT):
            return False
    short = sign - start == _USER_BYTES
    return not (short and ends_with(data, start, sign, _HOST_USER, NOTHING))


@part
def _is_message(data: Bytes, start: int, sign: int, end: int) -> bool:
    """Whether what looks like an address names a message."""
    if start > 0 and data[start - 1] == DOLLAR:
        return True
    if start > 0 and data[start - 1] == LESS and follows_one_of(data, start - 1, _MESSAGES):
        return True
    digits = runs = 0
    for at in range(start, sign):
        if DIGITS[data[at]]:
            digits += 1
            runs += at == start or not DIGITS[data[at - 1]]
    if runs < 2 or digits < DIGITS_OF_MESSAGE:
        return False
    return digits >= DIGITS_AT_PROVIDER or not ends_with(data, sign, end, _PROVIDERS, NOTHING)


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
    if stop - top < 2 or ends_with(data, start, stop, _NO_TOPS, NOTHING):
        return False
    if ends_with(data, start, stop, _RESERVED_DOMAINS, _WITHIN_LABEL):
        return False
    if run_end(data, top, LETTERS) >= stop:
        return True
    begun = top + _PUNYCODE_BYTES
    return begun <= stop and ends_with(data, top, begun, _PUNYCODE, NOTHING)
