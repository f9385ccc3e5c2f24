"""A Ray that takes too long to come up is started once more, and then told of."""

import pytest

from ray_jobs import own_ray
from ray_jobs.errors import RayNotStarted

SLOW = "The current node timed out during startup. This could happen because of anything."


@pytest.fixture
def starts(monkeypatch, tmp_path):
    """What becomes of one start after the other; the words of those that fail."""
    outcomes = []

    def init(**settings):
        if outcome := outcomes.pop(0):
            raise Exception(outcome)

    monkeypatch.setattr(own_ray.ray, "init", init)
    monkeypatch.setattr(own_ray, "keep_token_private", lambda: None)
    monkeypatch.setattr(own_ray, "sessions", lambda: tmp_path)
    return outcomes


def test_a_ray_that_was_too_slow_is_started_once_more(starts):
    starts += [SLOW, ""]
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
