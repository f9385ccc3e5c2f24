"""Addresses without end are left out, and sites that are only large are not."""

import pytest

from pipeline.crawl.source import Page, Rest
from pipeline.crawl.traps import TrapDoor, Traps, without_session
from tests.pipeline.crawl.site import Reply

SITE = "http://example.org"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/" + "a" * 2100, "characters"),
        ("/a" * 26, "26 parts"),
        ("/x/a/b/a/b/a/b/a/b", "stands 4 times"),
        ("/a/a/a/a", "stands 4 times"),
        ("/a/b/c/d/e/f/g", ""),
        ("/a/a/a", ""),
        ("/manual/en/mod/mod_en.html?en", ""),
        ("/" + "/".join("abcdefghijklmnopqrst"), ""),
    ],
)
def test_a_shape_that_grows_is_a_trap(path, words):
    why = TrapDoor(Traps()).why(SITE + path)
    assert (words in why) if words else why == ""


@pytest.mark.parametrize(
    ("paths", "trapped"),
    [
        ([f"/calendar?year={2000 + n}&month={n % 12}" for n in range(40)], True),
        ([f"/calendar/{1950 + n}/{n % 12 + 1:02d}" for n in range(40)], True),
        ([f"/list?sort={n}&page={n}" for n in range(40)], True),
        ([f"/article/{n}" for n in range(40)], False),
        ([f"/article-{'abcdefghij'[n % 10]}{n}" for n in range(40)], False),
        ([f"/page{n}.html?lang=en" for n in range(5)], False),
    ],
)
def test_the_same_address_with_other_values_is_a_trap_from_some_number_on(paths, trapped):
    door = TrapDoor(Traps(most_alike=20))
    taken = 0
    for path in paths:
        if not door.why(SITE + path):
            door.count(SITE + path)
            taken += 1
    assert taken == (20 if trapped else len(paths))


@pytest.mark.parametrize(
    ("url", "without"),
    [
        ("/a?b=1", "/a?b=1"),
        ("/a;jsessionid=0123ABC?b=1", "/a?b=1"),
        ("/a?PHPSESSID=abc&b=1", "/a?b=1"),
        ("/a?b=1&sessionid=abc", "/a?b=1"),
        ("/a?jsessionid=abc", "/a"),
        ("/(S(lit3py55t21z5v55vlm25s55))/a", "/a"),
        ("/a?sid=0123456789abcdef0", "/a"),
        ("/a?sid=12&b", "/a?sid=12&b"),
        ("/a?residence=x", "/a?residence=x"),
    ],
)
def test_the_number_of_a_session_is_no_part_of_an_address(url, without):
    assert without_session(SITE + url) == SITE + without


def test_a_crawl_comes_back_from_every_trap(site, crawl):
    count = [0]

    def endless(request):
        count[0] += 1
        assert count[0] < 500, "there is no end"
        path = request.path
        return Reply(
            f'<a href="{path.rstrip("/")}/deeper/">x</a><a href="/cal?d={count[0]}">x</a>'
            f'<a href="/s{";jsessionid=" + str(count[0])}">x</a><a href="/real">x</a>'
        )

    site.answer, answer = (
        lambda request: (
            site.pages.update({request.path: endless}) if "robots" not in request.path else None,
            answer(request),
        ),
        site.answer,
    )
    found = crawl(sitemaps=False, traps={"most_alike": 10})
    paths = {each.url.removeprefix(site.url) for each in found if isinstance(each, Page)}
    assert {"/", "/real", "/s"} <= paths
    assert sum(path.startswith("/cal") for path in paths) <= 10 * 4
    assert isinstance(found[-1], Rest)
