"""What the store says came of a flow run, whatever Prefect says: the store is the truth."""

from __future__ import annotations

from collections.abc import Sequence

from prefect.client.schemas.objects import FlowRun

from flows.door.given import is_latest
from pipeline.run.gates import GATED
from pipeline.run.history import LOOK_BACK, runs
from pipeline.store import Store
from schemas.run import Run

LAST = {
    "refresh": GATED,
    "train": "scores",
    "evaluate": "scores",
    "refresh_and_train": "scores",
    "corpus": GATED,
    "model": "scores",
}


def recipe_of(run: FlowRun) -> str:
    """The recipe that a flow run is of."""
    told = run.parameters.get("order") or run.parameters.get("recipe") or {}
    named = told.get("recipe") or told.get("name") if isinstance(told, dict) else ""
    return str(named or "")


class Outcomes:
    """What stores have written down of flow runs; each recipe's log is read once."""

    def __init__(self, stores: Sequence[Store]) -> None:
        self._stores = stores
        self._read: dict[tuple[str, str], list[Run]] = {}

    def made_whole(self, run: FlowRun, flow: str) -> str:
        """The version that a flow run was for, if it and all its files are there; else nothing.

        A refresh whose version is not `@latest` has not been through its gates.
        """
        for store in self._stores:
            for each in self._written_down(run, store):
                last = each.stages.get(LAST[flow])
                manifest = store.find(last.ref) if last else None
                if last is None or manifest is None or not store.intact(manifest):
                    continue
                if flow == "refresh" and not is_latest(store, each.recipe, last.ref):
                    continue
                return str(last.ref)
        return ""

    def lost(self, run: FlowRun) -> list[str]:
        """The versions that a flow run has made and that a store knows nothing of any more."""
        return [
            str(stage.ref)
            for store in self._stores
            for each in self._written_down(run, store)
            for stage in each.stages.values()
            if store.find(stage.ref) is None
        ]

    def _written_down(self, run: FlowRun, store: Store) -> list[Run]:
        """What a store has written down of a flow run, the newest first."""
        recipe = recipe_of(run)
        if (store.uri, recipe) not in self._read:
            log = runs(store, recipe)
            numbers = reversed(log.numbers()[-LOOK_BACK:])
            self._read[store.uri, recipe] = [log.get(number) for number in numbers]
        return [each for each in self._read[store.uri, recipe] if each.flow_run == str(run.id)]
