"""One pass over the texts of a batch that finds private data of all kinds."""

import string
from collections.abc import Collection

import numpy as np

from pipeline.signals.kernels.compiled import compiled
from pipeline.signals.private.addresses import ipv4_at, ipv6_at
from pipeline.signals.private.assigned import assigned_at, password_at
from pipeline.signals.private.contacts import email_at
from pipeline.signals.private.kinds import KIND_NAMES, KindName
from pipeline.signals.private.numbers import iban_at, payment_card_at, us_ssn_at
from pipeline.signals.private.phones import abroad_at, area_at, dialled_abroad_at, plain_at
from pipeline.signals.private.scanning import DIGITS, Array, Bytes, Found
from pipeline.signals.private.secrets import SIGNS, private_key_at, token_at, web_token_at

# Every detector, whose kind it finds, and the bytes that show that there may be something. Of a row
# of digits only the first is a sign.
(EMAIL, ABROAD, AREA, DIALLED, PLAIN, IPV4, IPV6, IBAN, CARD, SSN, TOKEN, WEB_TOKEN, KEY) = range(
    13
)
(ASSIGNED, PASSWORD) = range(13, 15)
DETECTORS: tuple[tuple[KindName, str], ...] = (
    ("email", "@"),
    ("phone", "+"),
    ("phone", "("),
    ("phone", "0"),
    ("phone", string.digits),
    ("ipv4", string.digits),
    ("ipv6", ":"),
    ("iban", string.digits),
    ("payment_card", string.digits),
    ("us_ssn", "-"),
    ("secret", SIGNS),
    ("secret", "J"),
    ("secret", "-"),
    ("secret", ":="),
    ("secret", "@"),
)
_KINDS = np.array([KIND_NAMES.index(kind) for kind, _ in DETECTORS], np.int64)
START, STOP, KIND, ROW = range(4)  # columns of what is found
_MOST = 8  # detectors that one byte is a sign for, and one more
_FEW = 1024  # spans that there is room for at first


def signs(kinds: Collection[KindName]) -> Array:
    """The detectors of some kinds that each byte is a sign for, (256, _MOST) int64, then -1."""
    table = np.full((256, _MOST), -1, np.int64)
    for detector, (kind, characters) in enumerate(DETECTORS):
        for byte in characters.encode() if kind in kinds else b"":
            table[byte, np.argmin(table[byte])] = detector
    return table


@compiled
def find(data: Bytes, offsets: Array, signs: Array) -> Array:
    """Where the texts of a batch hold private data.

    Each byte is looked at once, and what a sign leads to a bounded number of times: nobody can slow
    a run down with a page of near misses. Of two spans that overlap the one that begins first
    stays, and of two that begin together the longer one.

    Args:
        data: the bytes of all texts, uint8.
        offsets: (n + 1,) int64: text i is `data[offsets[i]:offsets[i + 1]]`.
        signs: of the kinds that are looked for, `signs(kinds)`.

    Returns:
        (found, 4) int64: start and stop of each span, bytes from the start of its text; its kind,
        a place in `KIND_NAMES`; and its text. They are sorted, and lie apart.
    """
    found = np.empty((_FEW, 4), np.int64)
    count = 0
    for row in range(len(offsets) - 1):
        first = count
        text = data[offsets[row] : offsets[row + 1]]
        count, found = _look_through(text, signs, found, count)
        if count > first:
            count = _tidied(found, first, count)
            found[first:count, ROW] = row
    return found[:count]


@compiled
def _look_through(text: Bytes, signs: Array, found: Array, count: int) -> tuple[int, Array]:
    """Put down what each detector finds in a text, from row `count` on."""
    done = np.zeros(len(_KINDS), np.int64)
    at = 0
    while at < len(text):
        byte = text[at]
        if signs[byte, 0] < 0:
            at += 1
            continue
        place = 0
        while signs[byte, place] >= 0:
            detector = signs[byte, place]
            place += 1
            start, stop, past = _detected(detector, text, at, done[detector])
            done[detector] = max(done[detector], past)
            if stop > start:
                if count == len(found):
                    found = np.concatenate((found, np.empty_like(found)))
                found[count, START], found[count, STOP] = start, stop
                found[count, KIND] = _KINDS[detector]
                count += 1
        digit = DIGITS[byte]
        at += 1
        while digit and at < len(text) and DIGITS[text[at]]:
            at += 1
    return count, found


@compiled
def _detected(detector: int, text: Bytes, at: int, done: int) -> Found:  # noqa: C901 (a table)
    """What one detector finds at a sign."""
    if detector == EMAIL:
        return email_at(text, at, done)
    if detector == ABROAD:
        return abroad_at(text, at, done)
    if detector == AREA:
        return area_at(text, at, done)
    if detector == DIALLED:
        return dialled_abroad_at(text, at, done)
    if detector == PLAIN:
        return plain_at(text, at, done)
    if detector == IPV4:
        return ipv4_at(text, at, done)
    if detector == IPV6:
        return ipv6_at(text, at, done)
    if detector == IBAN:
        return iban_at(text, at, done)
    if detector == CARD:
        return payment_card_at(text, at, done)
    if detector == SSN:
        return us_ssn_at(text, at, done)
    if detector == TOKEN:
        return token_at(text, at, done)
    if detector == WEB_TOKEN:
        return web_token_at(text, at, done)
    if detector == KEY:
        return private_key_at(text, at, done)
    if detector == ASSIGNED:
        return assigned_at(text, at, done)
    return password_at(text, at, done)


@compiled
def _tidied(found: Array, first: int, stop: int) -> int:
    """Sort the spans of one text, and take out those that overlap; the place after what stays.

    They come nearly sorted: a detector is led back by no more than the length of a mailbox.
    """
    for row in range(first + 1, stop):
        place = row
        while place > first and _is_before(found, place, place - 1):
            for column in range(KIND + 1):
                kept = found[place, column]
                found[place, column] = found[place - 1, column]
                found[place - 1, column] = kept
            place -= 1
    last = first
    for row in range(first + 1, stop):
        if found[row, START] >= found[last, STOP]:
            last += 1
            found[last, :ROW] = found[row, :ROW]
    return last + 1


@compiled
def _is_before(found: Array, one: int, other: int) -> bool:
    """Whether a span goes before another: it begins first, or is longer, or its kind is first."""
    if found[one, START] != found[other, START]:
        return bool(found[one, START] < found[other, START])
    if found[one, STOP] != found[other, STOP]:
        return bool(found[one, STOP] > found[other, STOP])
    return bool(found[one, KIND] < found[other, KIND])
