"""Numbers of accounts, cards and persons that carry a check of their own."""

from pipeline.signals.private.kind import Kind, alone

# Characters in an account number, by country (ISO 13616, SWIFT's IBAN registry).
IBAN_LENGTHS = {
    **{"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22},
    **{"BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28},
    **{"EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23},
    **{"GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26},
    **{"IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20},
    **{"LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30},
    **{"NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22},
    **{"SA": 24, "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23},
    **{"TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20},
}

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
CARD_GROUPS = ((4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 6, 5), (4, 6, 4))
FEWEST_DIFFERENT = 4  # digits in a real card number; test numbers repeat one or two
UNUSED_SSN = ("078-05-1120", "219-09-9999")  # printed in advertisements


def _iban(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    wanted = IBAN_LENGTHS[text[start : start + 2].decode("ascii")]
    number, end = "", start
    while end < stop and len(number) < wanted:
        number += chr(text[end]).strip()
        end += 1
    if len(number) < wanted or not alone(text, start, end):
        return None
    turned = number[4:] + number[:4]
    return (start, end) if int("".join(str(int(c, 36)) for c in turned)) % 97 == 1 else None


def _payment_card(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    written = text[start:stop].decode("ascii")
    digits = written.replace(" ", "").replace("-", "")
    groups = tuple(len(group) for group in written.replace("-", " ").split(" "))
    mixed = " " in written and "-" in written
    if mixed or (len(groups) > 1 and groups not in CARD_GROUPS):
        return None
    if not alone(text, start, stop, joins=b"-_/+=") or _in_decimal(text, start, stop):
        return None
    issued = any(digits.startswith(p) and len(digits) in lengths for p, lengths in ISSUERS)
    real = issued and len(set(digits)) >= FEWEST_DIFFERENT and luhn(digits)
    return (start, stop) if real else None


def _us_ssn(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    written = text[start:stop].decode("ascii")
    area, group, serial = written.split("-")
    assigned = area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"
    if not assigned or written in UNUSED_SSN or not alone(text, start, stop, joins=b"-_/+="):
        return None
    return None if _in_decimal(text, start, stop) else (start, stop)


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812-1, annex B)."""
    total = sum(int(digit) for digit in digits[-1::-2])
    return (total + sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])) % 10 == 0


def _in_decimal(text: bytes, start: int, stop: int) -> bool:
    """Whether a point or comma joins the digits to more digits."""
    before, after = text[max(start - 2, 0) : start], text[stop : stop + 2]
    return (before[-1:] in (b".", b",") and before[:1].isdigit()) or (
        after[:1] in (b".", b",") and after[1:].isdigit()
    )


IBAN = Kind(
    "iban",
    b"(?:" + "|".join(IBAN_LENGTHS).encode() + rb")[0-9]{2}(?: ?[0-9A-Z]){11,30}",
    _iban,
)
PAYMENT_CARD = Kind("payment_card", rb"[0-9](?:[ -]?[0-9]){13,18}", _payment_card)
US_SSN = Kind("us_ssn", rb"[0-9]{3}-[0-9]{2}-[0-9]{4}", _us_ssn)
