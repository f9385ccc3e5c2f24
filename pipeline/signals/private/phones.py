"""Telephone numbers."""

import numpy as np

from pipeline.signals.kernels.compiled import compiled
from pipeline.signals.private.scanning import (
    ALPHANUMERIC,
    BRACKET,
    DIGITS,
    DOT,
    HYPHEN,
    NO_BREAK,
    SLASH,
    SPACE,
    ZERO,
    Array,
    Bytes,
    Found,
    alone,
    in_decimal,
    is_of_thing,
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
NORTH_AMERICAN_DIGITS = 10

# Whether numbers that begin with three digits begin with a country code.
_ASSIGNED = np.array(
    [any(f"{first:03d}".startswith(code) for code in _CODES.split()) for first in range(1000)]
)
CLOSING = BRACKET + 1
_PARTS = members(" ().-/")  # of a telephone number, between two digits
_JOINS_ABROAD = ALPHANUMERIC | members("+=/*")
_JOINS_AT_HOME = ALPHANUMERIC | members("-")
_JOINS_PLAIN = ALPHANUMERIC | members("-+/=_#")


@compiled
def abroad_at(data: Bytes, at: int, done: int) -> Found:
    """Numbers with a country code; `at` is their `+`."""
    if at < done or at + 1 == len(data) or not DIGITS[data[at + 1]]:
        return 0, 0, 0
    digits = np.empty(MOST_DIGITS, np.int64)
    stop, count, _, decimal = _dialled(data, at + 1, digits)
    if not stop:
        return 0, 0, 0
    real = not decimal and alone(data, at, stop, _JOINS_ABROAD) and _is_abroad(digits, count)
    start = at - _is_bracketed(data, at, stop)
    return (start, stop, stop) if real else (0, 0, stop)


@compiled
def dialled_abroad_at(data: Bytes, at: int, done: int) -> Found:
    """Numbers with a country code behind 00, in groups; `at` is the first 0."""
    if at < done or at + 3 >= len(data) or data[at] != ZERO or data[at + 1] != ZERO:
        return 0, 0, 0
    if at > 1 and (data[at - 1] == SPACE or data[at - 1] == HYPHEN) and DIGITS[data[at - 2]]:
        return 0, 0, 0
    digits = np.empty(MOST_DIGITS, np.int64)
    spaced = data[at + 2] == SPACE
    stop, count, gaps, decimal = _dialled(data, at + 2 + spaced, digits)
    if not stop or gaps < 2 or _is_even(data, at, stop):
        return 0, 0, 0
    real = not decimal and alone(data, at, stop, _JOINS_PLAIN) and _is_abroad(digits, count)
    return (at, stop, stop) if real else (0, 0, 0)


@compiled
def area_at(data: Bytes, at: int, done: int) -> Found:
    """North American numbers with the area code in brackets; `at` is the bracket."""
    if at < done or at + 1 == len(data) or not DIGITS[data[at + 1]]:
        return 0, 0, 0
    digits = np.empty(NORTH_AMERICAN_DIGITS, np.int64)
    stop = _past_area_and_number(data, at, digits)
    if not stop:
        return 0, 0, 0
    real = alone(data, at, stop, _JOINS_AT_HOME) and _can_be_dialled(digits, 0)
    return (at, stop, stop) if real else (0, 0, stop)


@compiled
def plain_at(data: Bytes, at: int, done: int) -> Found:
    """North American numbers as 202-456-1111 or 1.202.456.1111; `at` is the first digit."""
    begin = at + 2 if at + 1 < len(data) and data[at] == ZERO + 1 and _is_mark(data, at + 1) else at
    end = run_end(data, begin, DIGITS)
    if at < done or end != begin + 3 or end == len(data) or not _is_mark(data, end):
        return 0, 0, 0
    digits = np.empty(NORTH_AMERICAN_DIGITS, np.int64)
    place = _past_digits(data, begin, digits, 0, 3)
    mark = data[place]
    place = _past_digits(data, place + 1, digits, 3, 3)
    if not place or place == len(data) or data[place] != mark:
        return 0, 0, 0
    stop = _past_digits(data, place + 1, digits, 6, 4)
    if not stop or not alone(data, at, stop, _JOINS_PLAIN) or in_decimal(data, at, stop, DOT):
        return 0, 0, 0
    real = _can_be_dialled(digits, 0) and digits[1] != 9 and not _is_service(digits)
    real = real and not is_of_thing(data, at)
    return (at, stop, stop) if real else (0, 0, 0)


@compiled
def _is_bracketed(data: Bytes, start: int, stop: int) -> bool:
    """Whether a bracket that opens before a number closes within it, as in (+49) 30 901820."""
    if start < 1 or data[start - 1] != BRACKET:
        return False
    for at in range(start, stop):
        if data[at] == BRACKET or data[at] == CLOSING:
            return bool(data[at] == CLOSING)
    return False


@compiled
def _is_mark(data: Bytes, at: int) -> bool:
    return bool(data[at] == HYPHEN or data[at] == DOT)


@compiled
def _is_service(digits: Array) -> bool:
    """Whether an area or an exchange is a service: 211 to 911."""
    area, exchange = digits[1] == 1 and digits[2] == 1, digits[4] == 1 and digits[5] == 1
    return bool(area or exchange)


@compiled
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


@compiled
def _dialled(data: Bytes, at: int, digits: Array) -> tuple[int, int, int, bool]:
    """What stands behind a `+` or 00.

    Returns:
        The place after it, 0 where there are too few digits; how many digits there are; how many
        gaps between them; and whether it is a decimal number.
    """
    if at >= len(data) or not DIGITS[data[at]] or data[at] == ZERO:
        return 0, 0, 0, False
    digits[0] = data[at] - ZERO
    count, stop, gaps, points = 1, at + 1, 0, 0
    while True:
        place = _past_gap(data, stop)
        if place >= len(data) or not DIGITS[data[place]]:
            decimal = gaps == 1 and points == 1
            return (stop, count, gaps, decimal) if count > 1 else (0, 0, 0, False)
        if count < MOST_DIGITS:
            digits[count] = data[place] - ZERO
        gaps += place > stop
        points += place == stop + 1 and data[stop] == DOT
        count += 1
        stop = place + 1


@compiled
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


@compiled
def _is_abroad(digits: Array, count: int) -> bool:
    """Whether digits are a number that somebody can have, with the code of a country."""
    if not FEWEST_DIGITS <= count <= MOST_DIGITS:
        return False
    if not _ASSIGNED[digits[0] * 100 + digits[1] * 10 + digits[2]]:
        return False
    return digits[0] != 1 or (count == NORTH_AMERICAN_DIGITS + 1 and _can_be_dialled(digits, 1))


@compiled
def _past_area_and_number(data: Bytes, at: int, digits: Array) -> int:
    """The place after `(202) 456-1111`; 0 where no such thing begins."""
    place = _past_digits(data, at + 1, digits, 0, 3)
    if not place or digits[0] < 2 or place == len(data) or data[place] != CLOSING:
        return 0
    spaced = place + 1 < len(data) and data[place + 1] == SPACE
    place = _past_digits(data, place + 1 + spaced, digits, 3, 3)
    if not place or place == len(data) or (data[place] != SPACE and data[place] != HYPHEN):
        return 0
    return _past_digits(data, place + 1, digits, 6, 4)


@compiled
def _past_digits(data: Bytes, at: int, digits: Array, first: int, count: int) -> int:
    """The place after so many digits, which are put down from `first` on; 0 where they are not."""
    for number in range(count):
        if at + number >= len(data) or not DIGITS[data[at + number]]:
            return 0
        digits[first + number] = data[at + number] - ZERO
    return at + count


@compiled
def _can_be_dialled(digits: Array, first: int) -> bool:
    """Whether ten digits are a North American number; 555-01xx are fictional."""
    if digits[first] < 2 or digits[first + 3] < 2:
        return False
    fictional = digits[first + 3] == 5 and digits[first + 4] == 5 and digits[first + 5] == 5
    return not (fictional and digits[first + 6] == 0 and digits[first + 7] == 1)
