"""Private data by patterns of RE2 and checks in plain Python: slow, and what scans must equal."""

from tests.pipeline.signals.slow_private.addresses import IPV4, IPV6
from tests.pipeline.signals.slow_private.contacts import EMAIL
from tests.pipeline.signals.slow_private.numbers import IBAN, PAYMENT_CARD, US_SSN
from tests.pipeline.signals.slow_private.phones import PHONES
from tests.pipeline.signals.slow_private.secrets import SECRETS

_KINDS = (EMAIL, *PHONES, IPV4, IPV6, IBAN, PAYMENT_CARD, US_SSN, *SECRETS)


def spans(text: bytes, name: str) -> list[tuple[int, int, str]]:
    """All of a kind; of two that overlap the first stays, or the longer one."""
    found = {span for kind in _KINDS if kind.name == name for span in kind.find(text)}
    kept: list[tuple[int, int, str]] = []
    for start, stop in sorted(found, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, stop, name))
    return kept
