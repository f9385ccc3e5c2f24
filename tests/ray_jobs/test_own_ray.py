"""A Ray that takes too long to come up is started once more, and then told of."""

import subprocess

import pytest

from ray_jobs import own_ray
from ray_jobs.errors import RayNotStarted

SLOW = "The current node timed out during startup. This could happen because of anything."
NO_STORE = "Timed out waiting for file /tmp/ray/session/gcs_server_port"


@pytest.fixture
def starts(monkeypatch, tmp_path):
    """What becomes of one start after the other; the words of those that fail."""
    outcomes, begun = [], []

    def init(**settings):
        assert not any(each.poll() is None for each in begun)  # of the start before
        if outcome := outcomes.pop(0):
            begun.append(subprocess.Popen(["sleep", "60"]))
            raise Exception(outcome)

    monkeypatch.setattr(own_ray.ray, "init", init)
    monkeypatch.setattr(own_ray, "keep_token_private", lambda: None)
    monkeypatch.setattr(own_ray, "sessions", lambda: tmp_path)
    yield outcomes
    for each in begun:
        each.wait(0)


@pytest.mark.parametrize("problem", [SLOW, NO_STORE], ids=["raylet", "control store"])
def test_a_ray_that_was_too_slow_is_ended_and_started_once_more(starts, problem):
    starts += [problem, ""]
    own_ray.start_ray(num_cpus=1)
    assert starts == []


@pytest.mark.parametrize(
    ("outcomes", "left"), [((SLOW, SLOW, ""), 1), (("no such setting", ""), 1)], ids=["slow", "bad"]
)
def test_a_ray_that_does_not_come_up_is_told_of(starts, outcomes, left):
    starts += outcomes
    with pytest.raises(RayNotStarted, match=r"Ray did not start: (The current node|no such)"):
        own_ray.start_ray()
    assert len(starts) == left
