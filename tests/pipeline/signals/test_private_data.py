"""Private data is found where it is real, left alone where it only looks so, and in linear time."""

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.signals.families.private_data import PrivateData
from pipeline.signals.private.kinds import KIND_NAMES, may_hold
from tests.pipeline.signals import slow_private
from tests.pipeline.signals.labelled_private import counted, labelled, rates
from tests.pipeline.signals.measuring import measured
from tests.pipeline.signals.slow_private.numbers import luhn

REAL = {
    "email": [
        *("ann.lee+news@uni-koeln.de", "a_b@mail.co.uk", "x@xn--bcher-kva.ch"),
        *("13812345678@web.de", "a1.b2005@web.de", "0176-12345678@web.de", "ann@myexample.com"),
        *("john1985.5551234567@gmail.com", "555-123-4567@uni-koeln.de"),
    ],
    "phone": ["+49 (0)30 901820", "+44 20 7946 0018", "+81-3-3201-3331", "(202) 456-1111"],
    "ipv4": ["8.8.8.108", "193.99.144.80", "5.3.6.61", "62.34.2.1"],
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
    "email": [
        *(
            "me@example.org",
            "me@mail.example.org",
            "me@host.example",
            "@ann",
            "a@b",
            "a..b@mail.de",
            "icon@2x.png",
        ),
        *(
            "git@code.web.de:ann/boat.git",
            "In article <C5L5Fy.GH9@mail.web.de>",
            "<1qht$8g@web.de>",
        ),
        *("Message-ID: <ab.c@web.de>", "<2019Apr17.032022.14021@web.de>", "quoted from <x@web.de>"),
        *("1993Apr22.121236.17@uni-koeln.de", "20190417.032022.14021@gmail.com"),
    ],
    "phone": [
        "+0100",
        "2024-10-11",
        "+1 415 555 0123",
        "+1 23",
        "x = 1+123456789012",
        *("+999999999999", "+44 (234) 567-8901", "(234) 567-8910", "234-567-8910"),
    ],
    "ipv4": [
        "10.0.0.1",
        "127.0.0.1",
        "192.0.2.7",
        "224.0.0.1",
        "256.1.1.1",
        *("version 2.4.10.1", "version\xa02.40.10.1", "1.2.3", "6.3.1.4", "Boats 5.3.6.61"),
        *(
            "\n6.34.2.1. Boats",
            "The server\n5.9.20.14 Boats",
            "ship 5.9.20.14",
            "[5.9.20.14",
            "One.\n\t6.34.2.1.\xa0Boats",
        ),
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
        *('{"id": 4539148803436467}', '"id":"4539148803436467"', '"postId" : "4539148803436467"'),
        *('\\"video\\":\\"4539148803436467\\"', '"item_key": 4539148803436467'),
    ],
    "us_ssn": [
        "000-12-3456",
        "666-12-3456",
        "900-12-3456",
        "123-00-4567",
        "078-05-1120",
        "1-536-90-4399",
        '"dpci":"536-90-4399"',
    ],
    "secret": ["AKIAIOSFODNN7EXAMPLE", "AKIAAAAAAAAAAAAAAAAA", "ghp_short", "sk-learn"],
}
every_kind = pytest.mark.parametrize("kind", KIND_NAMES)


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


PIECES = (
    *(
        '"',
        '":',
        "<",
        "$",
        "article <",
        "git@",
        "2019Apr17.",
        "Boats ",
        ". ",
        "\xa0",
        "\t",
        '"card":',
        *('"itemId": ', '\\"', "Host: ", "from ", "[", "]", "gmail.com", "00 1 "),
    ),
    *(" ", "-", ".", ",", ":", "::", "@", "+", "/", "//", "(", ") ", "é", "=", "_", "\n", "xn--"),
    *("0", "1", "255", "12", "5555", "A", "GB", "DE12", "f", "20", "version ", "-----BEGIN "),
)
written = [each for words in (*REAL.values(), *LOOKS_SO.values()) for each in words]
damaged = st.tuples(st.sampled_from(written), st.integers(0, 60), st.sampled_from(PIECES)).map(
    lambda drawn: drawn[0][: drawn[1]] + drawn[2] + drawn[0][drawn[1] :]
)
mixed = st.lists(st.one_of(st.sampled_from(written), st.sampled_from(PIECES), damaged), max_size=6)


