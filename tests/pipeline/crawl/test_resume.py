"""A crawl that is killed loses no page, and asks for none again that is written down."""

import os
import random
import signal
import time
from pathlib import Path

import pytest

from pipeline.crawl.source import Page
from pipeline.crawl.sources.web import Web
from pipeline.crawl.stage import Pages
from pipeline.run.choose import Wishes, choose
from pipeline.storage.errors import DamagedJournal, JournalTaken
from pipeline.storage.gc import collect
from pipeline.storage.journal import FOLDER, Journal
from pipeline.storage.local import LocalFiles
from pipeline.storage.roots import Keep
from pipeline.store import Store
from tests.pipeline.crawl import killed
from tests.pipeline.crawl.site import Reply

PAGES = 60


def links(*to):
    return "".join(f'<a href="{each}">x</a>' for each in to)


@pytest.fixture(scope="module")
def driver():
    driver = killed.Driver()
    yield driver
    driver.close()


@pytest.fixture
def maze(site):
    """A site of some pages, a redirect, a page that is gone and a sitemap; it takes its time."""

    def slow(page):
        def answer(_):
            time.sleep(0.004)
            return Reply(page)

        return answer

    for number in range(PAGES):
        to = (f"/{(number * 7 + k * k) % PAGES}" for k in range(4))
        site.pages[f"/{number}"] = slow(links(*to, f"/gone{number % 5}") + f"page {number} " * 200)
    site.pages |= {
        "/": links("/1", "/moved"),
        "/moved": Reply("", 301, headers=(("Location", "/2"),)),
        "/sitemap.xml": Reply(
            f"<urlset><url><loc>{site.url}/listed</loc></url></urlset>", content_type="text/xml"
        ),
        "/listed": "only a sitemap leads here",
        "/robots.txt": "User-agent: *\nDisallow: /3\n",
    }
    return site


def killing(site, driver, after):
    """Kill the crawl under way at the request of that number."""
    answer, count = site.answer, [0]

    def answered(request):
        count[0] += 1
        if count[0] == after:
            while not driver.pid:  # the crawl may be quicker than the line that names it
                time.sleep(0.001)
            os.kill(driver.pid, signal.SIGKILL)
        answer(request)

    site.answer = answered
    return lambda: setattr(site, "answer", answer)


def test_a_crawl_killed_again_and_again_ends_as_if_it_had_not_been(maze, driver, tmp_path):
    assert driver.run(tmp_path / "whole", maze) == 0
    reference = killed.outcome(tmp_path / "whole")
    assert len(reference[1]) > 40
    chance, kills, ends = random.Random(4), 0, []
    written = set()
    while not ends or ends[-1] != 0:
        restore = killing(maze, driver, chance.randrange(8, 40))
        maze.asked.clear()
        ends.append(driver.run(tmp_path / "killed", maze))
        restore()
        assert ends[-1] in (0, -signal.SIGKILL)
        assert written.isdisjoint(maze.paths()), "a page that was written down was asked for again"
        kills += ends[-1] != 0
        written |= killed.durable(tmp_path / "killed")
    assert kills >= 3
    assert killed.outcome(tmp_path / "killed") == reference
    killed.assert_nothing_is_left(tmp_path / "killed")


