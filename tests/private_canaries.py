"""Planted private data of every kind, and the search for it in all that a run leaves."""

import io
import random
import string

import pyarrow.parquet as pq

from pipeline.signals.private.kinds import KIND_NAMES

RANDOM = string.ascii_letters + string.digits


def planted(count):
    """So many values of each kind, none like another: kind -> values."""
    makes = {
        "email": lambda n, _: f"ada.{n}.lovelace@post{n}.de",
        "phone": lambda n, _: f"+49 30 9{n:02d}182{n:02d}",
        "ipv4": lambda n, _: f"193.99.{100 + n}.{200 - n}",
        "ipv6": lambda n, _: f"2a02:2e0:3fe:10{n:02d}::{n + 16:x}",
        "iban": lambda n, _: _iban(f"37040044{n + 532:05d}13000"),
        "payment_card": lambda n, _: _card(f"45391488{n + 1043:04d}646"),
        "us_ssn": lambda n, _: f"536-{n + 20}-{n + 4400}",
        "secret": lambda _, draw: "ghp_" + "".join(draw.choices(RANDOM, k=36)),
    }
    draw = random.Random(7)
    return {kind: [makes[kind](n, draw) for n in range(count)] for kind in KIND_NAMES}


def _iban(account):
    """A German account number with its check digits (ISO 7064)."""
    return f"DE{98 - int(account + '131400') % 97:02d}{account}"


def _card(digits):
    """A card number with its check digit, by Luhn's formula."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[::-2])
    total = sum(doubled) + sum(int(digit) for digit in digits[-2::-2])
    return f"{digits}{-total % 10}"


def among(values, text):
    """The values that stand in a text."""
    return [value for value in values if value in text]


def readable(content):
    """What a file says: the cells of a table, else its bytes as they are."""
    if content.startswith(b"PAR1"):
        return repr(pq.read_table(io.BytesIO(content)).to_pylist())
    return content.decode("utf-8", "replace")
