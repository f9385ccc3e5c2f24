"""robots.txt as RFC 9309 reads it: its own examples, and the corners that real files reach."""

import time
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.crawl.robots_rules import parse, spelled

SIMPLE = """\
User-Agent: *
Disallow: *.gif$
Disallow: /example/
Allow: /publications/

User-Agent: foobot
Disallow:/
Allow:/example/page.html
Allow:/example/allowed.gif

User-Agent: barbot
User-Agent: bazbot
Disallow: /example/page.html

User-Agent: quxbot
"""  # RFC 9309, 5.1
LONGEST = "User-Agent: foobot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif\n"
MERGED = """\
user-agent: ExampleBot
disallow: /foo
disallow: /bar

user-agent: ExampleBot
disallow: /baz
"""  # RFC 9309, 2.2.1


@cache
def rules(text, agent="me"):
    return parse(text if isinstance(text, bytes) else text.encode(), agent=agent)


@pytest.mark.parametrize(
    ("text", "agent", "path", "allowed"),
    [
        (SIMPLE, "anybot", "/a.gif", False),
        (SIMPLE, "anybot", "/a.gif?x", True),
        (SIMPLE, "anybot", "/example/", False),
        (SIMPLE, "anybot", "/example", True),
        (SIMPLE, "anybot", "/publications/a.gif", True),  # 14 octets against 6
        (SIMPLE, "anybot", "/else", True),
        (SIMPLE, "foobot", "/", False),
        (SIMPLE, "foobot", "/example/page.html", True),
        (SIMPLE, "foobot", "/example/allowed.gif", True),
        (SIMPLE, "foobot", "/example/", False),
        (SIMPLE, "foobot", "/publications/", False),
        (SIMPLE, "barbot", "/example/page.html", False),
        (SIMPLE, "bazbot", "/example/page.html", False),
        (SIMPLE, "barbot", "/example/a.gif", True),
        (SIMPLE, "quxbot", "/example/page.html", True),
        (SIMPLE, "quxbot", "/a.gif", True),
        (LONGEST, "foobot", "/example/page/", True),
        (LONGEST, "foobot", "/example/page/disallowed.gif", False),
        *((MERGED, "examplebot", path, False) for path in ("/foo", "/bar", "/baz/x")),
    ],
)
def test_the_examples_of_the_rfc(text, agent, path, allowed):
    assert rules(text, agent).allows(path) is allowed


@pytest.mark.parametrize(
    ("rule", "path", "matches"),
    [
        # Beginnings
        ("/", "/", True),
        ("/", "/anything?x", True),
        ("/fish", "/fish", True),
        ("/fish", "/fish.html", True),
        ("/fish", "/fish/salmon", True),
        ("/fish", "/fishheads?id=1", True),
        ("/fish", "/Fish", False),
        ("/fish", "/catfish", False),
        ("/fish", "/?id=fish", False),
        ("/fish/", "/fish", False),
        ("/fish/", "/fish/?id=1", True),
        ("/a/b?c=d", "/a/b?c=d&e", True),
        ("/a/b?c=d", "/a/b", False),
        # Stars and the end
        ("/fish*", "/fish.html", True),
        ("/fish**", "/fish", True),
        ("/*", "/", True),
        ("*", "/x", True),
        ("/*.php", "/index.php?a", True),
        ("/*.php", "/folder/any.php.html", True),
        ("/*.php", "/windows.PHP", False),
        ("/*.php", "/", False),
        ("/*.php$", "/a.php", True),
        ("/*.php$", "/a.php?x", False),
        ("/*.php$", "/a.php/", False),
        ("/*.php$", "/a.phpx.php", True),
        ("/fish*.php", "/fishheads/catfish.php?x", True),
        ("/fish*.php", "/Fish.php", False),
        ("/a*b*c", "/axxbyyc", True),
        ("/a*b*c", "/acb", False),
        ("/a*b*c$", "/abcabc", True),
        ("/a*b*c$", "/abcd", False),
        ("/a*aa$", "/aa", False),  # the two may not share a character
        ("/a*aa$", "/aaa", True),
        ("/$", "/", True),
        ("/$", "/x", False),
        ("/x$", "/x", True),
        ("/*$", "/anything", True),
        ("/a$b", "/a$b/c", True),  # a dollar that is not at the end is a dollar
        ("/a$b", "/ab", False),
        # Percent-encoding: 2.2.2
        ("/foo/bar?baz=quz", "/foo/bar?baz=quz", True),
        ("/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar", True),
        ("/foo/bar?baz=https%3A%2F%2Ffoo.bar", "/foo/bar?baz=https://foo.bar", True),
        ("/foo/bar/\u30c4", "/foo/bar/%E3%83%84", True),
        ("/foo/bar/%E3%83%84", "/foo/bar/%e3%83%84", True),
        ("/foo/bar/%62%61%7A", "/foo/bar/baz", True),
        ("/foo/bar/baz", "/foo/bar/%62%61%7A", True),
        ("/~user", "/%7Euser", True),
        ("/a%2fb", "/a%2Fb", True),
        ("/a%2Fb", "/a/b", False),
        ("/a/b", "/a%2Fb", False),
        ("/a b", "/a%20b", True),
        ('/"q"', "/%22q%22", True),
        ("/%zz", "/%zz", True),
        # Special characters, written as themselves: 2.2.3
        ("/path/file-with-a-%2A.html", "/path/file-with-a-*.html", True),
        ("/path/file-with-a-%2A.html", "/path/file-with-a-x.html", False),
        ("/path/foo-%24", "/path/foo-$", True),
        ("/path/foo-%24", "/path/foo-", False),
        ("/path/foo-%24$", "/path/foo-$x", False),
        ("/a%23b", "/a%23b", True),
        # No rule at all
        ("", "/x", False),
        ("$", "/x", False),
        # A path without its slash is taken for one
        ("private", "/private/x", True),
        ("*.gif", "/a/b.gif", True),
    ],
)
def test_a_rule_and_a_path(rule, path, matches):
    found = rules(f"User-agent: *\nDisallow: {rule}\n")
    assert found.allows(path) is not matches


