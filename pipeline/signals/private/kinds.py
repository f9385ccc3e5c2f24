"""All kinds of private data: what may be one, and where the scan is that knows.

Scans are imported when a text needs them: numba takes half a second to import, and a second or two
to compile one where nobody has used it yet.
"""

from pipeline.signals.private.kind import Kind, Scan


def _email() -> Scan:
    from pipeline.signals.private.contacts import scan_email

    return scan_email


def _phone() -> Scan:
    from pipeline.signals.private.contacts import scan_phone

    return scan_phone


def _ipv4() -> Scan:
    from pipeline.signals.private.addresses import scan_ipv4

    return scan_ipv4


def _ipv6() -> Scan:
    from pipeline.signals.private.addresses import scan_ipv6

    return scan_ipv6


def _iban() -> Scan:
    from pipeline.signals.private.numbers import scan_iban

    return scan_iban


def _payment_card() -> Scan:
    from pipeline.signals.private.numbers import scan_payment_card

    return scan_payment_card


def _us_ssn() -> Scan:
    from pipeline.signals.private.numbers import scan_us_ssn

    return scan_us_ssn


def _secret() -> Scan:
    from pipeline.signals.private.secrets import scan_secret

    return scan_secret


_TOKENS = (
    rb"(?:AKIA|ASIA|AIza|gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|[rs]k_live_|sk-|hf_|npm_|"
    rb"pypi-AgEI|SG\.)[A-Za-z0-9_-]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
_ALL = (
    Kind("email", rb"[A-Za-z0-9._%+-]@[A-Za-z0-9-]+\.[A-Za-z0-9-]", _email),
    Kind("phone", rb"\+[1-9][ ().-]{0,2}[0-9]|\([2-9][0-9]{2}\) ?[0-9]{3}[ -][0-9]{4}", _phone),
    Kind("ipv4", rb"[0-9]\.[0-9]+\.[0-9]+\.[0-9]", _ipv4),
    Kind("ipv6", rb"[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:.]", _ipv6),
    Kind("iban", rb"[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]){11}", _iban),
    Kind("payment_card", rb"[0-9](?:[ -]?[0-9]){13}", _payment_card),
    Kind("us_ssn", rb"[0-9]{3}-[0-9]{2}-[0-9]{4}", _us_ssn),
    Kind("secret", _TOKENS, _secret),
)
KINDS = {kind.name: kind for kind in _ALL}
