"""What the store says came of a flow run, whatever Prefect says: the store is the truth."""

from __future__ import annotations

from collections.abc import Sequence

from prefect.client.schemas.objects import FlowRun

from flows.given import is_latest
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


def written_down(run: FlowRun, store: Store) -> list[Run]:
    """What the store has written down of a flow run, the newest first."""
    log = runs(store, recipe_of(run))
    found = (log.get(number) for number in reversed(log.numbers()[-LOOK_BACK:]))
    return [each for each in found if each.flow_run == str(run.id)]


def made_whole(run: FlowRun, flow: str, stores: Sequence[Store]) -> str:
    """The version that a flow run was for, if it and all its files are there; else nothing.

    A refresh whose version is not `@latest` has not been through its gates.
    """
    for store in stores:
        for each in written_down(run, store):
            last = each.stages.get(LAST[flow])
            manifest = store.find(last.ref) if last else None
            if last is None or manifest is None or not store.intact(manifest):
                continue
            if flow == "refresh" and not is_latest(store, each.recipe, last.ref):
                continue
            return str(last.ref)
    return ""


def lost(run: FlowRun, stores: Sequence[Store]) -> list[str]:
    """The versions that a flow run has made and that a store knows nothing of any more."""
    return [
        str(stage.ref)
        for store in stores
        for each in written_down(run, store)
        for stage in each.stages.values()
        if store.find(stage.ref) is None
    ]
