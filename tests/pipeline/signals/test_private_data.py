"""Private data is found where it is real, left alone where it only looks so, and in linear time."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.signals.families.private_data import KINDS, PrivateData
from pipeline.signals.private.numbers import luhn
from tests.pipeline.signals.measuring import measured

REAL = {
    "email": ["ann.lee+news@uni-koeln.de", "a_b@mail.co.uk", "x@xn--bcher-kva.ch"],
    "phone": ["+49 (0)30 901820", "+44 20 7946 0018", "+81-3-3201-3331", "(202) 456-1111"],
    "ipv4": ["8.8.8.8", "193.99.144.80"],
    "ipv6": ["2a02:2e0:3fe:1001:302::", "2606:4700:4700::1111"],
    "iban": ["DE89370400440532013000", "FR14 2004 1010 0505 0001 3M02 606", "NO9386011117947"],
    "payment_card": ["4539 1488 0343 6467", "5425233430109903", "3714-496353-98431"],
    "us_ssn": ["536-90-4399"],
    "secret": [
        "AKIAQYLPMN5HHHFPZAM2",
        "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",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow+/=\n-----END RSA PRIVATE KEY-----",
    ],
}
LOOKS_SO = {
    "email": ["me@example.org", "me@host.example", "@ann", "a@b", "a..b@mail.de", "icon@2x.png"],
    "phone": [
        "+0100",
        "2024-10-11",
        "+1 415 555 0123",
        "+1 23",
        "x = 1+123456789012",
        "+999999999999",
    ],
    "ipv4": [
        "10.0.0.1",
        "127.0.0.1",
        "192.0.2.7",
        "224.0.0.1",
        "256.1.1.1",
        "version 2.4.10.1",
        "1.2.3",
    ],
    "ipv6": [
        "::1",
        "fe80::1",
        "2001:db8::1",
        "2002:808:808::1",
        "std::vector",
        "2024:10:11",
        "fd00::1",
    ],
    "iban": ["DE89370400440532013001", "DE8937040044053201300", "XDE89370400440532013000"],
    "payment_card": [
        "4539148803436468",
        "4444444444444448",
        "10.4539148803436467",
        "9999148803436467",
    ],
    "us_ssn": [
        "000-12-3456",
        "666-12-3456",
        "900-12-3456",
        "123-00-4567",
        "078-05-1120",
        "1-536-90-4399",
    ],
    "secret": ["AKIAIOSFODNN7EXAMPLE", "AKIAAAAAAAAAAAAAAAAA", "ghp_short", "sk-learn"],
}
HOSTILE = [
    *("a-" * 20_000, "a@" * 20_000, "a." * 20_000 + "@", "@" * 40_000, "+" * 40_000, "." * 40_000),
    *("1" * 40_000, "1 " * 20_000, "1-" * 20_000, "1." * 20_000, "12-34-" * 6_600, "+1(" * 13_000),
    *("DE12" * 10_000, "DE12 " * 8_000, "2001:" * 8_000, ":" * 40_000, "AKIA" * 10_000),
    *("sk-" * 13_000, "gh" * 20_000, "SG." * 13_000, "-----BEGIN PRIVATE KEY-----" * 1_500),
    *("-----BEGIN PRIVATE KEY-----" + "A" * 40_000, "xoxb-" * 8_000, "(202) " * 6_600),
]
every_kind = pytest.mark.parametrize("kind", KINDS)


def found(text):
    return {text.encode()[a:b].decode(): kind for a, b, kind in PrivateData().spans(text.encode())}


@every_kind
def test_what_is_real_is_found_exactly(kind):
    for written in REAL[kind]:
        for text in (written, f"see {written}, please", f"«{written}»", f"{written}\n{written}"):
            assert found(text) == {written: kind}


@every_kind
def test_what_only_looks_so_is_left_alone(kind):
    for written in LOOKS_SO[kind]:
        for text in (written, f"see {written} please"):
            assert kind not in found(text).values(), written


@every_kind
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_hostile_text_of_40_kb_takes_milliseconds(kind, text):
    data = text.encode()
    seconds = []
    for _ in range(3):
        started = time.process_time()
        assert len(list(KINDS[kind].find(data))) == 0
        seconds.append(time.process_time() - started)
    # Strings of thousands of near misses, each of them checked, take the longest.
    assert min(seconds) < 0.05


def test_spans_are_in_order_and_apart_and_their_share_is_told():
    text = "é: ann@web.de, 8.8.8.8 or +49 30 901820"
    (row,) = measured(PrivateData(), text)
    ends = [(span["start"], span["stop"]) for span in row["spans"]]
    assert [span["kind"] for span in row["spans"]] == ["email", "ipv4", "phone"]
    assert ends == sorted(ends)
    assert all(stop <= start for (_, stop), (start, _) in pairwise(ends))
    assert row["share"] == pytest.approx(sum(b - a for a, b in ends) / len(text.encode()))


def test_numbers_in_a_row_are_told_apart():
    cards = "12 4539 1488 0343 6467 5425 2334 3010 9903"
    assert list(found(cards)) == ["4539 1488 0343 6467", "5425 2334 3010 9903"]
    accounts = "DE12 DE89 3704 0044 0532 0130 00 GB82 WEST 1234 5698 7654 32 4539148803436467"
    assert list(found(accounts).values()) == ["iban", "iban", "payment_card"]


def test_only_the_chosen_kinds_are_looked_for():
    (row,) = measured(PrivateData(kinds=("ipv4",)), "ann@web.de at 8.8.8.8")
    assert (row["email"], row["ipv4"]) == (0, 1)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_has_spans_within_it(text):
    data = text.encode()
    for start, stop, kind in PrivateData().spans(data):
        assert 0 <= start < stop <= len(data)
        assert kind in KINDS
        data[start:stop].decode()


@settings(deadline=None)
@given(st.integers(0, 10**15).map(str))
def test_one_check_digit_makes_a_number_pass_luhn(digits):
    assert sum(luhn(digits + str(check)) for check in range(10)) == 1
