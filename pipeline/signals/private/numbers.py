"""Numbers of accounts, cards and persons that carry a check of their own."""

import string

import numpy as np

from pipeline.compiling import part
from pipeline.signals.private.scanning import (
    ALPHANUMERIC,
    CAPITALS,
    DIGITS,
    HYPHEN,
    POINT,
    POINT_OR_COMMA,
    SPACE,
    ZERO,
    Bytes,
    Found,
    alone,
    in_decimal,
    in_json,
    is_of_thing,
    is_one_of,
    members,
    phrases,
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
UNUSED_SSN = ("078-05-1120", "219-09-9999")  # printed in advertisements

A = ord("A")
_OF_IBAN = members(string.ascii_uppercase + string.digits)
_JOINS = ALPHANUMERIC | members("-_/+=")
_UNUSED_SSN = phrases(*UNUSED_SSN)
_LENGTHS = np.zeros((26, 26), np.int64)  # of an account number, by its first two letters
for _letters, _length in IBAN_LENGTHS.items():
    _LENGTHS[ord(_letters[0]) - A, ord(_letters[1]) - A] = _length
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
    if at < done:
        return 0, 0, 0
    size = run_end(data, at, DIGITS) - at
    if size != 4 and size < FEWEST_WRITTEN:
        return 0, 0, 0
    for count in (3, 4, 5) if size == 4 else (1, 0, 0):
        stop = _past_groups(data, at, count) if count else 0
        if stop and _is_card(data, at, stop):
            return at, stop, stop
    return 0, 0, 0


@part
def iban_at(data: Bytes, at: int, done: int) -> Found:
    """Account numbers of a country's length, that leave 1 modulo 97; `at` is the check digits."""
    start = at - 2
    stop = _iban_end(data, start) if start >= done and at + 1 < len(data) else 0
    return (start, stop, stop) if stop else (0, 0, 0)


@part
def us_ssn_at(data: Bytes, at: int, done: int) -> Found:
    """United States social security numbers: areas, groups and serials that are given out.

    `at` is the first hyphen.
    """
    start = at - 3
    stop = start + 11
    if start < done or stop > len(data) or not _is_ssn_written(data, start):
        return 0, 0, 0
    real = _is_assigned(data, start) and not is_one_of(data, start, stop, _UNUSED_SSN)
    apart = alone(data, start, stop, _JOINS) and not in_decimal(data, start, stop, POINT)
    if real and apart and not is_of_thing(data, start) and not in_json(data, start, stop):
        return start, stop, stop
    return 0, 0, stop


@part
def is_luhn(data: Bytes, start: int, stop: int) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812-1, annex B)."""
    total, doubled = 0, False
    for at in range(stop - 1, start - 1, -1):
        if not DIGITS[data[at]]:
            continue
        digit = data[at] - ZERO
        total += digit if not doubled else 2 * digit - 9 * (digit > 4)
        doubled = not doubled
    return total % 10 == 0


@part
def _past_groups(data: Bytes, begin: int, count: int) -> int:
    """The place after so many groups of digits that a card number may have; else 0."""
    at, separator = begin, 0
    for group in range(count):
        end = run_end(data, at, DIGITS)
        if not _is_group(group, count, end - at) or end == at:
            return 0
        if group == count - 1:
            return end if FEWEST_WRITTEN <= end - begin <= MOST_WRITTEN else 0
        if end == len(data) or (data[end] != SPACE and data[end] != HYPHEN):
            return 0
        if separator and data[end] != separator:
            return 0
        separator = data[end]
        at = end + 1
    return 0


@part
def _is_group(group: int, count: int, size: int) -> bool:
    """Whether cards are written so: 4 4 4 4, 4 4 4 4 3, 4 6 5, 4 6 4, or in one piece."""
    if count == 1:
        return size <= MOST_WRITTEN
    if count == 3 and group > 0:
        return size == 6 if group == 1 else size == 4 or size == 5
    return size == (3 if group == 4 else 4)


@part
def _is_card(data: Bytes, start: int, stop: int) -> bool:
    if not alone(data, start, stop, _JOINS) or in_decimal(data, start, stop, POINT_OR_COMMA):
        return False
    if in_json(data, start, stop):
        return False
    count = first = seen = different = 0
    for at in range(start, stop):
        if DIGITS[data[at]]:
            digit = data[at] - ZERO
            first = first * 10 + digit if count < 4 else first
            different += not seen >> digit & 1
            seen |= 1 << digit
            count += 1
    if not _ISSUED[first] >> count & 1 or different < FEWEST_DIFFERENT:
        return False
    return is_luhn(data, start, stop)


@part
def _country(data: Bytes, at: int) -> int:
    """The length of the account numbers of a country; 0 where two letters are none."""
    if at + 1 >= len(data) or not CAPITALS[data[at]] or not CAPITALS[data[at + 1]]:
        return 0
    return int(_LENGTHS[data[at] - A, data[at + 1] - A])


@part
def _iban_end(data: Bytes, start: int) -> int:
    """The place after the account number that begins at `start`; 0 where none does."""
    length = _country(data, start)
    grouped = start + IBAN_GROUP < len(data) and data[start + IBAN_GROUP] == SPACE
    end = start + length + (length - 1) // IBAN_GROUP * grouped
    if not length or end > len(data) or not alone(data, start, end, ALPHANUMERIC):
        return 0
    if not (DIGITS[data[start + 2]] and DIGITS[data[start + 3]]):
        return 0
    return end if _rest_of_97(data, start, end, grouped) == 1 else 0


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
        if not _OF_IBAN[data[at]]:
            return 0
        value = data[at] - ZERO if DIGITS[data[at]] else data[at] - A + 10
        rest = (rest * (10 if value < 10 else 100) + value) % 97
    return rest


@part
def _is_ssn_written(data: Bytes, at: int) -> bool:
    """Whether `123-45-6789` begins here."""
    for place in range(11):
        hyphen = place == 3 or place == 6
        if hyphen and data[at + place] != HYPHEN:
            return False
        if not hyphen and not DIGITS[data[at + place]]:
            return False
    return True


@part
def _is_assigned(data: Bytes, at: int) -> bool:
    area = (data[at] - ZERO) * 100 + (data[at + 1] - ZERO) * 10 + data[at + 2] - ZERO
    if area == 0 or area == 666 or area >= 900 or (data[at + 4] == ZERO and data[at + 5] == ZERO):
        return False
    for place in range(7, 11):  # noqa: SIM110 (compiled)
        if data[at + place] != ZERO:
            return True
    return False
