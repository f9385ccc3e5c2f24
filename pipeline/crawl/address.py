"""The guard at the socket: which machines a crawl may connect to.

A name is resolved once, every address that it has is judged, and the connection goes to an address
that was judged. The text of a URL is never judged: `2130706433`, `0x7f.1` and a name that a
stranger points at 127.0.0.1 all come here as numbers. Pages, robots.txt, sitemaps and redirects
all connect through this one place.

The networks are those of the IANA special-purpose registries for IPv4 and IPv6 (November 2025);
`ipaddress.is_global` differs between Python versions and misses some.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any

import httpcore2

from pipeline.crawl.deadline import TimedStream, left
from pipeline.crawl.errors import AddressRefused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], list[str]]

LOOPBACK: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
CLOSED_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local; cloud metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
OPEN_V6 = IPv6Network("2000::/3")  # nothing else is routed
CLOSED_V6 = tuple(
    IPv6Network(network)
    for network in ("2001::/23", "2001:db8::/32", "2620:4f:8000::/48", "3fff::/20")
)
# IPv6 networks that stand for IPv4 addresses, and by how many bits those are shifted.
WRAPPED = (
    (IPv6Network("::ffff:0:0/96"), 0),  # IPv4-mapped
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64
    (IPv6Network("2002::/16"), 80),  # 6to4
)


def opened(networks: Iterable[str], *, loopback: bool) -> tuple[Network, ...]:
    """The networks that a recipe opens although they are not public."""
    return (*map(ipaddress.ip_network, networks), *(LOOPBACK if loopback else ()))


def unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, or the address itself."""
    if isinstance(address, IPv6Address):
        for network, shift in WRAPPED:
            if address in network:
                return IPv4Address((int(address) >> shift) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether the address is one that the open internet routes."""
    plain = unwrapped(address)
    if isinstance(plain, IPv4Address):
        return not any(plain in network for network in CLOSED_V4)
    return plain in OPEN_V6 and not any(plain in network for network in CLOSED_V6)


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host, in the order in which to try them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedBackend(httpcore2.NetworkBackend):
    """Connects to public addresses, and to the networks that a recipe opens.

    Args:
        opened: networks that may be reached although they are not public.
        resolver: names to addresses; tests put their own in.
        connector: makes the connection to an address that was judged.
    """

    def __init__(
        self,
        opened: Iterable[Network] = (),
        *,
        resolver: Resolver = resolve,
        connector: httpcore2.NetworkBackend | None = None,
    ) -> None:
        self.opened = tuple(opened)
        self.resolver = resolver
        self.connector = connector or httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address that answers, once all of them are found harmless.

        Raises:
            AddressRefused: one of the host's addresses may not be reached.
            httpcore2.ConnectError: the host has no address, or none answers.
        """
        addresses = self.checked(host, port)
        for number, address in enumerate(addresses, 1):
            try:
                stream = self.connector.connect_tcp(address, port, left(timeout), local_address)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if number == len(addresses):
                    raise
            else:
                return TimedStream(stream)
        msg = f"{host} has no address"
        raise httpcore2.ConnectError(msg)

    def checked(self, host: str, port: int) -> list[str]:
        """The addresses of `host`, if a crawl may connect to every one of them."""
        try:
            addresses = self.resolver(host.strip("[]"), port)
        except (OSError, UnicodeError) as error:
            msg = f"{host} cannot be resolved: {error}"
            raise httpcore2.ConnectError(msg) from error
        for text in addresses:
            self._judge(host, text)
        return addresses

    def _judge(self, host: str, text: str) -> None:
        address = ipaddress.ip_address(text.partition("%")[0])
        plain = unwrapped(address)
        if is_public(address) or any(plain in network for network in self.opened):
            return
        why = "which no public page lives at; a recipe opens it with `loopback` or `networks`"
        raise AddressRefused(host, text, why=why)

    def connect_unix_socket(self, path: str, *_: Any, **__: Any) -> httpcore2.NetworkStream:
        """Never: a crawl has no business there."""
        raise AddressRefused(path, "a Unix socket", why="which is no web server")
