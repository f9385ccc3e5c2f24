"""robots.txt of the wild."""

import tarfile
from contextlib import contextmanager

import pytest

from pipeline.crawl.address import LOOPBACK
from pipeline.crawl.fetch import Fetcher, Limits
from pipeline.crawl.pace import Paces
from pipeline.crawl.robots import MOST_BYTES, Robots, Say
from tests.pipeline.crawl.conftest import DATA
from tests.pipeline.crawl.site import Reply


@contextmanager
def reader():
    limits = Limits(most_bytes=10**6, seconds=5, retries=0, backoff_seconds=0, connections=2)
    with Fetcher(limits, Paces(0), user_agent="Penstock/1", opened=LOOPBACK) as fetcher:
        yield Robots(fetcher, agent="Penstock")


@pytest.fixture
def robots():
    with reader() as robots:
        yield robots


def test_rules_beyond_half_a_megabyte_are_not_read_and_a_cut_line_does_not_count(site, robots):
    rules = "User-agent: *\nDisallow: /early\n"
    filler = "#" * (MOST_BYTES - len(rules) - 8) + "\n"
    site.pages["/robots.txt"] = f"{rules}{filler}Disallow: /late\n"
    assert robots.say(f"{site.url}/early") is Say.NO
    assert robots.say(f"{site.url}/late") is Say.YES
    assert robots.say(f"{site.url}/") is Say.YES
    assert site.paths() == ["/robots.txt"]


def test_redirected_rules_are_followed_and_endless_ones_are_none(site, robots):
    site.pages |= {
        "/robots.txt": Reply("", 301, headers=(("Location", "/real.txt"),)),
        "/real.txt": "User-agent: Penstock\nDisallow: /",
    }
    assert robots.say(f"{site.url}/x") is Say.NO


def test_rules_that_go_round_in_circles_are_none(site, robots):
    site.pages["/robots.txt"] = Reply("", 302, headers=(("Location", "/robots.txt"),))
    assert robots.say(f"{site.url}/x") is Say.YES


@pytest.mark.parametrize("delay", ["inf", "nan", "1e300", "-5", "x"])
def test_absurd_delays_break_nothing(site, robots, delay):
    site.pages["/robots.txt"] = f"User-agent: *\nCrawl-delay: {delay}\nRequest-rate: 0/0\n"
    assert robots.say(f"{site.url}/x") is Say.YES


@pytest.mark.skipif(
    not (DATA / "robots_txt.tar.gz").exists(),
    reason="shared/data/web/robots_txt.tar.gz is not here",
)
def test_every_robots_txt_of_the_wild_is_read(site):
    with tarfile.open(DATA / "robots_txt.tar.gz") as archive:
        for number, member in enumerate(archive):
            if member.isfile() and number % 80 == 0:
                site.pages["/robots.txt"] = Reply(archive.extractfile(member).read())
                with reader() as robots:
                    assert robots.say(f"{site.url}/") in (Say.YES, Say.NO)