@settings(max_examples=600)
@given(mixed.map("".join))
@example("DE12 1234 1234 1234 Dé")  # two bytes of it are no ASCII
@example("4539 1488 0343 6468 5425 2334 3010 9903")
@example("2001:0:0:0:0:0:1.2.3.4 2600::1.2.3.4 2600:1:::1")
def test_the_detectors_find_what_patterns_and_checks_find(text):
    data = text.encode()
    for name in KIND_NAMES:
        assert PrivateData(kinds=(name,)).spans(data) == slow_private.spans(data, name), name


def test_the_labelled_set_is_large_and_varied():
    texts = labelled()
    spans = [kind for text in texts for _, _, kind in text.spans]
    assert len(spans) >= 1000
    assert sum(len(text.looks) for text in texts) >= len(spans)
    assert min(spans.count(kind) for kind in KIND_NAMES) >= 80
    assert len({text.language for text in texts}) >= 11


def test_of_the_labelled_set_nearly_all_is_found_and_nearly_nothing_else():
    family = PrivateData()
    counts = counted(lambda text: family.spans(text.encode()), labelled())
    for kind in KIND_NAMES:
        precision, recall = rates(*counts, kind)
        assert precision >= 0.98, kind
        assert recall >= 0.95, kind


def test_the_columns_say_of_every_text_what_it_holds():
    family, texts = PrivateData(), [text.text for text in labelled()[:200]]
    rows = measured(family, *texts, {"text": "", "title": texts[0]})
    for row, text in zip(rows, [*texts, ""], strict=True):
        spans = family.spans(text.encode())
        told = [(span["start"], span["stop"], span["kind"]) for span in row["spans"]]
        assert told == spans
        assert [row[kind] for kind in KIND_NAMES] == [
            sum(kind == found for _, _, found in spans) for kind in KIND_NAMES
        ]
    assert [tuple(each.values()) for each in rows[-1]["title_spans"]] == family.spans(
        texts[0].encode()
    )


def test_a_text_that_seems_to_hold_nothing_holds_nothing():
    for text in labelled():
        assert may_hold(text.text.encode()) or not text.spans


def test_spans_are_in_order_and_apart_and_their_share_is_told():
    text = "é: ann@web.de, 8.8.8.108 or +49 30 901820"
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


CARD, PERSON = "4539148803436467", "536-90-4399"


@pytest.mark.parametrize("key", ["creditCardNumber", "primaryAccountNumber", "pan", "number", "cc"])
def test_in_json_a_number_is_somebodys_unless_its_key_names_a_thing(key):
    for text in (f'{{"{key}":"{CARD}"}}', f'{{"{key}": {CARD}}}', f'\\"{key}\\":\\"{CARD}\\"'):
        assert found(text) == {CARD: "payment_card"}
    assert found(f'{{"socialSecurityNumber": "{PERSON}"}}') == {PERSON: "us_ssn"}
    assert not found(f'{{"video": "{CARD}", "item": "{PERSON}", "postTime": {CARD}}}')


def test_a_number_in_quotes_is_somebodys():
    assert found(f'"Ann Lee","{CARD}","12/27"') == {CARD: "payment_card"}
    assert found(f'"Ann Lee","{PERSON}"') == {PERSON: "us_ssn"}
    assert found(f'<input value="{CARD}">') == {CARD: "payment_card"}
    for grouped in ("4539 1488 0343 6467", "4539-1488-0343-6467"):
        for text in (f'said: "{grouped}"', f'{{"id": "{grouped}"}}'):
            assert found(text) == {grouped: "payment_card"}


@pytest.mark.parametrize(
    "text",
    [
        *("client 24.5.16.8", "Your IP: 5.9.20.14", "IP 31.13.24.90", "From 24.5.16.83"),
        *("Host 5.9.20.143", "ADDR=24.5.16.8", '{"ip": "24.5.16.8"}', "relay [5.9.20.14]"),
        *("remote_addr = '31.13.24.9'", "Received by 24.5.16.8", "the address\t24.5.16.8"),
    ],
)
def test_small_numbers_are_an_address_where_the_text_says_so(text):
    assert list(found(text).values()) == ["ipv4"]


def test_only_the_chosen_kinds_are_looked_for():
    (row,) = measured(PrivateData(kinds=("ipv4",)), "ann@web.de at 8.8.8.108")
    assert (row["email"], row["ipv4"]) == (0, 1)


@given(st.text(max_size=200))
def test_any_text_has_spans_within_it(text):
    data = text.encode()
    for start, stop, kind in PrivateData().spans(data):
        assert 0 <= start < stop <= len(data)
        assert kind in KIND_NAMES
        data[start:stop].decode()


@given(st.integers(0, 10**15).map(str))
def test_one_check_digit_makes_a_number_pass_luhn(digits):
    assert sum(luhn(digits + str(check)) for check in range(10)) == 1
