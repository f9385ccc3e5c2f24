"""One pass over the texts of a batch that finds private data of all kinds."""

import string
from collections.abc import Collection

import numpy as np

from pipeline.compiling import compiled, part
from pipeline.signals.private.addresses import ipv4_at, ipv6_at
from pipeline.signals.private.assigned import assigned_at, password_at
from pipeline.signals.private.contacts import email_at
from pipeline.signals.private.kinds import KIND_NAMES, KindName
from pipeline.signals.private.numbers import iban_at, payment_card_at, us_ssn_at
from pipeline.signals.private.phones import abroad_at, area_at, dialled_abroad_at, plain_at
from pipeline.signals.private.scanning import DIGITS, Array, Bytes
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
_NONE = np.zeros(1, np.int64)  # not a literal 0, for which all would be compiled once more
_MOST = 8  # detectors that one byte is a sign for, and one more
_FEW = 16_384  # spans that there is room for at first


def signs(kinds: Collection[KindName]) -> Array:
    """The detectors of some kinds that each byte is a sign for, (256, _MOST) int64, then -1."""
    table = np.full((256, _MOST), -1, np.int64)
    for detector, (kind, characters) in enumerate(DETECTORS):
        for byte in characters.encode() if kind in kinds else b"":
            table[byte, np.argmin(table[byte])] = detector
    return table


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
    done = np.empty(len(DETECTORS), np.int64)
    found = np.empty((_FEW, 4), np.int64)
    count = _look_through(data, offsets, signs, done, found)
    if count > len(found):
        found = np.empty((count, 4), np.int64)
        _look_through(data, offsets, signs, done, found)
    found = found[:count]
    if count < 2:
        return found
    found = found[np.lexsort((found[:, KIND], -found[:, STOP], found[:, START], found[:, ROW]))]
    stays = np.ones(count, np.bool_)
    _mark_overlaps(found, stays)
    return found[stays]


@compiled
def _look_through(  # noqa: C901 (a table; one more function were two seconds to compile)
    data: Bytes, offsets: Array, signs: Array, done: Array, found: Array
) -> int:
    """Put down what each detector finds, text by text, as far as there is room; how much it is."""
    count = _NONE[0]
    for row in range(len(offsets) - 1):
        text = data[offsets[row] : offsets[row + 1]]
        for detector in range(len(done)):
            done[detector] = 0
        at = _NONE[0]
        while at < len(text):
            byte = text[at]
            for detector in signs[byte]:
                if detector < 0:
                    break
                past = done[detector]
                if detector == EMAIL:
                    start, stop, past = email_at(text, at, past)
                elif detector == ABROAD:
                    start, stop, past = abroad_at(text, at, past)
                elif detector == AREA:
                    start, stop, past = area_at(text, at, past)
                elif detector == DIALLED:
                    start, stop, past = dialled_abroad_at(text, at, past)
                elif detector == PLAIN:
                    start, stop, past = plain_at(text, at, past)
                elif detector == IPV4:
                    start, stop, past = ipv4_at(text, at, past)
                elif detector == IPV6:
                    start, stop, past = ipv6_at(text, at, past)
                elif detector == IBAN:
                    start, stop, past = iban_at(text, at, past)
                elif detector == CARD:
                    start, stop, past = payment_card_at(text, at, past)
                elif detector == SSN:
                    start, stop, past = us_ssn_at(text, at, past)
                else:
                    start, stop, past = _secret_at(detector, text, at, past)
                done[detector] = max(past, done[detector])
                if stop > start:
                    if count < len(found):
                        found[count, START], found[count, STOP] = start, stop
                        found[count, KIND], found[count, ROW] = _KINDS[detector], row
                    count += 1
            at += 1
            while DIGITS[byte] and at < len(text) and DIGITS[text[at]]:
                at += 1
    return int(count)


@part
def _secret_at(detector: int, text: Bytes, at: int, past: int) -> tuple[int, int, int]:
    """What one of the detectors of secrets finds."""
    if detector == TOKEN:
        return token_at(text, at, past)
    if detector == WEB_TOKEN:
        return web_token_at(text, at, past)
    if detector == KEY:
        return private_key_at(text, at, past)
    if detector == ASSIGNED:
        return assigned_at(text, at, past)
    return password_at(text, at, past)


@compiled
def _mark_overlaps(found: Array, stays: Array) -> None:
    """Take the mark from each span that overlaps one that stays before it; they are sorted."""
    last = 0
    for place in range(1, len(found)):
        if found[place, ROW] == found[last, ROW] and found[place, START] < found[last, STOP]:
            stays[place] = False
        else:
            last = place
