"""Numbers of accounts, cards and persons."""

from collections.abc import Iterator

from tests.pipeline.signals.slow_private.kind import (
    NO_PERSON,
    Kind,
    alone,
    follows,
    in_decimal,
    in_json,
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
IBAN_GROUP = 4  # characters between spaces on paper
CARD_GROUPS = ((4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 6, 5), (4, 6, 4))
FEWEST_DIFFERENT = 4  # digits in a real card number; test numbers repeat one or two
UNUSED_SSN = ("078-05-1120", "219-09-9999")  # printed in advertisements


def _iban(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    length = IBAN_LENGTHS[text[start : start + 2].decode("ascii")]
    end = start + length + (length - 1) // 4 * (text[start + 4 : start + 5] == b" ")
    if end > stop or not alone(text, start, end):
        return None
    number = text[start:end].decode("ascii")
    if " " in number:
        groups = number.split(" ")
        number = "".join(groups)
        if any(len(group) != IBAN_GROUP for group in groups[:-1]):
            return None
    turned = "".join(str(int(character, 36)) for character in number[4:] + number[:4])
    return (start, end) if int(turned) % 97 == 1 else None


def _payment_card(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    written = text[start:stop].decode("ascii")
    digits = written.replace(" ", "").replace("-", "")
    groups = tuple(len(group) for group in written.replace("-", " ").split(" "))
    mixed = " " in written and "-" in written
    if mixed or (len(groups) > 1 and groups not in CARD_GROUPS):
        return None
    if not alone(text, start, stop, joins=b"-_/+=") or in_decimal(text, start, stop):
        return None
    if written == digits and in_json(text, start):
        return None
    issued = any(digits.startswith(p) and len(digits) in lengths for p, lengths in ISSUERS)
    real = issued and len(set(digits)) >= FEWEST_DIFFERENT and luhn(digits)
    return (start, stop) if real else None


def _groups(text: bytes, start: int, stop: int) -> list[int]:
    """Where the groups of a run begin, which a space or a hyphen parts, and where the run ends."""
    breaks = (at + 1 for at in range(start, stop) if text[at] in b" -")
    return [start, *breaks, stop + 1]


def _card_cuts(text: bytes, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """As many neighbouring groups of digits as a card number has."""
    edges = _groups(text, start, stop)
    for first, begin in enumerate(edges[:-1]):
        counts = (3, 4, 5) if edges[first + 1] - begin - 1 == CARD_GROUPS[0][0] else (1,)
        for end in (edges[first + count] - 1 for count in counts if first + count < len(edges)):
            if FEWEST_WRITTEN <= end - begin <= MOST_WRITTEN:
                yield begin, end


def _iban_cuts(text: bytes, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """From each group that begins with a country's letters to the end of the run."""
    for begin in _groups(text, start, stop)[:-1]:
        if text[begin : begin + 2].decode("latin-1") in IBAN_LENGTHS:
            yield begin, stop


def _us_ssn(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    written = text[start:stop].decode("ascii")
    area, group, serial = written.split("-")
    assigned = area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"
    if not assigned or written in UNUSED_SSN or not alone(text, start, stop, joins=b"-_/+="):
        return None
    named = follows(text, start, NO_PERSON) or in_json(text, start)
    return None if named or in_decimal(text, start, stop, b".") else (start, stop)


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812-1, annex B)."""
    total = sum(int(digit) for digit in digits[-1::-2])
    return (total + sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])) % 10 == 0


IBAN = Kind(
    "iban",
    b"(?:" + "|".join(IBAN_LENGTHS).encode() + rb")[0-9]{2}(?: ?[0-9A-Z]){11,}",
    _iban,
    _iban_cuts,
)
PAYMENT_CARD = Kind("payment_card", rb"[0-9](?:[ -]?[0-9]){13,}", _payment_card, _card_cuts)
US_SSN = Kind("us_ssn", rb"[0-9]{3}-[0-9]{2}-[0-9]{4}", _us_ssn)
