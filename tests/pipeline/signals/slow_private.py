"""Private data by patterns of RE2 and checks in plain Python: slow, and what scans must equal."""

import string
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network
from math import log2
from typing import Any

import re2

from pipeline.signals.private.addresses import NUMBERED
from pipeline.signals.private.assigned import NAMES
from pipeline.signals.private.scanning import REACH, THINGS

ALPHANUMERIC = (string.ascii_letters + string.digits).encode()

Check = Callable[[bytes, int, int], tuple[int, int] | None]
Cut = Callable[[bytes, int, int], Iterable[tuple[int, int]]]


def whole(text: bytes, start: int, stop: int) -> Iterable[tuple[int, int]]:
    """A match as its own only candidate."""
    return ((start, stop),)


@dataclass(frozen=True)
class Kind:
    """A kind of private data: what looks like it, and what is it.

    Args:
        name: what stands in its place once it is redacted, in lower case.
        pattern: for RE2, whose time is linear in the text. It can be generous.
        check: strict; given the text and where a candidate starts and stops, the span to redact,
            which lies within, or None where it only looks like it.
        cut: the candidates in a match, from left to right.
    """

    name: str
    pattern: bytes
    check: Check
    cut: Cut = whole

    def find(self, text: bytes) -> Iterator[tuple[int, int]]:
        """Where the text holds it, as byte offsets."""
        done = 0
        for match in _compiled(self.pattern).finditer(text):
            for start, stop in self.cut(text, *match.span()):
                span = self.check(text, start, stop) if start >= done else None
                if span:
                    done = span[1]
                    yield span


def _latin() -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1  # match plain bytes
    return options


@cache
def _compiled(pattern: bytes) -> Any:  # re2 has no type hints
    return re2.compile(pattern, _latin())


def alone(text: bytes, start: int, stop: int, *, joins: bytes = b"") -> bool:
    """Whether neither a letter, a digit nor any of `joins` touches a span on either side."""
    around = text[max(start - 1, 0) : start] + text[stop : stop + 1]
    return not any(byte in joins or byte in ALPHANUMERIC for byte in around)


# Private, shared, local, for documentation, for measuring, multicast and reserved: IANA's registry
# of special-purpose addresses (RFC 6890 and its updates). The list is our own, because what
# `ipaddress` calls global differs between versions of Python.
SPECIAL_IPV4 = tuple(
    IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
    )
)
ROUTED_IPV6 = IPv6Network("2000::/3")
SPECIAL_IPV6 = tuple(
    IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)


