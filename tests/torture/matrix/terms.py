"""Stopped by SIGTERM, as a scheduler or a shutdown does it, at points all over a run."""

import os
import shutil
import signal
import time
from argparse import Namespace

from flows.cli import _guarded
from tests.forking import fork, wait
from tests.torture.watched import made, whole_versions

LEAVES_WITHIN = 30.0  # seconds
STOPPED = 128 + signal.SIGTERM
IN_A_ROW = 4  # stops, before a run may go through


def stopped_at(ground, points, chance):
    """Stop a run in each part of its time, one after another; the points.

    It leaves by itself, with the exit code of a run that was stopped, and what was finished stays.
    """
    root, point = ground.folder / "stopped", 0
    while point < points:
        root.mkdir(exist_ok=True)
        before = made(root)
        code = stopped_after(
            0.9 * ground.seconds * (point + chance.random()) / points, ground, root
        )
        whole_versions(root)
        assert before <= made(root), "what was finished is gone"
        point += code == STOPPED
        if code == 0 or point % IN_A_ROW == 0:
            ground.after(root)
            shutil.rmtree(root)
    return points


def stopped_after(seconds, ground, root):
    """Begin a run, and stop it some seconds later; its exit code: 0 where it was through."""
    begun, says = os.pipe()

    def run(_):
        os.write(says, b".")
        ground.drive(root)
        return 0

    driver = fork(lambda: os._exit(_guarded(Namespace(run=run))))
    os.read(begun, 1)
    os.close(begun)
    os.close(says)
    time.sleep(seconds)
    os.kill(driver, signal.SIGTERM)
    asked = time.monotonic()
    code = wait(driver)
    assert time.monotonic() - asked < LEAVES_WITHIN
    assert code in (0, STOPPED), code
    return code
