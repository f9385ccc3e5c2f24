"""Which machines a crawl may connect to, judged where the socket connects."""

import ipaddress

import httpcore2
import pytest

from pipeline.crawl.address import LOOPBACK, GuardedBackend, is_public, resolve
from pipeline.crawl.errors import AddressRefused

HOSTILE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
    "2001::1",
    "2001:db8::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "100::1",
    "5f00::1",
    "3fff::1",
]
HARMLESS = [
    "1.1.1.1",
    "93.184.215.14",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "2002:101:101::",
]


class Connector(httpcore2.NetworkBackend):
    """Remembers where it was sent, and gets nowhere."""

    def __init__(self):
        self.sent = []

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        self.sent.append(host)
        raise httpcore2.ConnectError


def guard(addresses, opened=()):
    connector = Connector()
    backend = GuardedBackend(opened, resolver=lambda host, port: addresses, connector=connector)
    return backend, connector


@pytest.mark.parametrize("address", HOSTILE)
def test_a_hostile_address_is_refused_before_anything_connects(address):
    for addresses in ([address], ["1.1.1.1", address]):
        backend, connector = guard(addresses)
        with pytest.raises(AddressRefused, match="loopback"):
            backend.connect_tcp("innocent.example", 80)
        assert connector.sent == []


@pytest.mark.parametrize("address", HARMLESS)
def test_a_public_address_is_connected_to_as_it_was_judged(address):
    backend, connector = guard([address, "1.0.0.1"])
    with pytest.raises(httpcore2.ConnectError):
        backend.connect_tcp("example.org", 80)
    assert connector.sent == [address, "1.0.0.1"]


def test_only_what_a_recipe_opens_is_open():
    backend, connector = guard(["::ffff:127.0.0.1"], opened=LOOPBACK)
    with pytest.raises(httpcore2.ConnectError):
        backend.connect_tcp("localhost", 80)
    assert connector.sent
    backend, connector = guard(["10.0.0.1"], opened=LOOPBACK)
    with pytest.raises(AddressRefused):
        backend.connect_tcp("intranet", 80)
    backend, connector = guard(["10.0.0.1"], opened=(ipaddress.ip_network("10.0.0.0/8"),))
    with pytest.raises(httpcore2.ConnectError):
        backend.connect_tcp("intranet", 80)
    assert connector.sent == ["10.0.0.1"]


@pytest.mark.parametrize("spelling", ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "localhost"])
def test_odd_spellings_of_this_machine_come_out_as_its_address(spelling):
    backend = GuardedBackend(resolver=resolve, connector=Connector())
    with pytest.raises(AddressRefused):
        backend.connect_tcp(spelling, 80)


def test_a_name_without_an_address_is_a_failed_connection():
    def nowhere(host, port):
        raise OSError("no such name")

    with pytest.raises(httpcore2.ConnectError, match="cannot be resolved"):
        GuardedBackend(resolver=nowhere).connect_tcp("nowhere.invalid", 80)
    with pytest.raises(httpcore2.ConnectError, match="no address"):
        guard([])[0].connect_tcp("empty.invalid", 80)


def test_every_ipv4_address_that_python_finds_private_is_closed():
    for number in range(0, 2**32, 655_211):
        address = ipaddress.IPv4Address(number)
        if address.is_private or address.is_multicast or address.is_reserved:
            assert not is_public(address), address
