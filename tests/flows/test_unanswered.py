"""How long a run waits for an approval, and what it says when nobody gives one."""

from datetime import UTC, datetime, timedelta

from prefect.states import Paused, Suspended

from flows.door.approval import KEY, SPARE_SECONDS, unanswered

HOUR = timedelta(hours=1)


def test_a_run_waits_as_long_as_its_recipe_says_and_then_has_its_sentence():
    asked = datetime.now(UTC)
    state = Suspended(timeout_seconds=2 * 3600 + SPARE_SECONDS, pause_key=KEY)
    assert unanswered(state, asked + 1.9 * HOUR) == ""
    told = unanswered(state, asked + 2.1 * HOUR)
    assert told.startswith("Nobody approved this run within 2 hours")
    assert "nothing was trained" in told


def test_a_pause_that_is_not_ours_is_left_alone():
    other = Paused(timeout_seconds=1, pause_key="other")
    assert unanswered(other, datetime.now(UTC) + 24 * HOUR) == ""
