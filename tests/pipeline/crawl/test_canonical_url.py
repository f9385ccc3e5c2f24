"""One spelling for every address."""

import json
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.crawl.canonical_url import canonical, host, origin, target

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


@pytest.mark.skipif(not URLS.exists(), reason="shared/data/web/urls.tar.gz is not here")
def test_web_platform_tests_agree_on_what_is_an_address():
    with tarfile.open(URLS) as archive:
        cases = json.load(archive.extractfile("url_wpt/urltestdata.json"))
    checked = 0
    for case in cases:
        if isinstance(case, str) or case.get("relativeTo"):
            continue
        spelled = canonical(case["input"], case["base"])
        if case.get("failure") or case["protocol"] not in ("http:", "https:"):
            assert spelled is None, case
        elif not case["username"] and not case["password"] and case["hostname"].strip("."):
            assert spelled.startswith(case["protocol"]), case
            assert host(spelled).startswith(case["hostname"].rstrip(".")), case
            checked += 1
    assert checked > 200
