"""Telephone numbers."""

import numpy as np

from pipeline.compiling import part
from pipeline.signals.private.scanning import (
    ALPHANUMERIC,
    BRACKET,
    DIGITS,
    DOT,
    HYPHEN,
    NO_BREAK,
    NO_PERSON,
    POINT,
    SLASH,
    SPACE,
    ZERO,
    Bytes,
    Found,
    alone,
    follows_one_of,
    in_decimal,
    members,
    run_end,
)

# Country codes in use (ITU-T E.164, list of assigned codes); none is the start of another.
_CODES = (
    "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 "
    "64 65 66 81 82 84 86 90 91 92 93 94 95 98 211 212 213 216 218 220 221 222 223 224 225 226 227 "
    "228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244 245 246 247 248 249 250 "
    "251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298 299 "
    "350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 378 380 381 382 383 "
    "385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 "
    "596 597 598 599 670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 "
    "691 692 850 852 853 855 856 880 886 960 961 962 963 964 965 966 967 968 970 971 972 973 974 "
    "975 976 977 992 993 994 995 996 998"
)
FEWEST_DIGITS, MOST_DIGITS = 9, 15  # with the country code; E.164 allows 15
COUNTED = (1234567, 2345678, 3456789)  # within numbers that were made up: +44 (234) 567-8901

_LONG = 11  # digits of a North American number with its country code, 1

# Whether numbers that begin with three digits begin with a country code.
_ASSIGNED = np.zeros(1000, np.bool_)
for _code in _CODES.split():
    _ASSIGNED[int(_code.ljust(3, "0")) : int(_code.ljust(3, "9")) + 1] = True
CLOSING = BRACKET + 1
_PARTS = members(" ().-/")  # of a telephone number, between two digits
_MARKS = members("-.")
_JOINS_ABROAD = ALPHANUMERIC | members("+=/*")
_JOINS_AT_HOME = ALPHANUMERIC | members("-")
_JOINS_PLAIN = ALPHANUMERIC | members("-+/=_#")


@part
def abroad_at(data: Bytes, at: int, done: int) -> Found:
    """Numbers with a country code; `at` is their `+`."""
    if at < done or at + 1 == len(data) or not DIGITS[data[at + 1]]:
        return 0, 0, 0
    stop, number, count, _, decimal = _dialled(data, at + 1)
    if not stop:
        return 0, 0, 0
    real = not decimal and alone(data, at, stop, _JOINS_ABROAD) and _is_somebodys(number, count)
    start = at - _is_bracketed(data, at, stop)
    return (start, stop, stop) if real else (0, 0, stop)


@part
def dialled_abroad_at(data: Bytes, at: int, done: int) -> Found:
    """Numbers with a country code behind 00, in groups; `at` is the first 0."""
    if at < done or at + 3 >= len(data) or data[at] != ZERO or data[at + 1] != ZERO:
        return 0, 0, 0
    if at > 1 and (data[at - 1] == SPACE or data[at - 1] == HYPHEN) and DIGITS[data[at - 2]]:
        return 0, 0, 0
    spaced = data[at + 2] == SPACE
    stop, number, count, gaps, decimal = _dialled(data, at + 2 + spaced)
    if not stop or gaps < 2 or _is_even(data, at, stop):
        return 0, 0, 0
    real = not decimal and alone(data, at, stop, _JOINS_PLAIN) and _is_somebodys(number, count)
    return (at, stop, stop) if real else (0, 0, 0)


@part
def area_at(data: Bytes, at: int, done: int) -> Found:
    """North American numbers as (202) 456-1111; `at` is the bracket."""
    if at < done or at + 13 > len(data) or data[at + 4] != CLOSING:
        return 0, 0, 0
    rest = at + 5 + (data[at + 5] == SPACE)
    number = _number(data, at + 1, rest)
    if not number or (data[rest + 3] != SPACE and data[rest + 3] != HYPHEN):
        return 0, 0, 0
    stop = rest + 8
    real = alone(data, at, stop, _JOINS_AT_HOME) and _is_somebodys(number, _LONG)
    return (at, stop, stop) if real else (0, 0, stop)


