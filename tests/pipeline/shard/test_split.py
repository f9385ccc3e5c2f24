"""A document's side depends on its URL alone, and its relatives are on the same side."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publicsuffixlist import PSLFILE, PublicSuffixList, encode_idn

from pipeline.shard.split import HELD_OUT, TRAIN, Split, path_without_language, registered_domain

URLS = st.one_of(
    st.text(max_size=40),
    st.from_regex(
        r"https?://[a-z0-9.\[\]:-]{0,20}(/[a-z.-]{0,5}){0,4}(\?[a-z]{0,3})?", fullmatch=True
    ),
    st.sampled_from(
        ["http://[::1]/a", "http://127.0.0.1:8000/", "https://日本.jp/", "http://a..b/"]
    ),
)


@given(URLS, st.sampled_from(["domain", "site_path", "document"]))
def test_every_url_has_a_group_and_a_side(url, group):
    split = Split(group=group)
    found = split.group_of(url)
    assert split.side_of(found) in (TRAIN, HELD_OUT)
    assert split.group_of(url) == found


@given(st.lists(URLS), st.sampled_from(["domain", "site_path", "document"]))
def test_many_urls_have_the_groups_of_each(urls, group):
    split = Split(group=group)
    paths = [f"{url}{path}" for url in urls for path in ("/a", "?b/c", "#d")]
    assert split.groups_of(paths) == [split.group_of(path) for path in paths]


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.a.example.co.uk", "example.co.uk"),
        ("EXAMPLE.com", "example.com"),
        ("user.github.io", "user.github.io"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("localhost", "localhost"),
        ("", ""),
    ],
)
def test_hosts_of_one_owner_are_one_group(host, domain):
    assert registered_domain(host) == domain


def test_every_suffix_of_the_list_parts_a_host_as_the_library_does():
    whole = PublicSuffixList()
    lines = Path(PSLFILE).read_text(encoding="utf-8").splitlines()
    rules = (line.split(" ")[0] for line in lines if line and not line.startswith("//"))
    suffixes = [rule.removeprefix("!").replace("*", "any") for rule in rules]
    assert len(suffixes) > 9000
    for suffix in suffixes:
        for host in (f"b.a.{suffix}", suffix.upper(), f"a.{encode_idn(suffix)}"):
            assert registered_domain(host) == (whole.privatesuffix(host) or host)


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("/manual/en/mod/core.html", "/manual/mod/core.html"),
        ("/manual/pt-br/mod/core.html", "/manual/mod/core.html"),
        ("/manual/zh_Hans_CN/mod/core.html", "/manual/mod/core.html"),
        ("/manual/mod/core.html.ko", "/manual/mod/core.html"),
        ("/manual/mod/core.html", "/manual/mod/core.html"),
        ("/manual/english/core.html", "/manual/english/core.html"),
        ("/de", "/"),
        ("/notes.de", "/notes.de"),
        ("/", "/"),
        ("", ""),
    ],
)
def test_a_page_and_its_translations_are_one_group(path, group):
    assert path_without_language(path) in (group, group.removesuffix("/"))


def test_the_port_of_a_server_does_not_decide():
    for url in ("http://127.0.0.1:8080/a", "http://me@127.0.0.1:80?b", "https://127.0.0.1"):
        assert Split(group="domain").group_of(url) == "127.0.0.1"
    assert Split(group="domain").group_of("https://[::1]:8080/a") == "::1"


def test_for_one_site_only_the_path_decides():
    split = Split(group="site_path")
    assert split.group_of("http://127.0.0.1:8080/en/a") == split.group_of("http://x.example/a")


def test_records_of_one_file_are_groups_of_their_own():
    groups = {Split(group="domain").group_of(f"file:///pages.parquet#{row}") for row in range(9)}
    assert len(groups) == 9


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
def test_about_the_stated_share_is_held_out(share):
    split = Split(validation_share=share)
    sides = [split.side_of(f"{n}.example") for n in range(20_000)]
    assert sides.count(HELD_OUT) / len(sides) == pytest.approx(share, abs=0.01)


def test_sides_never_change():
    """Golden: a change here moves documents between training and validation for everyone."""
    split = Split(validation_share=0.3)
    held_out = [n for n in range(20) if split.side_of(f"{n}.example") == HELD_OUT]
    assert held_out == [7, 8, 12, 15, 18]
