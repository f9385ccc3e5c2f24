"""What is visited next, and when: on a clock of the test's own, and without a network."""

import json

from hypothesis import given
from hypothesis import strategies as st

from pipeline.crawl.frontier import Frontier
from pipeline.crawl.robots import Known, SiteRules
from pipeline.crawl.robots_rules import parse
from pipeline.crawl.schedule import MOST_FAILURES, Ask, Pace, Schedule
from pipeline.crawl.source import Same
from pipeline.crawl.target import Again, Outcome, Target

A, B = "http://a", "http://b"


def drained(frontier, name="a"):
    """The addresses of a host in the order of their visits; nothing new turns up."""
    found = []
    while target := frontier.next(name):
        found.append(target.url.removeprefix(A))
        frontier.landed(target)
    return found


@given(st.permutations([("/a", 1), ("/b", 2), ("/a", 3), ("/c", 1), ("/d", 9), ("/b", 1)]))
def test_a_round_does_not_depend_on_the_order_of_arrival(found):
    frontier = Frontier(most_pages=3, most_depth=5)
    for path, depth in found:
        frontier.add(Target(A + path, depth, round=1))
    assert drained(frontier) == ["/a", "/b", "/c"]
    assert frontier.cut
    assert frontier.left_out[f"{A}/d"][1] == "too_deep"


def test_a_round_begins_when_the_one_before_is_over():
    frontier = Frontier(most_pages=9, most_depth=9)
    for path, turn in (("/z", 0), ("/y", 0), ("/a", 1)):
        frontier.add(Target(A + path, round=turn))
    first, second = frontier.next("a"), frontier.next("a")
    assert [first.url, second.url] == [f"{A}/y", f"{A}/z"]
    assert frontier.next("a") is None
    frontier.landed(first)
    assert frontier.next("a") is None
    frontier.landed(second)
    assert frontier.next("a").url == f"{A}/a"


