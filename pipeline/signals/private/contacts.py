"""E-mail addresses and telephone numbers."""

import numpy as np

from pipeline.signals.kernels.compiled import compiled
from pipeline.signals.private.kind import Array, Bytes, Spans
from pipeline.signals.private.scanning import (
    ALPHANUMERIC,
    AT,
    BRACKET,
    DIGITS,
    DOT,
    HYPHEN,
    LETTERS,
    PLUS,
    SPACE,
    ZERO,
    alone,
    is_one_of,
    letters_of,
    lower,
    members,
    run_end,
)

# Reserved for documentation and tests (RFC 2606, RFC 6761): nobody's address.
RESERVED_DOMAINS = "example.com example.net example.org"
RESERVED_TOP = "example invalid test localhost"
FILE_ENDINGS = "png jpg jpeg gif svg webp css js html php"
LONGEST_LOCAL, LONGEST_DOMAIN = 64, 253  # characters, RFC 5321

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
_LOCAL = ALPHANUMERIC | members("._%+-")
_LABEL = ALPHANUMERIC | members("-")
_PUNCTUATION = members(".%+-_")
_RESERVED_DOMAINS = letters_of(RESERVED_DOMAINS)
_DOMAIN_LENGTH = len(RESERVED_DOMAINS.split()[0])
_NO_TOPS = letters_of(f"{RESERVED_TOP} {FILE_ENDINGS}")
CLOSING = BRACKET + 1
_PARTS = members(" ().-")  # of a telephone number, between two digits
_JOINS_ABROAD = ALPHANUMERIC | members("+=/*")
_JOINS_AT_HOME = ALPHANUMERIC | members("-")


@compiled
def scan_email(data: Bytes, spans: Spans) -> int:
    """Addresses whose domain has a point and ends as domains do."""
    found = at = 0
    while at < len(data):
        if not _LOCAL[data[at]]:
            at += 1
            continue
        sign = run_end(data, at, _LOCAL)
        stop = _past_domain(data, sign + 1) if sign < len(data) and data[sign] == AT else 0
        if not stop:
            at = sign
            continue
        start, end = at, stop
        while _PUNCTUATION[data[start]]:
            start += 1
        while data[end - 1] == HYPHEN:
            end -= 1
        if _is_local(data, start, sign) and _is_domain(data, sign + 1, end):
            spans[found, 0], spans[found, 1] = start, end
            found += 1
        at = stop
    return found


@compiled
def scan_phone(data: Bytes, spans: Spans) -> int:
    """Numbers with a country code, or North American ones with the area code in brackets."""
    found = at = 0
    digits = np.empty(MOST_DIGITS, np.int64)
    while at < len(data):
        if data[at] == PLUS:
            stop, count = _dialled(data, at, digits)
            real = stop > 0 and _is_abroad(data, at, stop, digits, count)
        elif data[at] == BRACKET:
            stop = _past_area_and_number(data, at, digits)
            real = stop > 0 and alone(data, at, stop, _JOINS_AT_HOME) and _can_be_dialled(digits, 0)
        else:
            stop, real = 0, False
        if real:
            spans[found, 0], spans[found, 1] = at, stop
            found += 1
        at = stop if stop else at + 1
    return found


@compiled
def _past_domain(data: Bytes, at: int) -> int:
    """The place after labels with points between, two at least; 0 where there are fewer."""
    stop = run_end(data, at, _LABEL)
    if stop == at:
        return 0
    labels = 1
    while stop + 1 < len(data) and data[stop] == DOT and _LABEL[data[stop + 1]]:
        stop = run_end(data, stop + 1, _LABEL)
        labels += 1
    return stop if labels > 1 else 0


@compiled
def _is_local(data: Bytes, start: int, sign: int) -> bool:
    """Whether what stands before the @ can be a mailbox."""
    if not 0 < sign - start <= LONGEST_LOCAL or data[sign - 1] == DOT:
        return False
    for at in range(start, sign - 1):  # noqa: SIM110 (compiled)
        if data[at] == DOT and data[at + 1] == DOT:
            return False
    return True


@compiled
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


@compiled
def _is_punycode(data: Bytes, start: int, stop: int) -> bool:
    """Whether a label begins with `xn--` (RFC 3490)."""
    if stop - start < 4 or data[start + 2] != HYPHEN or data[start + 3] != HYPHEN:
        return False
    return lower(data[start]) == 120 and lower(data[start + 1]) == 110


@compiled
def _dialled(data: Bytes, at: int, digits: Array) -> tuple[int, int]:
    """The place after a `+` and the digits behind it, and how many; 0 where there are too few."""
    if at + 1 >= len(data) or not DIGITS[data[at + 1]] or data[at + 1] == ZERO:
        return 0, 0
    digits[0] = data[at + 1] - ZERO
    count, stop = 1, at + 2
    while True:
        place = stop
        while place < min(stop + 2, len(data)) and _PARTS[data[place]]:
            place += 1
        if place == len(data) or not DIGITS[data[place]]:
            return (stop, count) if count > 1 else (0, 0)
        if count < MOST_DIGITS:
            digits[count] = data[place] - ZERO
        count += 1
        stop = place + 1


@compiled
def _is_abroad(data: Bytes, start: int, stop: int, digits: Array, count: int) -> bool:
    """Whether digits behind a `+` are a number that somebody can have."""
    if not FEWEST_DIGITS <= count <= MOST_DIGITS or not alone(data, start, stop, _JOINS_ABROAD):
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