def _ipv4(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    longer = text[stop : stop + 1] == b"." and text[stop + 1 : stop + 2].isdigit()
    in_path = text[max(start - 1, 0) : start] == b"/" and text[max(start - 2, 0) : start] != b"//"
    if longer or in_path or not alone(text, start, stop, joins=b"-_+^~"):
        return None
    if text[max(start - 1, 0) : start] == b"." or follows(text, start, NUMBERED):
        return None
    try:
        address = IPv4Address(text[start:stop].decode("ascii"))
    except AddressValueError:
        return None
    small = max(address.packed) < 32 and text[max(start - 1, 0) : start] in tuple(
        bytes([byte]) for byte in b":\"'`=(@"
    )
    special = any(address in network for network in SPECIAL_IPV4)
    return None if small or special else (start, stop)


def _ipv6(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    while text[stop - 1 : stop] in (b".", b":") and text[stop - 2 : stop] != b"::":
        stop -= 1
    if not alone(text, start, stop, joins=b":_") or text[max(start - 1, 0) : start] == b".":
        return None
    try:
        address = IPv6Address(text[start:stop].decode("ascii"))
    except AddressValueError:
        return None
    special = any(address in network for network in SPECIAL_IPV6)
    return (start, stop) if address in ROUTED_IPV6 and not special else None


def follows(text: bytes, start: int, words: tuple[str, ...]) -> bool:
    """Whether the words before a place end with one of some."""
    before = text[max(start - REACH, 0) : start].rstrip(b" \t\n\r\f\v=:\"'(").lower()
    for word in words:
        rest = before.removesuffix(word.encode())
        inside = word[0].isascii() and word[0].isalpha()
        if rest != before and not (
            inside and rest and (rest[-1] in ALPHANUMERIC or rest[-1] >= 128)
        ):
            return True
    return False


IPV4 = Kind("ipv4", rb"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+", _ipv4)
IPV6 = Kind("ipv6", rb"[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:.]+", _ipv6)


# Reserved for documentation and tests (RFC 2606, RFC 6761): nobody's address.
RESERVED_DOMAINS = ("example.com", "example.net", "example.org")
RESERVED_TOP = ("example", "invalid", "test", "localhost")
FILE_ENDINGS = ("png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "html", "php")

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


def _email(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    if _user_before(text, start) is not None:
        return None
    while text[start : start + 1] in tuple(bytes([byte]) for byte in b".%+-_'"):
        start += 1
    stop -= len(text[start:stop]) - len(text[start:stop].rstrip(b"-"))
    local, _, domain = text[start:stop].decode().lower().rpartition("@")
    labels = domain.split(".")
    top = labels[-1]
    sound = (
        0 < len(local.encode()) <= 64
        and len(domain.encode()) <= 253
        and ".." not in local
        and not local.endswith(".")
        and len(top) > 1
        and ((top.isascii() and top.isalpha()) or top.startswith("xn--"))
        and not any(label.startswith("-") or label.endswith("-") for label in labels)
    )
    reserved = domain.endswith(RESERVED_DOMAINS) or top in RESERVED_TOP
    return (start, stop) if sound and not reserved and top not in FILE_ENDINGS else None


def _digits(text: bytes) -> str:
    return "".join(chr(byte) for byte in text if chr(byte).isdigit())


def _area(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    digits = _digits(text[start:stop])
    return (start, stop) if alone(text, start, stop, joins=b"-") and _dials(digits) else None


def _phone(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    if not alone(text, start, stop, joins=b"+=/*") or _is_decimal(text[start + 1 : stop]):
        return None
    if not _is_abroad(_digits(text[start:stop])):
        return None
    brackets = [byte for byte in text[start:stop] if byte in b"()"]
    bracketed = text[max(start - 1, 0) : start] == b"(" and brackets[:1] == [ord(")")]
    return start - bracketed, stop


def _dialled(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    if text[max(start - 1, 0) : start].isdigit() or not alone(text, start, stop, joins=b"-+/=_#"):
        return None
    before = text[max(start - 2, 0) : start]
    if len(before) == 2 and before[:1].isdigit() and before[1:] in (b" ", b"-"):
        return None
    digits = _digits(text[start + 2 : stop])
    rest = text[start + 2 : stop].removeprefix(b" ")
    gaps = len(DIGIT_RUN.findall(rest)) - 1
    sizes = [len(run) for run in DIGIT_RUN.findall(text[start:stop])]
    even = len(set(sizes[:-1])) == 1 and sizes[-1] <= sizes[0]
    real = gaps >= 2 and not even and _is_abroad(digits)
    return (start, stop) if real else None


def _plain(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    digits = _digits(text[start:stop])[-10:]
    marks = {byte for byte in text[stop - 12 : stop] if byte in b".-"}
    if len(marks) > 1 or not alone(text, start, stop, joins=b"-+/=_#"):
        return None
    if _in_decimal(text, start, stop, b".") or follows(text, start, NO_PERSON):
        return None
    service = digits[1:3] == "11" or digits[4:6] == "11" or digits[1] == "9"
    return (start, stop) if _dials(digits) and not service else None


def _is_decimal(written: bytes) -> bool:
    return re2.fullmatch(rb"[0-9]+\.[0-9]+", written) is not None


def _is_abroad(digits: str) -> bool:
    """Whether digits with a country code are a number that somebody can have."""
    if not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS or not digits.startswith(COUNTRY_CODES):
        return False
    return digits[0] != "1" or _dials(digits[1:])


def _dials(digits: str) -> bool:
    """Whether a North American number can be dialled; 555-01xx are fictional."""
    return (
        len(digits) == NORTH_AMERICAN_DIGITS
        and digits[0] in "23456789"
        and digits[3] in "23456789"
        and not digits[3:].startswith("55501")
    )


LATIN = rb"[\xc3-\xc9][\x80-\xbf]"
LOCAL, LABEL = rb"(?:[A-Za-z0-9._%+'-]|" + LATIN + b")", rb"(?:[A-Za-z0-9-]|" + LATIN + b")"
USER = re2.compile(rb"://((?:[A-Za-z0-9._%+'-]|[\x80-\xff])+):\z", _latin())


def _user_before(text: bytes, start: int) -> int | None:
    """Where the user of a URL begins whose password begins at `start`."""
    before = text[max(start - 68, 0) : start]
    match = USER.search(before)
    return None if match is None else max(start - 68, 0) + match.start(1)


EMAIL = Kind("email", LOCAL + b"+@" + LABEL + rb"+(?:\." + LABEL + b"+)+", _email)
DIGIT_RUN = re2.compile(rb"[0-9]+")
GAP = rb"(?: /[ ]|(?:[ ().\-/]|\xc2\xa0){0,2})"
PHONES = (
    Kind("phone", rb"\+[1-9](?:" + GAP + rb"[0-9])+", _phone),
    Kind("phone", rb"\([2-9][0-9]{2}\) ?[0-9]{3}[ -][0-9]{4}", _area),
    Kind("phone", rb"00 ?[1-9](?:" + GAP + rb"[0-9])+", _dialled),
    Kind("phone", rb"(?:1[.-])?[0-9]{3}[.-][0-9]{3}[.-][0-9]{4}", _plain),
)
NO_PERSON = tuple(f"{what} {word}" for what in THINGS for word in ("no.", "number", "#"))


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
    if not alone(text, start, stop, joins=b"-_/+=") or _in_decimal(text, start, stop):
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
    named = follows(text, start, NO_PERSON)
    return None if named or _in_decimal(text, start, stop, b".") else (start, stop)


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812-1, annex B)."""
    total = sum(int(digit) for digit in digits[-1::-2])
    return (total + sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])) % 10 == 0


def _in_decimal(text: bytes, start: int, stop: int, marks: bytes = b".,") -> bool:
    """Whether a point or comma joins the digits to more digits."""
    before, after = text[max(start - 2, 0) : start], text[stop : stop + 2]
    return (len(before) == 2 and before[1] in marks and before[:1].isdigit()) or (
        len(after) == 2 and after[0] in marks and after[1:].isdigit()
    )


IBAN = Kind(
    "iban",
    b"(?:" + "|".join(IBAN_LENGTHS).encode() + rb")[0-9]{2}(?: ?[0-9A-Z]){11,}",
    _iban,
    _iban_cuts,
)
PAYMENT_CARD = Kind("payment_card", rb"[0-9](?:[ -]?[0-9]){13,}", _payment_card, _card_cuts)
US_SSN = Kind("us_ssn", rb"[0-9]{3}-[0-9]{2}-[0-9]{4}", _us_ssn)


# As documented by each issuer for secret scanning.
FORMS = (
    rb"(?:AKIA|ASIA)[A-Z2-7]{16}",  # Amazon Web Services
    rb"gh[pousr]_[A-Za-z0-9]{36}",  # GitHub
    rb"github_pat_[A-Za-z0-9_]{60,90}",
    rb"glpat-[A-Za-z0-9_-]{20}",  # GitLab
    rb"xox[abeoprs]-[A-Za-z0-9-]{20,80}",  # Slack
    rb"AIza[A-Za-z0-9_-]{35}",  # Google
    rb"[rs]k_live_[A-Za-z0-9]{24,99}",  # Stripe
    rb"sk-[A-Za-z0-9_-]{40,200}",  # OpenAI, Anthropic
    rb"hf_[A-Za-z]{34}",  # Hugging Face
    rb"npm_[A-Za-z0-9]{36}",
    rb"pypi-AgEI[A-Za-z0-9_-]{50,250}",
    rb"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",  # SendGrid
)
PRIVATE_KEY = (
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[A-Za-z0-9+/=\s\\:,]|-{1,4}[A-Za-z0-9+/=\s\\:,])+"
    rb"-----END [A-Z ]*PRIVATE KEY-----"
)
JSON = rb"eyJ[A-Za-z0-9_-]{10,}"
WEB_TOKEN = rb"(?:\A|[^A-Za-z0-9_.-])" + JSON + rb"\." + JSON + rb"\.[A-Za-z0-9_-]{20,}"
LEAST_ENTROPY = 3.0  # bits per character; drawn at random, 16 characters have about 3.6
PLACEHOLDERS = (b"EXAMPLE", b"XXXX", b"0000", b"1234567", b"ABCDEF")
WORD = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"


def _secret(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    found = text[start:stop]
    if found.startswith(b"-----"):
        return start, stop
    if any(byte in WORD for byte in text[max(start - 1, 0) : start] + text[stop : stop + 1]):
        return None
    short = found.startswith((b"AKIA", b"ASIA"))
    if _is_made_up(found) or entropy(found[4:]) < LEAST_ENTROPY:
        return None
    return (start, stop) if short or _changes(found) >= 3 else None


def _web_token(text: bytes, start: int, stop: int) -> tuple[int, int]:
    return text.index(b"eyJ", start), stop


def _assigned(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    """The value behind a sign, which is the match."""
    name = text[max(start - 40, 0) : start].lower()
    for _ in range(3):
        name = name[:-1] if name[-1:] in (b" ", b'"', b"'", b"`") and name else name
    value = VALUE.match(text[start : start + 300])
    if value is None or not name.endswith(tuple(each.encode() for each in NAMES)):
        return None
    begin, end = (start + edge for edge in value.span(1))
    after = text[end : end + 1]
    if value[1].startswith(b"/") or (after and after not in ENDS):
        return None
    random = not _is_made_up(value[1]) and entropy(value[1]) >= LEAST_ENTROPY
    return (begin, end) if random and _changes(value[1]) * 6 >= len(value[1]) else None


def _password(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    """What stands between a user and the @ of a URL."""
    word = text[start : stop - 1]
    told = not word.isalpha() and not word.isdigit() and not _is_made_up(word)
    user = _user_before(text, start) is not None
    return (start, stop - 1) if len(word) >= 6 and told and user else None


def _is_made_up(found: bytes) -> bool:
    return any(placeholder in found.upper() for placeholder in PLACEHOLDERS)


def _changes(found: bytes) -> int:
    """How often digits and letters, or small letters and capitals, follow each other."""
    turns = (rb"[0-9][A-Za-z]", rb"[A-Za-z][0-9]", rb"[a-z][A-Z]")
    pairs = [found[at : at + 2] for at in range(len(found) - 1)]
    return sum(re2.fullmatch(turn, pair) is not None for pair in pairs for turn in turns)


def entropy(content: bytes) -> float:
    """Shannon's entropy, bits per byte."""
    counts = Counter(content).values()
    return -sum(count / len(content) * log2(count / len(content)) for count in counts)


VALUE = re2.compile(rb"[=>: \"'`\]\\]{1,6}(?:Bearer )?([A-Za-z0-9_+/=~-]{16,256})", _latin())
ENDS = tuple(bytes([byte]) for byte in b" \t\n\r\x0b\x0c\"'`;,)}]&<\\")
SECRETS = (
    Kind("secret", b"|".join((*FORMS, PRIVATE_KEY)), _secret),
    Kind("secret", WEB_TOKEN, _web_token),
    Kind("secret", b"[:=]", _assigned),
    Kind("secret", LOCAL + b"+@", _password),
)
_KINDS = (EMAIL, *PHONES, IPV4, IPV6, IBAN, PAYMENT_CARD, US_SSN, *SECRETS)


def spans(text: bytes, name: str) -> list[tuple[int, int, str]]:
    """All of a kind; of two that overlap the first stays, or the longer one."""
    found = {span for kind in _KINDS if kind.name == name for span in kind.find(text)}
    kept: list[tuple[int, int, str]] = []
    for start, stop in sorted(found, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, stop, name))
    return kept