@part
def plain_at(data: Bytes, at: int, done: int) -> Found:
    """North American numbers as 202-456-1111 or 1.202.456.1111; `at` is the first digit."""
    begin = at + 2 * (at + 1 < len(data) and data[at] == ZERO + 1 and _MARKS[data[at + 1]])
    stop = begin + 12
    if at < done or stop > len(data) or not _MARKS[data[begin + 3]]:
        return 0, 0, 0
    number = _number(data, begin, begin + 4) if data[begin + 7] == data[begin + 3] else 0
    if not number or not _is_somebodys(number, _LONG):
        return 0, 0, 0
    area, exchange = number // 10**7 % 1000, number // 10**4 % 1000
    service = area % 100 == 11 or exchange % 100 == 11 or area // 10 % 10 == 9
    real = not service and alone(data, at, stop, _JOINS_PLAIN)
    real = real and not in_decimal(data, at, stop, POINT)
    real = real and not follows_one_of(data, at, NO_PERSON)
    return (at, stop, stop) if real else (0, 0, 0)


@part
def _number(data: Bytes, area: int, rest: int) -> int:
    """Three digits, then three and four with a byte between, as a number with a 1 before it.

    0 where that is not there, or goes on.
    """
    if rest + 8 > len(data) or (rest + 8 < len(data) and DIGITS[data[rest + 8]]):
        return 0
    number = 1
    for place in range(10):
        at = area + place if place < 3 else rest + place - 3 + (place > 5)
        if not DIGITS[data[at]]:
            return 0
        number = number * 10 + data[at] - ZERO
    return 0 if DIGITS[data[rest + 3]] else number


@part
def _is_bracketed(data: Bytes, start: int, stop: int) -> bool:
    """Whether a bracket that opens before a number closes within it, as in (+49) 30 901820."""
    if start < 1 or data[start - 1] != BRACKET:
        return False
    for at in range(start, stop):
        if data[at] == BRACKET or data[at] == CLOSING:
            return bool(data[at] == CLOSING)
    return False


@part
def _is_even(data: Bytes, start: int, stop: int) -> bool:
    """Whether all groups of digits are of one size, as in a dump or an account number."""
    size, at = 0, start
    while at < stop:
        end = run_end(data, at, DIGITS)
        if end == stop and size:
            return end - at <= size
        if end > at and size and end - at != size:
            return False
        size = end - at if end > at else size
        at = end + 1
    return True


@part
def _dialled(data: Bytes, at: int) -> tuple[int, int, int, int, bool]:
    """What stands behind a `+` or 00.

    Returns:
        The place after it, 0 where there are too few digits; the number, of which digits beyond
        `MOST_DIGITS` are no part; how many digits there are; how many gaps between them; and
        whether it is a decimal number. One digit more than `MOST_DIGITS` is too long for anybody's
        number, and nothing behind it is read.
    """
    if at >= len(data) or not DIGITS[data[at]] or data[at] == ZERO:
        return 0, 0, 0, 0, False
    number = data[at] - ZERO
    count, stop, gaps, points = 1, at + 1, 0, 0
    while True:
        place = _past_gap(data, stop)
        if count > MOST_DIGITS or place >= len(data) or not DIGITS[data[place]]:
            return stop if count > 1 else 0, number, count, gaps, gaps == 1 and points == 1
        if count < MOST_DIGITS:
            number = number * 10 + data[place] - ZERO
        gaps += place > stop
        points += place == stop + 1 and data[stop] == DOT
        count += 1
        stop = place + 1


@part
def _past_gap(data: Bytes, at: int) -> int:
    """The place after at most two marks, or a stroke between spaces."""
    start = at
    for _ in range(2):
        if at < len(data) and _PARTS[data[at]]:
            at += 1
        elif at + 1 < len(data) and data[at] == NO_BREAK[0] and data[at + 1] == NO_BREAK[1]:
            at += 2
    stroke = at == start + 2 and at < len(data) and data[at - 1] == SLASH and data[start] == SPACE
    return at + 1 if stroke and data[at] == SPACE else at


@part
def _is_somebodys(number: int, count: int) -> bool:
    """Whether digits are a number that somebody can have, with the code of a country."""
    if not FEWEST_DIGITS <= count <= MOST_DIGITS:
        return False
    first = number
    while first >= 1000:
        last = first % 10**7
        if last == COUNTED[0] or last == COUNTED[1] or last == COUNTED[2]:
            return False
        first //= 10
    if first >= 200:
        return bool(_ASSIGNED[first])
    exchange = number // 10**4 % 1000
    fictional = exchange == 555 and number // 100 % 100 == 1
    return count == _LONG and number >= 12 * 10**9 and exchange >= 200 and not fictional
