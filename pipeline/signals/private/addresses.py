"""Internet addresses that lead to somebody: those that are routed."""

from ipaddress import IPv4Network, IPv6Network

import numpy as np

from pipeline.compiling import part
from pipeline.signals.private.scanning import (
    ALPHANUMERIC,
    CAPITALS,
    COLON,
    DIGITS,
    DOT,
    HEX,
    NEWLINE,
    NO_BREAK,
    SLASH,
    SPACE,
    ZERO,
    Array,
    Bytes,
    Found,
    alone,
    follows_one_of,
    lower,
    members,
    phrases,
    run_end,
)

# Private, shared, local, for documentation, for measuring, multicast and reserved: IANA's registry
# of special-purpose addresses (RFC 6890 and its updates). The list is our own, because what
# `ipaddress` calls global differs between versions of Python.
SPECIAL_IPV4 = tuple(
    IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
    )
)
# Of 2000::/3, all that is routed; only there does the scan look. Each shows in the first 32 bits.
SPECIAL_IPV6 = tuple(
    IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
# Before four numbers that are a version, or a place in a document; in lower case, without a case
# where a script has none.
_WORDS = """
    version versions ver. ver v. v release releases revision rev. build firmware driver edition
    update patch section sections sec. chapter table figure fig. clause paragraph article appendix
    annex rule fassung ausgabe abschnitt kapitel tabelle abbildung ziffer absatz artikel anhang
    édition chapitre rubrique tableau annexe versión versiones apartado sección capítulo tabla
    artículo versão versões seção secção tabela artigo versione versioni paragrafo sezione capitolo
    tabella articolo versie paragraaf hoofdstuk tabel wersja wersji wersję rozdział rozdziale
    rozdziału punkt versionen avsnitt avsnittet kapitlet sürüm sürümü bölüm bölümü madde
    версия версии версию версией Версия раздел раздела разделе Раздел глава главе Глава пункт пункте
    Пункт バージョン 版 第 版本 الإصدار إصدار 버전 판 제 §
"""
NUMBERED = tuple(_WORDS.split())
# One address in four thousand has four numbers below 32, and those in use are servers that everybody
# may ask; nearly all versions and headings do. Three numbers below 32 are a version behind a name
# (Boats 5.3.2.77), and four below 128 a heading at the start of a line (6.34.2.1. Boats).
SMALL = 0x1F1F1F1F
SMALL_IN_VERSION = 0x1F1F1FFF
SMALL_IN_HEADING = 0x7F7F7F7F
LONGEST_IPV6 = 45  # characters, RFC 4291

_CLOSED_IPV4 = np.array([(int(net[0]), int(net[-1])) for net in SPECIAL_IPV4], np.int64)
_CLOSED_IPV6 = np.array([(int(n[0]) >> 96, int(n[-1]) >> 96) for n in SPECIAL_IPV6], np.int64)
_NUMBERED_WORDS = phrases(*NUMBERED)
_OF_IPV6 = HEX | members(":.")
_BLANK = members(" \t")
_JOINS_IPV4 = ALPHANUMERIC | members("-_+.^~")  # a point joins only on the left
_JOINS_IPV6 = ALPHANUMERIC | members(":_")


@part
def ipv4_at(data: Bytes, at: int, done: int) -> Found:
    """Four numbers with points between, which are neither a version nor a part of a path.

    `at` is the first of some digits.
    """
    stop = _past_four_numbers(data, at) if at >= done else 0
    if not stop:
        return 0, 0, 0
    if _stands_apart(data, at, stop):
        value = ipv4_value(data, at, stop)
        if value >= 0 and value & SMALL != value and _is_open(value, _CLOSED_IPV4):
            if _counts(data, at, stop, value):
                return 0, 0, stop
            return at, stop, stop
    return 0, 0, stop


@part
def ipv6_at(data: Bytes, at: int, done: int) -> Found:
    """Groups of hexadecimal digits that are an address of 2000::/3; `at` is the first colon."""
    start = at - 4
    if start < done or at + 1 >= len(data) or not _begins_ipv6(data, start):
        return 0, 0, 0
    past = stop = run_end(data, at + 1, _OF_IPV6)
    while (data[stop - 1] == DOT or data[stop - 1] == COLON) and not (
        data[stop - 1] == COLON and data[stop - 2] == COLON
    ):
        stop -= 1
    if alone(data, start, stop, _JOINS_IPV6) and not (start > 0 and data[start - 1] == DOT):
        top = ipv6_top(data, start, stop)
        if top >= 0 and _is_open(top, _CLOSED_IPV6):
            return start, stop, past
    return 0, 0, past


@part
def ipv4_value(data: Bytes, start: int, stop: int) -> int:
    """The 32 bits of a dotted address; -1 where it is none."""
    value = number = digits = numbers = 0
    for at in range(start, stop + 1):
        if at < stop and data[at] != DOT:
            if not DIGITS[data[at]] or digits == 3 or (digits and not number):
                return -1
            number = number * 10 + data[at] - ZERO
            digits += 1
            continue
        if not digits or number > 255 or numbers == 4:
            return -1
        value = value * 256 + number
        numbers += 1
        number = digits = 0
    return value if numbers == 4 else -1


@part
def ipv6_top(data: Bytes, start: int, stop: int) -> int:
    """The first 32 bits of an address that begins with a group of four; -1 where it is none."""
    if stop - start > LONGEST_IPV6 or not _is_ipv6(data, start, stop):
        return -1
    second = start + 5
    low = _group(data, second, _part_end(data, second, stop))
    return _group(data, start, second - 1) << 16 | (low if low > 0 else 0)


@part
def _is_ipv6(data: Bytes, start: int, stop: int) -> bool:
    """Whether parts between colons are eight groups, or fewer with one gap (RFC 4291, 2.2)."""
    parts, gap, begin = 0, -1, start
    while True:
        end = _part_end(data, begin, stop)
        last = end == stop
        if begin == end:
            if not last and gap >= 0:
                return False
            gap = gap if last else parts
        elif _group(data, begin, end) < 0:  # an IPv4 address at the end is two groups
            if not last or ipv4_value(data, begin, end) < 0:
                return False
            parts += 1
        parts += 1
        if last:
            break
        begin = end + 1
    if gap < 0:
        return parts == 8 and begin < stop
    return parts - 1 <= 7 if begin < stop else gap == parts - 2 and parts <= 9


@part
def _part_end(data: Bytes, at: int, stop: int) -> int:
    """The place of the next colon, or `stop`."""
    while at < stop and data[at] != COLON:
        at += 1
    return at


@part
def _group(data: Bytes, start: int, stop: int) -> int:
    """One to four hexadecimal digits; -1 where it is none."""
    if not 0 < stop - start <= 4:
        return -1
    value = 0
    for at in range(start, stop):
        if not HEX[data[at]]:
            return -1
        letter = lower(data[at])
        value = value * 16 + (letter - ZERO if letter < 97 else letter - 87)
    return value


@part
def _begins_ipv6(data: Bytes, at: int) -> bool:
    if data[at] != 50 and data[at] != 51:  # 2 and 3
        return False
    whole = HEX[data[at + 1]] and HEX[data[at + 2]] and HEX[data[at + 3]]
    return bool(whole and data[at + 4] == COLON and _OF_IPV6[data[at + 5]])


@part
def _past_four_numbers(data: Bytes, at: int) -> int:
    """The place after `1.2.3.4`; 0 where no such thing begins."""
    for number in range(4):
        stop = run_end(data, at, DIGITS)
        if stop == at:
            return 0
        if number == 3:
            return stop
        if stop == len(data) or data[stop] != DOT:
            return 0
        at = stop + 1
    return 0


@part
def _stands_apart(data: Bytes, start: int, stop: int) -> bool:
    """Whether four numbers are no piece of something longer, and no version."""
    if start > 0 and _JOINS_IPV4[data[start - 1]]:
        return False
    if stop < len(data) and data[stop] != DOT and _JOINS_IPV4[data[stop]]:
        return False
    if stop + 1 < len(data) and data[stop] == DOT and DIGITS[data[stop + 1]]:
        return False
    if start > 0 and data[start - 1] == SLASH and not (start > 1 and data[start - 2] == SLASH):
        return False
    return not follows_one_of(data, start, _NUMBERED_WORDS)


@part
def _counts(data: Bytes, start: int, stop: int, value: int) -> bool:
    """Whether four numbers are the version behind a name, or the number of a heading."""
    if value & SMALL_IN_VERSION == value and start > 1 and data[start - 1] == SPACE:
        word = start - 1
        while word > 0 and ALPHANUMERIC[data[word - 1]]:
            word -= 1
        if CAPITALS[data[word]]:
            return True
    if value & SMALL_IN_HEADING != value or stop + 1 >= len(data) or data[stop] != DOT:
        return False
    line = start
    while line > 0 and _BLANK[data[line - 1]]:
        line -= 1
    begins = line == 0 or data[line - 1] == NEWLINE
    return begins and (_BLANK[data[stop + 1]] or data[stop + 1] == NO_BREAK[0])


@part
def _is_open(value: int, closed: Array) -> bool:
    for row in range(len(closed)):  # noqa: SIM110 (compiled)
        if closed[row, 0] <= value <= closed[row, 1]:
            return False
    return True
