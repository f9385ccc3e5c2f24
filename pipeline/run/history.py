"""The runs of a recipe, and the version that it had of a stage before."""

from __future__ import annotations

from pipeline.storage.log import Log
from pipeline.store import Store
from schemas.artifact import Manifest
from schemas.run import Run

LOOK_BACK = 50  # runs


def runs(store: Store, recipe: str) -> Log[Run]:
    """Every run of a recipe that made something."""
    return Log(store.files, f"runs/{recipe}", Run)


class History:
    """What a recipe had before, by stage."""

    def __init__(self, store: Store, recipe: str) -> None:
        self._store = store
        log = runs(store, recipe)
        self._runs = [log.get(number) for number in reversed(log.numbers()[-LOOK_BACK:])]

    def previous(self, stage: str) -> Manifest | None:
        """The version in the newest run that came to the stage."""
        for run in self._runs:
            if stage in run.stages:
                return self._store.find(run.stages[stage].ref)
        return None
