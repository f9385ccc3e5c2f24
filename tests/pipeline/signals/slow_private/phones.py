"""Telephone numbers."""

import re2

from tests.pipeline.signals.slow_private.kind import (
    NO_PERSON,
    Kind,
    alone,
    digits_of,
    follows,
    in_decimal,
    latin,
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
COUNTRY_CODES = tuple(_CODES.split())
FEWEST_DIGITS, MOST_DIGITS = 9, 15  # with the country code; E.164 allows 15
NORTH_AMERICAN_DIGITS = 10


def _area(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    digits = digits_of(text[start:stop])
    return (start, stop) if alone(text, start, stop, joins=b"-") and _dials(digits) else None


def _phone(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    if not alone(text, start, stop, joins=b"+=/*") or _is_decimal(text[start + 1 : stop]):
        return None
    if not _is_abroad(digits_of(text[start:stop])):
        return None
    brackets = [byte for byte in text[start:stop] if byte in b"()"]
    bracketed = text[max(start - 1, 0) : start] == b"(" and brackets[:1] == [ord(")")]
    return start - bracketed, stop


def _dialled(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    """What begins with the 00 that is the match; each is looked at by itself."""
    match = DIALLED.match(text[start : start + 100])
    if match is None:
        return None
    stop = start + match.end()
    if text[max(start - 1, 0) : start].isdigit() or not alone(text, start, stop, joins=b"-+/=_#"):
        return None
    before = text[max(start - 2, 0) : start]
    if len(before) == 2 and before[:1].isdigit() and before[1:] in (b" ", b"-"):
        return None
    digits = digits_of(text[start + 2 : stop])
    rest = text[start + 2 : stop].removeprefix(b" ")
    gaps = len(DIGIT_RUN.findall(rest)) - 1
    sizes = [len(run) for run in DIGIT_RUN.findall(text[start:stop])]
    even = len(set(sizes[:-1])) == 1 and sizes[-1] <= sizes[0]
    real = gaps >= 2 and not even and _is_abroad(digits)
    return (start, stop) if real else None


def _plain(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    digits = digits_of(text[start:stop])[-10:]
    marks = {byte for byte in text[stop - 12 : stop] if byte in b".-"}
    if len(marks) > 1 or not alone(text, start, stop, joins=b"-+/=_#"):
        return None
    if in_decimal(text, start, stop, b".") or follows(text, start, NO_PERSON):
        return None
    service = digits[1:3] == "11" or digits[4:6] == "11" or digits[1] == "9"
    return (start, stop) if _dials(digits) and not service else None


def _is_decimal(written: bytes) -> bool:
    return re2.fullmatch(rb"[0-9]+\.[0-9]+", written) is not None


def _is_abroad(digits: str) -> bool:
    """Whether digits with a country code are a number that somebody can have."""
    if not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS or not digits.startswith(COUNTRY_CODES):
        return False
    return not _is_counted(digits) and (digits[0] != "1" or _dials(digits[1:]))


def _is_counted(digits: str) -> bool:
    """Whether seven digits follow each other as in counting."""
    return any(counted in digits for counted in ("1234567", "2345678", "3456789"))


def _dials(digits: str) -> bool:
    """Whether a North American number can be dialled; 555-01xx are fictional."""
    return (
        len(digits) == NORTH_AMERICAN_DIGITS
        and digits[0] in "23456789"
        and digits[3] in "23456789"
        and not digits[3:].startswith("55501")
        and not _is_counted(digits)
    )


DIGIT_RUN = re2.compile(rb"[0-9]+")
GAP = rb"(?: /[ ]|(?:[ ().\-/]|\xc2\xa0){0,2})"
DIALLED = re2.compile(rb"00 ?[1-9](?:" + GAP + rb"[0-9]){1,%d}" % MOST_DIGITS, latin())
PHONES = (
    Kind("phone", rb"\+[1-9](?:" + GAP + rb"[0-9])+", _phone),
    Kind("phone", rb"\([2-9][0-9]{2}\) ?[0-9]{3}[ -][0-9]{4}", _area),
    Kind("phone", rb"00", _dialled),
    Kind("phone", rb"(?:1[.-])?[0-9]{3}[.-][0-9]{3}[.-][0-9]{4}", _plain),
)
