"""Numbers of accounts, cards and persons that carry a check of their own."""

import numpy as np

from pipeline.compiling import part
from pipeline.signals.private.scanning import (
    ALPHANUMERIC,
    CAPITALS,
    DIGITS,
    HYPHEN,
    NO_PERSON,
    POINT,
    POINT_OR_COMMA,
    SPACE,
    ZERO,
    Bytes,
    Found,
    alone,
    follows_one_of,
    in_decimal,
    in_json,
    members,
    run_end,
)

# Characters in an account number, by country (ISO 13616, SWIFT's IBAN registry).
_IBANS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 "
    "DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 "
    "IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 "
    "MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 "
    "SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
)
IBAN_LENGTHS = {each[:2]: int(each[2:]) for each in _IBANS.split()}

# First digits of each issuer's cards and how long its numbers are (ISO/IEC 7812).
ISSUERS = (
    (("4",), (16, 19)),  # Visa
    (tuple(str(prefix) for prefix in (*range(51, 56), *range(2221, 2721))), (16,)),  # Mastercard
    (("34", "37"), (15,)),  # American Express
    (("6011", "644", "645", "646", "647", "648", "649", "65"), (16, 19)),  # Discover
    (tuple(str(prefix) for prefix in range(3528, 3590)), (16,)),  # JCB
    (("300", "301", "302", "303", "304", "305", "36", "38"), (14,)),  # Diners Club
    (("62",), (16, 17, 18, 19)),  # UnionPay
)
FEWEST_WRITTEN, MOST_WRITTEN = 14, 23  # characters, the breaks between groups among them
FEWEST_DIFFERENT = 4  # digits in a real card number; test numbers repeat one or two
IBAN_GROUP = 4  # characters between spaces on paper
UNUSED_SSN = (78_05_1120, 219_09_9999)  # printed in advertisements

# Of cards in so many groups: the fewest and most digits of each (4 4 4 4, 4 4 4 4 3, 4 6 4, 4 6 5).
GROUPS = {
    1: ((FEWEST_WRITTEN, MOST_WRITTEN),),
    3: ((4, 4), (6, 6), (4, 5)),
    4: ((4, 4),) * 4,
    5: ((4, 4),) * 4 + ((3, 3),),
}

A = ord("A")
_JOINS = ALPHANUMERIC | members("-_/+=")
_SIZES = np.zeros((6, 5, 2), np.int64)  # the same as a table
for _count, _sizes in GROUPS.items():
    _SIZES[_count, :_count] = _sizes
_LENGTHS = np.zeros((256, 256), np.int64)  # of an account number, by its first two letters
for _letters, _length in IBAN_LENGTHS.items():
    _LENGTHS[ord(_letters[0]), ord(_letters[1])] = _length
_ISSUED = np.zeros(10_000, np.int64)  # by a card's first four digits: a bit for every length
for _prefixes, _lengths in ISSUERS:
    for _prefix in _prefixes:
        _first = int(_prefix) * 10 ** (4 - len(_prefix))
        _ISSUED[_first : _first + 10 ** (4 - len(_prefix))] |= sum(1 << each for each in _lengths)


@part
def payment_card_at(data: Bytes, at: int, done: int) -> Found:
    """Digits in the groups of a card, of an issuer, whose last one checks the others.

    `at` is the first of some digits.
    """
    size = run_end(data, at, DIGITS) - at
    if at < done or (size != 4 and size < FEWEST_WRITTEN):
        return 0, 0, 0
    for count in range(3, 6) if size == 4 else range(1, 2):
        stop = _past_groups(data, at, count)
        if stop and _is_card(data, at, stop):
            return at, stop, stop
    return 0, 0, 0