@pytest.mark.parametrize("last", (9, 18, 24, 33, 45))
def test_a_crawl_killed_before_any_operation_on_the_disk_ends_the_same(
    site, driver, tmp_path, last
):
    site.pages |= {"/": links("a", "b", "c"), "/a": links("d"), "/b": "b", "/c": "c", "/d": "d"}
    place = Path("/dev/shm") if Path("/dev/shm").is_dir() else tmp_path
    root = place / f"penstock-crawl-{os.getpid()}-{last}"
    try:
        first = driver.run(root, site, last=last)
        assert first == -signal.SIGKILL
        written = killed.durable(root)
        site.asked.clear()
        assert driver.run(root, site) == 0
        assert written.isdisjoint(site.paths())
        assert len(killed.outcome(root)[1]) == 5
        killed.assert_nothing_is_left(root)
    finally:
        for path in sorted(root.rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()
        root.rmdir()


class Enough(Exception):
    """As good as a kill: nothing that comes after it is done."""


def broken_off(crawl, site, journal, after, **settings):
    """Crawl until so many pages were asked for."""
    answer, count = site.answer, [0]

    def answered(request):
        count[0] += 1
        answer(request)

    def progress(done, of):
        if count[0] >= after:
            raise Enough

    site.answer = answered
    with pytest.raises(Enough):
        crawl(journal=journal, progress=progress, **settings)
    site.answer = answer


def pages(found):
    return sorted(each.url for each in found if isinstance(each, Page))


def test_a_limit_cuts_the_same_pages_though_the_crawl_was_broken_off(
    maze, crawl, tmp_path, monkeypatch
):
    monkeypatch.setattr("pipeline.crawl.diary.SEGMENT_SECONDS", 0.0)
    monkeypatch.setattr("pipeline.crawl.diary.SNAPSHOT_SEGMENTS", 5)
    whole = pages(crawl(most_pages=40))
    journal = Journal(LocalFiles(tmp_path), "one")
    broken_off(crawl, maze, journal, 17, most_pages=40)
    journal = Journal(LocalFiles(tmp_path), "one")
    assert journal.newest_snapshot()
    assert pages(crawl(most_pages=40, journal=journal)) == whole
    maze.asked.clear()
    again = Journal(LocalFiles(tmp_path), "one")
    assert pages(crawl(most_pages=40, journal=again)) == whole
    assert maze.asked == []


def test_a_run_that_names_no_window_takes_up_the_one_that_was_begun(site, driver, tmp_path):
    site.pages |= {"/": links("a"), "/a": "a"}
    root = tmp_path / "store"
    killing(site, driver, 3)
    assert driver.run(root, site) == -signal.SIGKILL
    store = Store.at(root)
    source = Web(seeds=(f"{site.url}/",), loopback=True)

    def chosen(**wishes):
        return choose(Pages(source=source), {}, store, Wishes("test", **wishes))

    assert chosen(window="2026-11-22T09:00:00Z", window_named=False).window == killed.WINDOW
    assert chosen(window="2026-11-22T09:00:00Z").window == "2026-11-22T09:00:00Z"
    late = chosen(window="2026-11-24T09:00:00Z", window_named=False)
    assert late.window == "2026-11-24T09:00:00Z"
    source = Web(seeds=(f"{site.url}/a",), loopback=True)
    other = chosen(window="2026-11-22T09:00:00Z", window_named=False)
    assert other.window == "2026-11-22T09:00:00Z"


def test_garbage_collection_takes_an_unfinished_crawl_whole_and_only_when_it_is_old(tmp_path):
    store = Store.at(tmp_path)
    journal = Journal(store.files, f"{FOLDER}/pages/abc")
    journal.begin({"window": killed.WINDOW})
    journal.append([["seconds", 1]], [])
    old = time.time() - 90_000
    for path in (tmp_path / FOLDER).rglob("*"):
        os.utime(path, (old, old))
    young = journal.append([["seconds", 2]], [])
    assert young == []
    collect(store, Keep(), who="test", why="test")
    assert Journal(store.files, f"{FOLDER}/pages/abc").last == 2
    os.utime(tmp_path / FOLDER / "pages/abc/segments/00000002", (old, old))
    collect(store, Keep(), who="test", why="test")
    assert not [each for each in (tmp_path / FOLDER).rglob("*") if each.is_file()]


def test_two_writers_of_one_journal_are_told_and_nothing_is_mixed(tmp_path):
    files = LocalFiles(tmp_path)
    one, other = Journal(files, "j"), Journal(files, "j")
    one.append([["one"]], [b"1"])
    with pytest.raises(JournalTaken, match="Another process"):
        other.append([["other"]], [b"2"])
    assert [rows for _, rows, _ in Journal(files, "j").segments()] == [[["one"]]]


@pytest.mark.parametrize("place", [2, 20, 60, -1])
def test_a_flipped_bit_in_a_journal_is_found(tmp_path, place):
    journal = Journal(LocalFiles(tmp_path), "j")
    journal.append([["told"]], [b"the record of a page"])
    path = tmp_path / "j/segments/00000001"
    content = bytearray(path.read_bytes())
    content[place] ^= 4
    path.write_bytes(content)
    journal = Journal(LocalFiles(tmp_path), "j")
    with pytest.raises(DamagedJournal, match="Delete the folder"):
        for _, _, pieces in journal.segments():
            journal.read(pieces[0])


def test_a_damaged_snapshot_costs_only_time(tmp_path):
    journal = Journal(LocalFiles(tmp_path), "j")
    journal.append([["told"]], [])
    journal.snapshot({"a": 1})
    path = tmp_path / "j/snapshots/00000001"
    path.write_bytes(path.read_bytes()[:-1])
    assert Journal(LocalFiles(tmp_path), "j").newest_snapshot() is None
