"""The disk is full at each write: a sentence, nothing half visible; the same command goes on."""

import os
import shutil

from pipeline.errors import StoreUnreachable
from tests.forking import in_child
from tests.pipeline.storage.crashing import Full
from tests.torture.matrix.ground import files_by

FILLED = 3  # exit code of a driver that has met a full disk and said so


def full_at(ground, stage, *, every, chance):
    """Let the disk be full from each write on while one stage is made; the points."""
    points, first = 0, chance.randint(1, every)
    while True:
        root = ground.before(stage, ground.folder / "full")
        ended = in_child(lambda root=root, first=first: filling(ground, root, first))
        assert ended in (0, FILLED), f"ended with {ended}, not with a sentence"
        ground.after(root)
        shutil.rmtree(root)
        if ended == 0:
            return points
        points += 1
        first += every


def filling(ground, root, first):
    try:
        with files_by(lambda place: Full(place, first)):
            ground.drive(root)
    except StoreUnreachable as error:
        said = str(error)
        assert "the disk is full" in said
        assert "the same command goes on" in said
        os._exit(FILLED)