@given(st.integers(0, 8), st.integers(0, 8))
def test_a_state_goes_on_as_the_frontier_it_was_taken_of(visited, flying):
    def filled():
        frontier = Frontier(most_pages=99, most_depth=9)
        for number in range(20):
            frontier.add(Target(f"{A}/{number % 7}{number}", round=number // 8))
        for _ in range(visited):
            if target := frontier.next("a"):
                frontier.landed(target)
        return frontier

    frontier = filled()
    for _ in range(flying):
        frontier.next("a")
    again = Frontier(most_pages=99, most_depth=9)
    again.restore(json.loads(json.dumps(frontier.state())))
    assert again.visited == filled().visited
    assert drained(again) == drained(filled())


class Clocked:
    """A schedule whose time the test decides."""

    def __init__(self, *targets, **pace):
        self.now = 0.0
        settings = {"interval_seconds": 1.0, "connections": 2, "retries": 2, "backoff_seconds": 1.0}
        self.pace = Pace(**(settings | pace))
        self.frontier = Frontier(most_pages=999, most_depth=9)
        self.known = Known(tries=2, pause_seconds=1.0, clock=lambda: self.now)
        self.schedule = Schedule(self.frontier, self.known, self.pace, clock=lambda: self.now)
        for url in targets:
            self.schedule.wake(self.frontier.add(Target(url)))

    def rules(self, site, text=b""):
        self.schedule.take(SiteRules(site, None if text is None else parse(text, agent="x")))

    def step(self):
        """The next job, waiting for its time; None where nothing is to do."""
        while (job := self.schedule.next()) is None:
            wait = self.schedule.seconds()
            if wait is None:
                return None
            self.now += wait
        return job

    def ready(self, *sites, text=b""):
        for _ in sites:
            job = self.step()
            assert isinstance(job, Ask)
            self.rules(str(job), text)


def kept(target):
    return Outcome(target, "kept", Same(target.url))


def busy(target, pause=0.0):
    return Again(Outcome(target, "status", Same(target.url), status=503), pause)


def test_a_site_is_asked_for_its_rules_first_and_once():
    clocked = Clocked(f"{A}/1", f"{A}/2")
    assert clocked.step() == Ask(A)
    assert clocked.schedule.next() is None
    clocked.rules(A)
    assert [clocked.step().url, clocked.step().url] == [f"{A}/1", f"{A}/2"]
    assert clocked.now == 2.0  # three requests, a second apart


def test_hosts_take_turns_and_a_slow_one_holds_nobody_up():
    clocked = Clocked(*(f"{host}/{n}" for n in range(3) for host in (A, B)))
    clocked.ready(A, B)
    seen = []
    while job := clocked.step():
        seen.append((clocked.now, job.url[7]))
        clocked.schedule.landed(kept(job))
    assert sorted(seen) == [(t, h) for t in (1.0, 2.0, 3.0) for h in "ab"]


def test_a_host_that_asks_for_a_delay_gets_it_and_the_other_goes_on():
    clocked = Clocked(*(f"{host}/{n}" for n in range(3) for host in (A, B)))
    for _ in range(2):
        job = clocked.step()
        clocked.rules(str(job), b"User-agent: *\nCrawl-delay: 5" if job == A else b"")
    seen = {"a": [], "b": []}
    while job := clocked.step():
        seen[job.url[7]].append(clocked.now)
        clocked.schedule.landed(kept(job))
    assert seen["b"] == [1.0, 2.0, 3.0]
    assert seen["a"] == [1.0, 6.0, 11.0]


def test_no_more_connections_than_allowed_are_open_at_a_host():
    clocked = Clocked(*(f"{A}/{n}" for n in range(5)))
    clocked.ready(A)
    jobs = [clocked.step(), clocked.step()]
    assert clocked.step() is None
    clocked.schedule.landed(kept(jobs[0]))
    assert clocked.step().url == f"{A}/2"


def test_a_failed_visit_is_tried_again_later_and_later_after_the_others_and_then_told():
    clocked = Clocked(f"{A}/1", f"{A}/2", backoff_seconds=8.0)
    clocked.ready(A)
    seen = []
    while job := clocked.step():
        seen.append((clocked.now, job.url[-1]))
        visit = busy(job) if job.url.endswith("1") else kept(job)
        told = clocked.schedule.landed(visit)
    assert seen == [(1.0, "1"), (9.0, "2"), (10.0, "1"), (18.0, "1")]
    assert told.why == "status"


def test_a_pause_that_a_server_asks_for_is_kept():
    clocked = Clocked(f"{A}/1")
    clocked.ready(A)
    clocked.schedule.landed(busy(clocked.step(), pause=77.0))
    job = clocked.step()
    assert clocked.now == 78.0
    assert clocked.schedule.landed(kept(job)).why == "kept"


def test_a_host_that_asks_for_too_long_a_pause_is_left_for_another_window():
    clocked = Clocked(f"{A}/1", f"{A}/2", f"{B}/1")
    clocked.ready(A, B)
    seen = {}
    while job := clocked.step():
        if isinstance(job, Outcome):
            told = job
        else:
            told = clocked.schedule.landed(busy(job, 9999.0) if job.url[7] == "a" else kept(job))
        seen[told.target.url] = told.why, told.lost, told.found
    assert seen[f"{A}/1"][0] == "status"
    assert seen[f"{A}/2"] == ("host_rests", True, Same(f"{A}/2"))
    assert seen[f"{B}/1"][0] == "kept"
    assert clocked.now < 10


def test_a_host_that_fails_on_and_on_rests_longer_and_longer_and_is_left_at_last():
    clocked = Clocked(*(f"{A}/{n:03d}" for n in range(60)), retries=0)
    clocked.ready(A)
    told, pauses, before = [], [], 0.0
    while job := clocked.step():
        if isinstance(job, Outcome):
            told.append(job.why)
            continue
        pauses.append(clocked.now - before)
        before = clocked.now
        clocked.schedule.landed(busy(job))
    assert sorted(pauses)[-3:] == [300.0, 600.0, 1200.0]
    assert len(pauses) == 4 * MOST_FAILURES
    assert set(told) == {"host_rests"}


def test_rules_that_cannot_be_had_are_waited_for_and_the_pages_of_the_site_stand():
    clocked = Clocked(f"{A}/1", f"{A}/2")
    asked = []
    while isinstance(job := clocked.step(), Ask):
        asked.append(clocked.now)
        clocked.rules(str(job), None)
    assert asked == [0.0, 10.0, 30.0]
    assert (job.why, job.found, job.lost) == ("robots_unavailable", Same(f"{A}/1"), True)
    assert clocked.step().found == Same(f"{A}/2")


def test_rules_that_come_in_the_end_are_obeyed():
    clocked = Clocked(f"{A}/1", f"{A}/2")
    clocked.step()
    clocked.rules(A, None)
    assert clocked.step() == Ask(A)
    clocked.rules(A, b"User-agent: *\nDisallow: /1")
    assert clocked.step().why == "robots"
    assert clocked.step().url == f"{A}/2"