@part
def iban_at(data: Bytes, at: int, done: int) -> Found:
    """Account numbers of a country's length, that leave 1 modulo 97; `at` is the check digits."""
    start = at - 2
    if start < done or at + 2 >= len(data) or not DIGITS[data[at + 1]]:
        return 0, 0, 0
    length = _LENGTHS[data[start], data[start + 1]]
    grouped = data[at + 2] == SPACE
    end = start + length + (length - 1) // IBAN_GROUP * grouped
    if not length or end > len(data) or not alone(data, start, end, ALPHANUMERIC):
        return 0, 0, 0
    return (start, end, end) if _rest_of_97(data, start, end, grouped) == 1 else (0, 0, 0)


@part
def us_ssn_at(data: Bytes, at: int, done: int) -> Found:
    """United States social security numbers: areas, groups and serials that are given out.

    `at` is the first hyphen.
    """
    start = at - 3
    stop = start + 11
    number = _ssn(data, start) if start >= done and stop <= len(data) else -1
    if number < 0:
        return 0, 0, 0
    area = number // 10**6
    real = 0 < area < 900 and area != 666 and number // 10**4 % 100 > 0 and number % 10**4 > 0
    real = real and number != UNUSED_SSN[0] and number != UNUSED_SSN[1]
    if not real or not alone(data, start, stop, _JOINS) or in_decimal(data, start, stop, POINT):
        return 0, 0, stop
    if follows_one_of(data, start, NO_PERSON) or in_json(data, start):
        return 0, 0, stop
    return start, stop, stop


@part
def _past_groups(data: Bytes, begin: int, count: int) -> int:
    """The place after so many groups of digits that a card number may have; else 0."""
    at = end = begin
    for group in range(count):
        if group > 0:
            mark = data[end] if end < len(data) else ZERO
            if (mark != SPACE and mark != HYPHEN) or (group > 1 and mark != data[at - 1]):
                return 0
            at = end + 1
        end = run_end(data, at, DIGITS)
        if not _SIZES[count, group, 0] <= end - at <= _SIZES[count, group, 1]:
            return 0
    return end


@part
def _is_card(data: Bytes, start: int, stop: int) -> bool:
    if not alone(data, start, stop, _JOINS) or in_decimal(data, start, stop, POINT_OR_COMMA):
        return False
    count = first = seen = different = total = other = 0
    for at in range(start, stop):
        if DIGITS[data[at]]:
            digit = data[at] - ZERO
            first = first * 10 + digit if count < 4 else first
            different += not seen >> digit & 1
            seen |= 1 << digit
            # Luhn's formula (ISO/IEC 7812-1, annex B): from the last digit every other is doubled.
            total, other = other + digit, total + 2 * digit - 9 * (digit > 4)
            count += 1
    if not _ISSUED[first] >> count & 1 or different < FEWEST_DIFFERENT or total % 10:
        return False
    # No identifier is written in groups.
    return count < stop - start or not in_json(data, start)


@part
def _rest_of_97(data: Bytes, start: int, end: int, grouped: bool) -> int:
    """What an account number leaves modulo 97 (ISO 7064); 0 where it is not written like one."""
    rest = 0
    for turn in range(start + IBAN_GROUP, end + IBAN_GROUP):  # the first four come last
        at = turn if turn < end else start + turn - end
        spaced = grouped and (at - start) % (IBAN_GROUP + 1) == IBAN_GROUP
        if (data[at] == SPACE) != spaced:
            return 0
        if spaced:
            continue
        if not DIGITS[data[at]] and not CAPITALS[data[at]]:
            return 0
        value = data[at] - ZERO if DIGITS[data[at]] else data[at] - A + 10
        rest = (rest * (10 if value < 10 else 100) + value) % 97
    return rest


@part
def _ssn(data: Bytes, at: int) -> int:
    """The nine digits of `123-45-6789` as a number; -1 where it is not there."""
    number = 0
    for place in range(11):
        if place == 3 or place == 6:
            if data[at + place] != HYPHEN:
                return -1
            continue
        if not DIGITS[data[at + place]]:
            return -1
        number = number * 10 + data[at + place] - ZERO
    return number
