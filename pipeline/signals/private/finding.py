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
from pipeline.signals.private.scanning import DIGITS, Array, Bytes, Found, run_end
from pipeline.signals.private.secrets import SIGNS, private_key_at, token_at, web_token_at

# Every detector, whose kind it finds, and the bytes that show that there may be something. Of a row
# of digits only the first is a sign.
(PLAIN, IPV4, IBAN, CARD, DIALLED, EMAIL, ABROAD, AREA, IPV6, SSN) = range(10)
(ASSIGNED, PASSWORD, TOKEN, WEB_TOKEN, KEY) = range(10, 15)
DETECTORS: tuple[tuple[KindName, str], ...] = (
    ("phone", string.digits),
    ("ipv4", string.digits),
    ("iban", string.digits),
    ("payment_card", string.digits),
    ("phone", "0"),
    ("email", "@"),
    ("phone", "+"),
    ("phone", "("),
    ("ipv6", ":"),
    ("us_ssn", "-"),
    ("secret", ":="),
    ("secret", "@"),
    ("secret", SIGNS),
    ("secret", "J"),
    ("secret", "-"),
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
    done = np.zeros(len(DETECTORS), np.int64)
    found = np.empty((_FEW, 4), np.int64)
    count = _look_through(data, offsets, signs, done, found)
    if count > len(found):
        found = np.empty((count, 4), np.int64)
        _look_through(data, offsets, signs, np.zeros_like(done), found)
    found = found[:count]
    found = found[np.lexsort((found[:, KIND], -found[:, STOP], found[:, START], found[:, ROW]))]
    return found[_stay(found)]


def _stay(found: Array) -> Array:
    """Which of the sorted spans overlap none that stays before them, (found,) bool."""
    stays = np.ones(len(found), np.bool_)
    same = found[1:, ROW] == found[:-1, ROW]
    if not np.any(same & (found[1:, START] < found[:-1, STOP])):
        return stays
    row, stop = -1, 0
    for place, (begin, end, _, text) in enumerate(found.tolist()):
        stays[place] = text != row or begin >= stop
        if stays[place]:
            row, stop = text, end
    return stays


@compiled
def _look_through(data: Bytes, offsets: Array, signs: Array, done: Array, found: Array) -> int:
    """Put down what each detector finds, text by text, as far as there is room; how much it is.

    `done` is 0 for each at first, and then the place in all texts up to which it has read.
    """
    count: int = _NONE[0]
    for row in range(len(offsets) - 1):
        begin = offsets[row]
        text = data[begin : offsets[row + 1]]
        at = _NONE[0]
        while at < len(text):
            byte, slot = text[at], 0
            while signs[byte, slot] >= 0:
                detector = signs[byte, slot]
                past = done[detector] - begin if done[detector] > begin else 0
                if detector <= DIALLED:
                    start, stop, past = _number_at(detector, text, at, past)
                elif detector <= SSN:
                    start, stop, past = _person_at(detector, text, at, past)
                else:
                    start, stop, past = _secret_at(detector, text, at, past)
                if past + begin > done[detector]:
                    done[detector] = past + begin
                if stop > start:
                    place = count if count < len(found) else 0
                    found[place, START], found[place, STOP] = start, stop
                    found[place, KIND], found[place, ROW] = _KINDS[detector], row
                    count += 1
                slot += 1
            at = run_end(text, at + 1, DIGITS) if DIGITS[byte] else at + 1
    return count


@part
def _number_at(detector: int, text: Bytes, at: int, past: int) -> Found:
    """What one of the detectors that begin with a digit finds."""
    if detector == PLAIN:
        return plain_at(text, at, past)
    if detector == IPV4:
        return ipv4_at(text, at, past)
    if detector == IBAN:
        return iban_at(text, at, past)
    if detector == CARD:
        return payment_card_at(text, at, past)
    return dialled_abroad_at(text, at, past)


@part
def _person_at(detector: int, text: Bytes, at: int, past: int) -> Found:
    """What one of the detectors finds that begin with a mark."""
    if detector == EMAIL:
        return email_at(text, at, past)
    if detector == ABROAD:
        return abroad_at(text, at, past)
    if detector == AREA:
        return area_at(text, at, past)
    if detector == IPV6:
        return ipv6_at(text, at, past)
    return us_ssn_at(text, at, past)


@part
def _secret_at(detector: int, text: Bytes, at: int, past: int) -> Found:
    """What one of the detectors of secrets finds."""
    if detector == ASSIGNED:
        return assigned_at(text, at, past)
    if detector == PASSWORD:
        return password_at(text, at, past)
    if detector == TOKEN:
        return token_at(text, at, past)
    if detector == WEB_TOKEN:
        return web_token_at(text, at, past)
    return private_key_at(text, at, past)
