"""One spelling for every address."""

import json
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.crawl.canonical_url import PLAIN, canonical, host, origin, target

URLS = Path(__file__).resolve().parents[4] / "shared/data/web/urls.tar.gz"


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("HTTP://Example.ORG:80/a/../b/./c#top", "http://example.org/b/c"),
        ("https://example.org:443", "https://example.org/"),
        ("http://example.org:8080/?", "http://example.org:8080/"),
        ("http://example.org./%7euser/%c3%a9%2f", "http://example.org/~user/%C3%A9%2F"),
        ("http://bücher.example/é?q=é", "http://xn--bcher-kva.example/%C3%A9?q=%C3%A9"),
        ("http://example.org/a?b=2&a=1&utm_source=x", "http://example.org/a?b=2&a=1&utm_source=x"),
        ("http:\\\\example.org\\a", "http://example.org/a"),
        ("http://[2001:DB8::0:1]:81/", "http://[2001:db8::1]:81/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("ftp://example.org/", None),
        ("mailto:me@example.org", None),
        ("http://user:word@example.org/", None),
        ("http://[::1/", None),
        ("http://", None),
        ("//example.org/", None),
        ("", None),
        ("http://example.org/" + "a" * 5000, None),
    ],
)
def test_an_address_has_one_spelling_or_none(written, spelled):
    assert canonical(written) == spelled


@given(st.from_regex(PLAIN, fullmatch=True))
def test_what_is_taken_for_plain_is_what_parsing_gives(url):
    assert canonical(url) == canonical(f"{url}#") == url


def test_relative_addresses_are_resolved():
    base = "https://example.org/a/b?c"
    assert canonical("../d e", base) == "https://example.org/d%20e"
    assert canonical("?x", base) == "https://example.org/a/b?x"
    assert canonical("//other.org", base) == "https://other.org/"
    assert canonical("tel:1", base) is None


def test_an_address_falls_into_its_parts():
    url = "http://[::1]:8000?q=/x"
    spelled = canonical(url)
    assert (origin(spelled), host(spelled), target(spelled)) == (
        "http://[::1]:8000",
        "[::1]:8000",
        "/?q=/x",
    )


@given(st.text(max_size=60), st.sampled_from(["http://example.org/a/b", None]))
def test_spelling_an_address_twice_changes_nothing(text, base):
    for written in (text, f"http://example.org/{text}", f"http://{text}/"):
        once = canonical(written, base)
        if once is not None:
            assert canonical(once) == once
            assert canonical("x", once) is not None
            assert origin(once) + target(once) == once


def cases(*names):
    """What the archive of URL cases has under some names."""
    if not URLS.exists():
        pytest.skip("shared/data/web/urls.tar.gz is not here")
    with tarfile.open(URLS) as archive:
        for name in names:
            yield archive.extractfile(name).read().decode()


def slowly(protocol, host, pathname, search):
    """What the module says of itself, beyond the URL standard, one character after another."""
    plain = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
    text, out, place = pathname + (search if search != "?" else ""), "", 0
    while place < len(text):
        escape = text[place : place + 3]
        if (
            len(escape) == 3
            and escape[0] == "%"
            and set(escape[1:]) <= set("0123456789abcdefABCDEF")
        ):
            character = chr(int(escape[1:], 16))
            out += character if character in plain else escape.upper()
            place += 3
        else:
            out += text[place]
            place += 1
    return f"{protocol}//{host}{out}"


def test_every_case_of_the_url_standard_passes():
    checked = refused = 0
    for text in cases("url_wpt/urltestdata.json", "url_wpt/ada_extra_urltestdata.json"):
        for case in json.loads(text):
            if isinstance(case, str):
                continue
            spelled = canonical(case["input"], case.get("base"))
            if case.get("failure") or case["protocol"] not in ("http:", "https:"):
                assert spelled is None, case
                refused += 1
            elif not case["username"] and not case["password"] and case["hostname"].strip("."):
                name = case["hostname"].rstrip(".")
                port = f":{case['port']}" if case["port"] else ""
                expected = slowly(case["protocol"], name + port, case["pathname"], case["search"])
                assert spelled == expected, case
                checked += 1
    assert checked > 200
    assert refused > 300


def test_international_names_are_those_of_the_standard():
    checked = 0
    for text in cases("url_wpt/toascii.json"):
        for case in json.loads(text):
            if isinstance(case, str) or "?" in case["input"] or "#" in case["input"]:
                continue
            spelled = canonical(f"https://{case['input']}/x")
            expected = case["output"] and case["output"].rstrip(".")
            assert spelled == (f"https://{expected}/x" if expected else None), case
            checked += 1
    assert checked > 50


def test_relative_addresses_of_the_wild_are_resolved():
    checked = 0
    for text in cases("crawler_commons/url-utils/url-resolve.csv"):
        for line in text.splitlines():
            cells = [cell.strip().strip('"') for cell in line.split(",")]
            if line.startswith("#") or len(cells) != 3 or not cells[2].startswith("http"):
                continue
            assert canonical(cells[0], cells[1] or None) == canonical(cells[2]), line
            checked += 1
    assert checked > 5
