"""Setting right what Prefect says of runs: at the start of `penstock serve`, and every minute.

A killed process cannot say that it has ended, and a server that was away did not hear it. What is
so is in the store and in the machine's list of processes; Prefect's states and slots follow.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import httpx
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectException

from flows.doctor.finding import Finding
from flows.doctor.runs import Runs
from flows.doctor.store import of_store, orphans
from flows.door.served import recipe_named, served
from pipeline.errors import PipelineError
from pipeline.store import Store

EVERY_SECONDS = 60.0
UNHEARD = (httpx.HTTPError, PrefectException, PipelineError, OSError)


def reconcile(stores: Sequence[Store]) -> Iterator[tuple[Finding, str]]:
    """Mend what can be mended; what was found, and what was done about it.

    Only what surely is no more is ended: a job without its driver has time for its checkpoint, and
    a server may be somebody else's.
    """
    with get_client(sync_client=True) as client:
        for finding in Runs(client, stores).findings():
            if finding.mend:
                yield finding, finding.mend()
    for finding in [*orphans(patient=True), *(each for s in stores for each in _lately(s))]:
        if finding.mend:
            yield finding, finding.mend()


def served_stores() -> list[Store]:
    """The stores of the recipes that are served."""
    found: dict[str, Store] = {}
    for name in served():
        try:
            store = Store.seen_at(recipe_named(name).runtime.store)
        except PipelineError:
            continue  # the run will say what is wrong with it
        found[store.uri] = store
    return list(found.values())


class Reconciler:
    """A thread that reconciles, until it is told to end."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="reconciler", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Begin nothing more."""
        self._over.set()

    def _work(self) -> None:
        while True:
            try:
                for finding, done in reconcile(served_stores()):
                    print(f"{finding.kind}: {finding.says}: {done}.", flush=True)
            except UNHEARD as error:
                print(f"Runs could not be looked at: {type(error).__name__}", flush=True)
            if self._over.wait(EVERY_SECONDS):
                return


def _lately(store: Store) -> Iterator[Finding]:
    """What is wrong in a store, as far as a look that costs little shows it."""
    today = datetime.now(UTC).date()
    yield from of_store(store, str(today - timedelta(days=1)), str(today))
