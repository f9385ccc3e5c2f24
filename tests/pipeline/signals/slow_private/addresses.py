"""IPv4 and IPv6 addresses, read by the standard library."""

from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network

import re2

from pipeline.signals.private.addresses import HOST_LEADS, HOSTS, NUMBERED
from tests.pipeline.signals.slow_private.kind import Kind, alone, follows, latin

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
    numbers, line = address.packed, text[:start].rpartition(b"\n")[2]
    small = max(numbers) < 32
    named = max(numbers[:3]) < 32 and NAME.search(text[:start]) is not None
    told = follows(text, start, HOSTS, HOST_LEADS.encode())
    bracketed = text[max(start - 1, 0) : start] + text[stop : stop + 1] == b"[]"
    version = (small or named) and not told and not bracketed
    headed = not line.strip(b" \t") and text[stop : stop + 2] in (b". ", b".\t", b".\xc2")
    heading = max(numbers) < 128 and headed
    special = any(address in network for network in SPECIAL_IPV4)
    return None if version or heading or special else (start, stop)


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


NAME = re2.compile(rb"(?:\A|[^A-Za-z0-9])[A-Z][A-Za-z0-9]* \z", latin())
IPV4 = Kind("ipv4", rb"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+", _ipv4)
IPV6 = Kind("ipv6", rb"[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:.]+", _ipv6)
