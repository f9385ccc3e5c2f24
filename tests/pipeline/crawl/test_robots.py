"""robots.txt of the wild."""

import tarfile
from contextlib import contextmanager

import pytest

from pipeline.crawl import robots
from pipeline.crawl.address import LOOPBACK
from pipeline.crawl.fetch import Fetcher, Limits
from pipeline.crawl.robots_rules import LONGEST_DELAY, MOST_BYTES, parse
from tests.pipeline.crawl.conftest import DATA
from tests.pipeline.crawl.site import Reply


@contextmanager
def fetcher():
    limits = Limits(most_bytes=10**6, seconds=5, connections=2)
    with Fetcher(limits, user_agent="Penstock/1", opened=LOOPBACK) as fetcher:
        yield fetcher


@pytest.fixture
def rules(site):
    """What the site's robots.txt says now."""

    def rules():
        with fetcher() as asking:
            return robots.ask(asking, site.url, agent="Penstock").rules

    return rules


def test_rules_beyond_half_a_megabyte_are_not_read_and_a_cut_line_does_not_count(site, rules):
    text = "User-agent: *\nDisallow: /early\n"
    filler = "#" * (MOST_BYTES - len(text) - 8) + "\n"
    site.pages["/robots.txt"] = f"{text}{filler}Disallow: /late\n"
    found = rules()
    assert not found.allows("/early")
    assert found.allows("/late")
    assert found.allows("/")


def to(place, status=301):
    return Reply("", status, headers=(("Location", place),))


def test_redirected_rules_are_followed_five_times_and_endless_ones_are_none(site, rules):
    site.pages |= {f"/r{n}": to(f"/r{n + 1}", 307) for n in range(1, 9)}
    site.pages |= {"/robots.txt": to("/r1"), "/r5": "User-agent: Penstock\nDisallow: /"}
    assert not rules().allows("/x")
    site.pages |= {"/r5": to("/r6"), "/r6": "User-agent: Penstock\nDisallow: /"}
    assert rules().allows("/x")
    site.pages["/robots.txt"] = to("/robots.txt")
    assert rules().allows("/x")


@pytest.mark.parametrize("status", [401, 403, 404, 410, 451])
def test_no_file_means_no_rules(site, rules, status):
    site.pages["/robots.txt"] = Reply("User-agent: *\nDisallow: /", status)
    assert rules().allows("/x")


@pytest.mark.parametrize(
    "reply", [Reply("", 500), Reply("", 503), Reply("", 429), Reply("", length=9)]
)
def test_a_server_in_trouble_means_not_now(site, rules, reply):
    site.pages["/robots.txt"] = reply
    assert rules() is None


def known(clock, tries=2):
    return robots.Known(tries=tries, pause_seconds=1, clock=lambda: clock[0])


def test_rules_are_kept_for_a_day_and_a_failure_is_waited_out_longer_and_longer():
    clock = [100.0]
    sites = known(clock)
    sites.take(robots.SiteRules("a", parse(b"", agent="x")))
    clock[0] += robots.KEPT_SECONDS - 1
    assert sites.rules("a") is not None
    clock[0] += 2
    assert sites.rules("a") is None
    assert sites.wait_seconds("a") == 0
    waits = []
    for _ in range(2):
        sites.take(robots.SiteRules("a", None, "down"))
        waits.append(sites.wait_seconds("a"))
        assert not sites.given_up("a")
        clock[0] += waits[-1]
    assert waits == [10, 20]
    sites.take(robots.SiteRules("a", None, "down"))
    assert sites.given_up("a")


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        ("Crawl-delay: 2.5", 2.5),
        ("Request-rate: 1/5", 5),
        ("Crawl-delay: 1\nRequest-rate: 1/5s", 5),
        ("Crawl-delay: 1e300", LONGEST_DELAY),
        ("Crawl-delay: inf", LONGEST_DELAY),
        *((f"Crawl-delay: {bad}", 0) for bad in ("nan", "-5", "x", "")),
        ("Request-rate: 0/0", 0),
    ],
)
def test_the_pace_a_site_asks_for_is_known_and_bounded(lines, seconds):
    assert parse(f"User-agent: *\n{lines}\n".encode(), agent="x").delay_seconds == seconds


@pytest.mark.skipif(
    not (DATA / "robots_txt.tar.gz").exists(),
    reason="shared/data/web/robots_txt.tar.gz is not here",
)
def test_every_robots_txt_of_the_wild_is_read():
    read = decided = 0
    with tarfile.open(DATA / "robots_txt.tar.gz") as archive:
        for member in archive:
            if member.isfile():
                rules = parse(archive.extractfile(member).read(), agent="Penstock")
                assert rules.allows("/robots.txt")
                read += 1
                decided += bool(rules.rules)
                rules.allows("/some/path?with=query&and=%7Emore")
    assert read > 4000
    assert decided > 2000