@pytest.mark.parametrize(
    ("lines", "path", "allowed"),
    [
        (("Allow: /p", "Disallow: /"), "/page", True),
        (("Disallow: /", "Allow: /p"), "/page", True),
        (("Allow: /folder", "Disallow: /folder"), "/folder/x", True),  # equal: allow
        (("Disallow: /folder", "Allow: /folder"), "/folder/x", True),
        (("Allow: /page", "Disallow: /*.htm"), "/page.htm", False),
        (("Allow: /page", "Disallow: /*.ph"), "/page.php5", True),
        (("Allow: /$", "Disallow: /"), "/", True),
        (("Allow: /$", "Disallow: /"), "/page.htm", False),
        (("Disallow:", "Disallow: /x"), "/x", False),  # an empty one takes nothing back
        (("Allow:", "Disallow: /"), "/x", False),
        (("Disallow: /x", "Allow: /X"), "/x", False),
        (("Allow: p", "Disallow: /"), "/page", False),  # nothing is opened by mistake
    ],
)
def test_the_longest_rule_decides(lines, path, allowed):
    assert rules("\n".join(("User-agent: *", *lines))).allows(path) is allowed


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", True),
        ("Disallow: /", True),  # of nobody's group
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: me\nDisallow: /", False),
        ("USER-AGENT: ME\nDISALLOW: /", False),
        ("User-agent: Me/2.1 (friendly)\nDisallow: /", False),
        ("User-agent: me-too\nDisallow: /", True),
        ("User-agent: m\nDisallow: /", True),
        ("User-agent: other\nDisallow: /", True),
        ("User-agent: *\nDisallow: /\nUser-agent: me\nAllow: /", True),
        ("User-agent: me\nAllow: /\nUser-agent: *\nDisallow: /", True),
        ("User-agent: *\nDisallow: /\nUser-agent: me\n", True),  # a group without rules
        ("User-agent: *\nDisallow: /\nUser-agent: me\nDisallow:", True),
        ("User-agent: me\nUser-agent: you\nDisallow: /", False),
        ("User-agent: you\nUser-agent: me\nDisallow: /", False),
        ("User-agent: me\n\n\nDisallow: /", False),  # an empty line ends no group
        ("User-agent: me\n\nUser-agent: you\nDisallow: /", False),
        ("User-agent: me\nSitemap: /s.xml\nDisallow: /", False),
        ("User-agent: me\nSitemap: /s.xml\nUser-agent: you\nDisallow: /", False),
        ("User-agent: me\nCrawl-delay: 5\nUser-agent: you\nDisallow: /", False),
        ("User-agent: me\nNonsense: x\nUser-agent: you\nDisallow: /", False),
        ("User-agent: me\nDisallow: /y\nUser-agent: you\nDisallow: /x", True),
        ("User-agent: * # all\nDisallow: / # everything", False),
        ("# Disallow: /\nUser-agent: *\n#Disallow: /", True),
        ("User-agent: *\nDisallow: /#x", False),
        ("\ufeffUser-agent: *\nDisallow: /", False),
        ("User-agent: *\rDisallow: /\r", False),
        ("User-agent: *\r\nDisallow: /\r\n", False),
        ("User-agent: *\n\tDisallow\t:\t/\t", False),
        ("  User-agent:*\n  Disallow:/  ", False),
        ("User-agent: *\nDisallow /", False),
        ("User-agent *\nDisallow: /", False),
        *((f"User-agent: *\n{typo}: /", False) for typo in ("Dissallow", "Disalow", "DISALLAW")),
        ("Useragent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /\n<html>", False),
        ("<html><body>User-agent: *</body></html>", True),
        ("User-agent: *\0\nDisallow: /", False),
        ("User-agent:\nDisallow: /", True),
    ],
)
def test_which_group_is_meant(text, allowed):
    assert rules(text).allows("/x") is allowed


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_first_line(coding):
    body = "User-agent: *\nDisallow: /é\n".encode(coding)
    assert not rules(body).allows("/%C3%A9")
    assert not rules(b"\xfe\xff" + "User-agent: *\nDisallow: /".encode("utf-16-be")).allows("/x")


