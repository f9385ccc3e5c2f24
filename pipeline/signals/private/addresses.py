"""Internet addresses that lead to somebody: those that are routed."""

from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network

from pipeline.signals.private.kind import Kind, alone

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
VERSION_WORDS = (b"version", b"versions", b"ver.", b"v.", b"release", b"revision")


def _ipv4(text: bytes, start: int, stop: int) -> tuple[int, int] | None:
    longer = text[stop : stop + 1] == b"." and text[stop + 1 : stop + 2].isdigit()
    in_path = text[max(start - 1, 0) : start] == b"/" and text[max(start - 2, 0) : start] != b"//"
    if longer or in_path or not alone(text, start, stop, joins=b"-_+"):
        return None
    if text[max(start - 1, 0) : start] == b"." or _follows_version(text, start):
        return None
    try:
        address = IPv4Address(text[start:stop].decode("ascii"))
    except AddressValueError:
        return None
    return None if any(address in network for network in SPECIAL_IPV4) else (start, stop)


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


def _follows_version(text: bytes, start: int) -> bool:
    """Whether the word before says that the four numbers are a version."""
    before = text[max(start - 12, 0) : start].lower().split()
    return bool(before) and before[-1].strip(b"(") in VERSION_WORDS


IPV4 = Kind("ipv4", rb"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+", _ipv4)
IPV6 = Kind("ipv6", rb"[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:.]+", _ipv6)
