"""E-mail addresses and telephone numbers."""

from pipeline.signals.private.kind import Kind, alone

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
    while text[start : start + 1] in b".%+-_":
        start += 1
    stop -= len(text[start:stop]) - len(text[start:stop].rstrip(b"-"))
    local, _, domain = text[start:stop].decode("ascii").lower().rpartition("@")
    labels = domain.split(".")
    top = labels[-1]
    sound = (
        0 < len(local) <= 64
        and len(domain) <= 253
        and ".." not in local
        and not local.endswith(".")
        and len(top) > 1
        and (top.isalpha() or top.startswith("xn--"))
        and not any(label.startswith("-") or label.endswith("-") for label in labels)
    )
    reserved = domain.endswith(RESERVED_DOMAINS) or top in RESERVED_TOP
    return (start, stop) if sound and not reserved and top not in FILE_ENDINGS else None


def _phone(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    digits = "".join(chr(byte) for byte in text[start:stop] if chr(byte).isdigit())
    if text[start : start + 1] != b"+":
        return (start, stop) if alone(text, start, stop, joins=b"-") and _dials(digits) else None
    if not alone(text, start, stop, joins=b"+=/*"):
        return None
    if not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS or not digits.startswith(COUNTRY_CODES):
        return None
    if digits[0] == "1" and not _dials(digits[1:]):
        return None
    return start, stop


def _dials(digits: str) -> bool:
    """Whether a North American number can be dialled; 555-01xx are fictional."""
    return (
        len(digits) == NORTH_AMERICAN_DIGITS
        and digits[0] in "23456789"
        and digits[3] in "23456789"
        and not digits[3:].startswith("55501")
    )


EMAIL = Kind("email", rb"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", _email)
PHONE = Kind(
    "phone",
    rb"\+[1-9](?:[ ().-]{0,2}[0-9])+|\([2-9][0-9]{2}\) ?[0-9]{3}[ -][0-9]{4}",
    _phone,
)
