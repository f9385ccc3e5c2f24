"""Killed with signal 9 before, or in the middle of, each operation on the disk; at random."""

import os
import random
import shutil
import signal
import time

from tests.forking import fork, in_child, wait
from tests.pipeline.storage.crashing import Dying
from tests.torture.matrix.ground import files_by
from tests.torture.watched import whole_versions


def every_operation(ground, stage, *, every=1, chance):
    """Kill before operation `first`, `first + every`, ... while one stage is made; the points.

    Each write is half done by then. Every tenth time the next run is killed, too.
    """
    points, last = 0, chance.randint(1, every)
    while True:
        root = ground.before(stage, ground.folder / "killed")
        if dying(ground, root, last) == 0:
            shutil.rmtree(root)
            return points
        points += 1
        if points % 10 == 0:
            whole_versions(root)
            dying(ground, root, chance.randint(1, 60))
        ground.after(root)
        shutil.rmtree(root)
        last += every


def dying(ground, root, last):
    """A driver that dies at an operation; how it ended."""

    def act():
        with files_by(lambda place: Dying(place, last)):
            ground.drive(root)

    ended = in_child(act)
    assert ended in (0, -signal.SIGKILL), f"ended with {ended} and not by the kill"
    return ended


def random_times(ground, kills, chance):
    """Kill a run at random times until it has been killed often enough; a reader looks on.

    Returns:
        Kills, and how many whole looks the reader has taken.
    """
    done = looks = 0
    while done < kills:
        root = ground.folder / "random"
        for _ in range(chance.randint(1, 4)):
            driver = fork(lambda root=root: ground.drive(root))
            looks += looked_on(root, chance.uniform(0, 1.2 * ground.seconds))
            os.kill(driver, signal.SIGKILL)
            done += wait(driver) == -signal.SIGKILL
        ground.after(root)
        shutil.rmtree(root)
    return done, looks


def looked_on(root, seconds):
    """Look at all that can be seen, again and again; how often."""
    until, looks = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        whole_versions(root)
        looks += 1
        time.sleep(0.02)
    return looks


def drivers_at_once(ground, count, chance):
    """Several drivers on one new store; one in three times the first is killed on the way."""
    root = ground.folder / "together"
    drivers = [fork(lambda: ground.drive(root)) for _ in range(count)]
    killed = chance.random() < 1 / 3
    if killed:
        time.sleep(chance.uniform(0, ground.seconds))
        os.kill(drivers[0], signal.SIGKILL)
    ends = [wait(driver) for driver in drivers]
    assert ends[1:] == [0] * (count - 1), ends
    ground.after(root)
    shutil.rmtree(root)
    return 1


def seeded(seed):
    return random.Random(seed)
