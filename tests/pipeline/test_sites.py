"""Which addresses a domain, a file or an address means."""

import pyarrow as pa
import pytest

from pipeline.sites import Subject, site_of, sites_of
from pipeline.takedowns import Takedowns
from schemas.takedown import Takedown

URLS = (
    "https://example.org/",
    "http://www.example.org:8080/a?b=c",
    "https://notexample.org/",
    "https://example.org.evil.net/",
    "https://evil.net/https://example.org/",
    "http://127.0.0.1:8000/x",
    "http://127.0.0.11/x",
    "http://[::1]:8000/",
    "books.jsonl#17",
    "more/books.jsonl#17",
    "example.org#1",
)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("example.org", {0, 1, 10}),
        ("EXAMPLE.org.", {0, 1}),
        ("www.example.org", {1}),
        ("www.example.org:8080", {1}),
        ("example.org:8080", {1}),
        ("org", {0, 1, 2}),
        ("evil.net", {3, 4}),
        ("127.0.0.1", {5}),
        ("127.0.0.1:8000", {5}),
        ("127.0.0.1:80", set()),
        ("[::1]", {7}),
        ("books.jsonl", {8}),
        ("more/books.jsonl", {9}),
    ],
)
def test_a_domain_means_its_hosts_and_a_file_its_rows(name, meant):
    subject = Subject.domain(name)
    assert {n for n, url in enumerate(URLS) if subject.covers(url)} == meant
    assert subject.mask(pa.array(URLS)).to_pylist() == [n in meant for n in range(len(URLS))]
    record = Takedown(subject=name, address=False, who="ann", why="asked", when="2026-11-22")
    taken = Takedowns([record])
    assert {n for n, url in enumerate(URLS) if taken.keeps_out(url)} == meant


@pytest.mark.parametrize("url", URLS)
def test_an_address_means_itself(url):
    record = Takedown(subject=url, address=True, who="ann", why="asked", when="2026-11-22")
    taken = Takedowns([record])
    assert [each for each in URLS if Subject.address(url).covers(each)] == [url]
    assert [each for each in URLS if taken.keeps_out(each)] == [url]


def test_a_site_reads_its_host_from_the_end():
    assert site_of(URLS[1]) == "org,example,www"
    assert site_of("http://127.0.0.1:8000/x") == "127.0.0.1"
    assert site_of("books.jsonl#17") == "books.jsonl"
    assert sites_of(pa.array([None, "http://a.b"], pa.string())).to_pylist() == [None, "b,a"]


def test_nothing_is_kept_out_where_nothing_was_taken_down():
    assert not any(Takedowns([]).keeps_out(url) for url in URLS)
