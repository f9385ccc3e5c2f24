"""Kills crawls of a local site with signal 9 at random moments, and before operations on the disk.

    python -m tests.torture --kind crawl --kills 100 --seed 0

Each crawl of a made site of 200 pages (redirects, pages that are gone, a sitemap, disallowed ones)
is killed again and again until it has ended. Then: the same digests as an undisturbed one; every
body is what its row says; no page that was written down before a kill was asked for after it; and
nothing is left of the journal. Every second crawl is killed before an operation on the disk.
"""

import json
import os
import random
import shutil
import signal
import time
from threading import Timer

from tests.pipeline.crawl import killed
from tests.pipeline.crawl.site import Reply, Site

PAGES = 200


def main(given):
    """Torture; the exit code."""
    site, driver = made_site(), killed.Driver()
    chance, kills, crawls = random.Random(given.seed), 0, 0
    try:
        began = time.monotonic()
        assert driver.run(given.folder / "whole", site) == 0
        seconds = time.monotonic() - began
        reference = killed.outcome(given.folder / "whole")
        print(f"undisturbed: {seconds:.1f} s, {len(reference[1])} pages", flush=True)
        while kills < given.kills:
            root = given.folder / "killed"
            kills += torture(root, site, driver, chance, seconds, by_disk=crawls % 2 == 1)
            crawls += 1
            assert killed.outcome(root) == reference
            killed.assert_nothing_is_left(root)
            shutil.rmtree(root)
            print(f"{kills} kills, {crawls} crawls: all as undisturbed", flush=True)
    finally:
        driver.close()
        site.close()
    print(json.dumps({"kills": kills, "crawls": crawls, "seed": given.seed, "differing": []}))
    return 0


def torture(root, site, driver, chance, seconds, *, by_disk):
    """Crawl until it has ended; how often it was killed."""
    written, kills, end = set(), 0, -1
    while end != 0:
        site.asked.clear()
        last = chance.randrange(1, 400) if by_disk else None
        timer = Timer(chance.uniform(0.05, 0.7) * seconds, kill, (driver,))
        if not by_disk:
            timer.start()
        end = driver.run(root, site, last=last)
        timer.cancel()
        assert end in (0, -signal.SIGKILL), end
        assert written.isdisjoint(site.paths()), sorted(written & set(site.paths()))[:5]
        written |= killed.durable(root)
        kills += end != 0
    return kills


def kill(driver):
    if driver.pid:
        os.kill(driver.pid, signal.SIGKILL)


def made_site():
    site = Site()
    for number in range(PAGES):
        to = [(number * 7 + k * k) % PAGES for k in range(5)]
        links = "".join(f'<a href="/{each}">x</a>' for each in to)
        extra = f'<a href="/moved{number % 9}">x</a><a href="/gone{number % 7}">x</a>'
        site.pages[f"/{number}"] = Reply(f"{links}{extra}page {number} " * 20)
    for number in range(9):
        place = (("Location", f"/{number * 11}"),)
        site.pages[f"/moved{number}"] = Reply("", 302, headers=place)
    listed = f"<urlset><url><loc>{site.url}/listed</loc></url></urlset>"
    site.pages |= {
        "/": '<a href="/1">x</a>',
        "/listed": "only a sitemap leads here",
        "/sitemap.xml": Reply(listed, content_type="text/xml"),
        "/robots.txt": "User-agent: *\nDisallow: /39\n",
    }
    return site
