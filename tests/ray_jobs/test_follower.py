"""The metrics of a job are handed on while it writes them, once each, whatever it does again."""

import json
import random
import threading

import pytest

from ray_jobs.environment import Environment
from ray_jobs.follower import Follower
from ray_jobs.run_folder import METRICS


@pytest.fixture
def job(tmp_path):
    return Environment(run=tmp_path)


@pytest.fixture
def told(tmp_path):
    """What is handed on, and the follower."""
    seen = []
    follow = Follower(tmp_path / METRICS, seen.append)
    yield seen, follow
    follow.close()


def steps(seen):
    return [metrics["step"] for metrics in seen]


def test_lines_are_handed_on_once_each(job, told):
    seen, follow = told
    follow()
    for step in range(3):
        job.log(step, {"loss": 1.5})
        follow()
        follow()
    assert seen == [{"step": step, "loss": 1.5} for step in range(3)]


def test_a_line_is_handed_on_when_it_is_whole(tmp_path, told):
    seen, follow = told
    (tmp_path / METRICS).write_text('{"step": 1}\n{"st')
    follow()
    assert steps(seen) == [1]
    with (tmp_path / METRICS).open("a") as out:
        out.write('ep": 2}\n')
    follow()
    assert steps(seen) == [1, 2]


def test_what_an_earlier_run_has_logged_is_not_handed_on(job, tmp_path):
    job.log(1, {})
    seen = []
    follow = Follower(tmp_path / METRICS, seen.append)
    job.log(2, {})
    follow()
    follow.close()
    assert steps(seen) == [2]


@pytest.mark.parametrize("kept", [0, 2, 4])
def test_steps_that_are_done_again_are_handed_on_again_however_long_their_lines_are(
    job, told, kept
):
    seen, follow = told
    for step in range(1, 5):
        job.log(step, {"tokens_per_second": 1000.5})
    follow()
    job.forget_after(kept)
    for step in range(kept + 1, 9):
        job.log(step, {"tokens_per_second": 9.25 * 10**step})
    follow()
    assert steps(seen) == [1, 2, 3, 4, *range(kept + 1, 9)]


def test_a_run_that_begins_again_while_it_is_followed_breaks_no_line(job, told):
    seen, follow = told
    chance, over, logged = random.Random(0), threading.Event(), []

    def work():
        step = 0
        try:
            for _ in range(300):
                step += 1
                logged.append({"loss": chance.random() * 10 ** chance.randrange(9), "step": step})
                job.log(step, {"loss": logged[-1]["loss"]})
                if chance.random() < 0.1:
                    step = chance.randrange(step)
                    job.forget_after(step)
        finally:
            over.set()

    working = threading.Thread(target=work)
    working.start()
    while not over.is_set():
        follow()
    working.join()
    follow()
    lines = (job.run / METRICS).read_text().splitlines()
    assert seen[-1] == json.loads(lines[-1])
    assert set(steps(map(json.loads, lines))) <= set(steps(seen))
    in_order = iter(logged)
    assert all(each in in_order for each in seen)  # none twice: no two losses are equal