def test_robots_txt_itself_may_always_be_asked_for():
    assert rules("User-agent: *\nDisallow: /").allows("/robots.txt")


def test_sitemaps_belong_to_nobody_and_keep_their_order():
    text = "Sitemap: /b\nUser-agent: you\nsitemap : http://a/x#y\nSite-map: /b\nDisallow: /"
    assert rules(text).sitemaps == ("/b", "http://a/x")


def test_the_pace_is_that_of_the_group_and_the_slowest_counts():
    text = "User-agent: me\nCrawl-delay: 2\n\nUser-agent: *\nCrawl-delay: 9\n\nUser-agent: me\n"
    assert rules(text + "Request-rate: 10/1m\n").delay_seconds == 6
    assert rules(text).delay_seconds == 2
    assert rules(text, "you").delay_seconds == 9


@pytest.mark.parametrize(
    ("text", "path", "usage"),
    [
        (
            "User-agent: *\nContent-Signal: search=yes, ai-train=no",
            "/x",
            {"search": "yes", "ai-train": "no"},
        ),
        ("Content-Signal: ai-train=no\nUser-agent: you\nDisallow: /", "/x", {"ai-train": "no"}),
        ("User-agent: you\nContent-Signal: ai-train=no", "/x", {}),
        (
            "User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /free train-ai=y",
            "/x",
            {"train-ai": "n"},
        ),
        (
            "User-agent: *\nContent-Usage: /free train-ai=y\nContent-Usage: train-ai=n",
            "/free/x",
            {"train-ai": "y"},
        ),
        ("User-agent: *\nContent-Signal: nonsense", "/x", {}),
    ],
)
def test_what_a_site_says_about_use(text, path, usage):
    assert rules(text).usage(path) == usage


def slow(pattern, path):
    """Whether a pattern matches: every way to lay it over the path is tried."""

    @cache
    def here(p, s):
        if p == len(pattern):
            return True
        if pattern[p] == "$" and p == len(pattern) - 1:
            return s == len(path)
        if pattern[p] == "*":
            return any(here(p + 1, later) for later in range(s, len(path) + 1))
        return s < len(path) and pattern[p] == path[s] and here(p + 1, s + 1)

    return here(0, 0)


@given(st.text("ab*$/", max_size=7), st.text("ab/", max_size=9))
def test_matching_is_what_trying_every_way_finds(pattern, path):
    pattern, path = f"/{pattern}", f"/{path}"
    if "$" not in pattern[:-1]:
        assert rules(f"User-agent: *\nDisallow: {pattern}").allows(path) is not slow(pattern, path)


@given(st.text(max_size=30))
def test_a_spelling_is_spelled_the_same_again(path):
    once = spelled(f"/{path}", is_rule=True)
    assert spelled(once, is_rule=True) == once


@pytest.mark.parametrize(
    "rule", ["/" + "a*" * 20_000 + "b", "/" + "*a" * 20_000 + "$", "/%41" * 10_000]
)
def test_hostile_rules_take_time_that_grows_with_their_length(rule):
    start = time.monotonic()
    found = rules(f"User-agent: *\nDisallow: {rule}\n")
    assert found.allows("/" + "a" * 4000) in (True, False)
    assert time.monotonic() - start < 2
