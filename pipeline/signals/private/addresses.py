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
    leads_from,
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
# One address in four thousand has four numbers below 32; nearly all versions and headings do. Three
# numbers below 32 are a version behind a name (Boats 5.3.2.77), and four below 128 a heading at the
# start of a line (6.34.2.1. Boats). But 5.0.0.0/8, 24.0.0.0/12 and 31.0.0.0/8 lead to people at
# home: such numbers are an address behind one of `HOSTS` on the same line, or in square brackets.
SMALL = 0x1F1F1F1F
SMALL_IN_VERSION = 0x1F1F1FFF
SMALL_IN_HEADING = 0x7F7F7F7F
HOSTS = ("ip", "ipv4", "address", "addr", "host", "server", "client", "from", "by")
HOST_LEADS = " \t:=\"'"  # between such a word and the address

_CLOSED_IPV4 = np.array([(int(net[0]), int(net[-1])) for net in SPECIAL_IPV4], np.int64)
_CLOSED_IPV6 = np.array([(int(n[0]) >> 96, int(n[-1]) >> 96) for n in SPECIAL_IPV6], np.int64)
_NUMBERED_WORDS = phrases(*NUMBERED)
_OF_IPV6 = HEX | members(":.")
_HEX_VALUE = np.array([int(chr(b), 16) if HEX[b] else 0 for b in range(256)], np.int64)
_HOSTS, _HOST_LEADS = phrases(*HOSTS), members(HOST_LEADS)
_OPENS, _CLOSES = ord("["), ord("]")
_BLANK = members(" \t")
_JOINS_IPV4 = ALPHANUMERIC | members("-_+.^~")  # a point joins only on the left
_JOINS_IPV6 = ALPHANUMERIC | members(":_")


@part
def ipv4_at(data: Bytes, at: int, done: int) -> Found:
    """Four numbers with points between, which are neither a version nor a part of a path.

    `at` is the first of some digits.
    """
    if at < done:
        return 0, 0, 0
    stop, value = _four_numbers(data, at)
    if value < 0 or not _is_open(value, _CLOSED_IPV4) or not _stands_apart(data, at, stop):
        return 0, 0, stop
    counts = _is_heading(data, at, stop, value) or (
        _is_version(data, at, value) and not _is_host(data, at, stop)
    )
    return (0, 0, stop) if counts else (at, stop, stop)


@part
def ipv6_at(data: Bytes, at: int, done: int) -> Found:
    """Groups of hexadecimal digits that are an address of 2000::/3; `at` is the first colon."""
    start = at - 4
    if start < done or (data[start] != ZERO + 2 and data[start] != ZERO + 3):
        return 0, 0, 0
    if not (HEX[data[start + 1]] and HEX[data[start + 2]] and HEX[data[start + 3]]):
        return 0, 0, 0
    past = stop = run_end(data, at + 1, _OF_IPV6)
    while data[stop - 1] == DOT or (data[stop - 1] == COLON and data[stop - 2] != COLON):
        stop -= 1
    joined = start > 0 and data[start - 1] == DOT
    if stop > at + 1 and not joined and alone(data, start, stop, _JOINS_IPV6):
        top = _ipv6_top(data, start, stop)
        if top >= 0 and _is_open(top, _CLOSED_IPV6):
            return start, stop, past
    return 0, 0, past


@part
def _four_numbers(data: Bytes, at: int) -> tuple[int, int]:
    """The place after `1.2.3.4`, 0 where no such thing begins, and its 32 bits, -1 as bad."""
    value = number = digits = numbers = 0
    sound = True
    while at < len(data):
        if DIGITS[data[at]]:
            sound = sound and digits < 3 and not (digits > 0 and number == 0)
            number = number * 10 + data[at] - ZERO
            digits += 1
        elif data[at] == DOT and digits > 0 and numbers < 3:
            sound = sound and number < 256
            value = value * 256 + number
            numbers += 1
            number = digits = 0
        else:
            break
        at += 1
    if numbers < 3 or digits == 0:
        return 0, -1
    return at, value * 256 + number if sound and number < 256 else -1


@part
def _ipv6_top(data: Bytes, start: int, stop: int) -> int:
    """The first 32 bits of an address that begins with a group of four; -1 where it is none.

    It is eight groups, or fewer with one gap; an IPv4 address at its end is two (RFC 4291, 2.2).
    """
    first = second = value = digits = groups = gaps = 0
    for at in range(start, stop + 1):
        if at < stop and data[at] == DOT:
            past, value = _four_numbers(data, at - digits)
            if past != stop or value < 0:
                return -1
            groups += 2
            break
        if at < stop and data[at] != COLON:
            value = value * 16 + _HEX_VALUE[data[at]]
            digits += 1
        elif digits > 0:
            groups += 1
            if digits > 4:
                return -1
            first = value if groups == 1 else first
            second = value if groups == 2 and gaps == 0 else second
            value = digits = 0
        else:
            gaps += at < stop
    whole = (groups == 8 and gaps == 0) or (groups < 8 and gaps == 1)
    return first * 65_536 + second if whole else -1


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
def _is_version(data: Bytes, start: int, value: int) -> bool:
    """Whether four numbers are all small, or three of them behind a name."""
    if value & SMALL == value:
        return True
    if value & SMALL_IN_VERSION != value or start < 2 or data[start - 1] != SPACE:
        return False
    word = start - 1
    while word > 0 and ALPHANUMERIC[data[word - 1]]:
        word -= 1
    return bool(CAPITALS[data[word]])


@part
def _is_host(data: Bytes, start: int, stop: int) -> bool:
    """Whether what stands around four numbers says that they are an address."""
    if start > 0 and data[start - 1] == _OPENS:
        return bool(stop < len(data) and data[stop] == _CLOSES)
    return leads_from(data, start, _HOSTS, _HOST_LEADS)


@part
def _is_heading(data: Bytes, start: int, stop: int, value: int) -> bool:
    """Whether four numbers are the number of a heading."""
    if value & SMALL_IN_HEADING != value or stop + 1 >= len(data) or data[stop] != DOT:
        return False
    line = start
    while line > 0 and _BLANK[data[line - 1]]:
        line -= 1
    begins = line == 0 or data[line - 1] == NEWLINE
    return bool(begins and (_BLANK[data[stop + 1]] or data[stop + 1] == NO_BREAK[0]))


@part
def _is_open(value: int, closed: Array) -> bool:
    for row in range(len(closed)):  # noqa: SIM110 (compiled)
        if closed[row, 0] <= value <= closed[row, 1]:
            return False
    return True
