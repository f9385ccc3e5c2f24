"""The kinds of private data, and what a text must at least look like to hold any."""

from functools import cache
from typing import Any, Literal, get_args

import re2

KindName = Literal["email", "phone", "ipv4", "ipv6", "iban", "payment_card", "us_ssn", "secret"]
KIND_NAMES: tuple[KindName, ...] = get_args(KindName)

# Generous, and for RE2: a short text that has none of it has no private data, and the scan is not
# even loaded: numba takes half a second to import.
ANY = (
    rb"[^\s]@[^\s]|[0-9](?:[^0-9A-Za-z]{0,4}[0-9]){8}|[0-9]\.[0-9]+\.[0-9]+\.[0-9]|"
    rb"[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:.]|[A-Z]{2}[0-9]{2} ?[0-9A-Z]{4}|[A-Za-z0-9_+/=~-]{16}|"
    rb"-----BEGIN "
)


def may_hold(text: bytes) -> bool:
    """Whether a text, in UTF-8, is worth a look: false where it holds nothing private."""
    return bool(_any().search(text))


@cache
def _any() -> Any:  # re2 has no type hints
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1  # bytes stand for themselves
    return re2.compile(ANY, options)
