"""What workers print is handed on, without what Ray says each second of a dashboard that is off."""

import logging

from ray_jobs.job_log import WORKERS, hand_on

NOISE = "(PlacementGroupCleaner pid=7) Failed to query Ray Train Controller actor state. State API"


def test_lines_are_handed_on_with_who_said_them_and_noise_is_not(caplog):
    with caplog.at_level(logging.INFO, logger=WORKERS.name):
        for line in ("\x1b[36mstep 1\x1b[0m", NOISE, "  ", "step 2"):
            hand_on("pretrain", line)
    assert caplog.messages == ["pretrain | step 1", "pretrain | step 2"]
