"""A flow run at work in a store: its lease there, and its mark on all that it starts.

The lease says on which machine and in which process it runs, and that it lives, also to whoever
finds Prefect's server saying something else.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from flows.ending.kin import DRIVER_MARK, RUN_MARK
from pipeline.errors import StoreError
from pipeline.storage.leases import FOLDER, Lease
from pipeline.storage.presence import RUN
from pipeline.store import Store


def lease_name(flow_run: str) -> str:
    """The lease of a flow run; garbage collection knows it as a run's."""
    return f"{RUN}flow-{flow_run}"


@contextmanager
def at_work(store: Store, flow_run: str) -> Iterator[None]:
    """Hold the flow run's lease, and mark what is started meanwhile.

    Waits for another process of the same flow run, which a retry may meet.
    """
    if not flow_run:  # without Prefect there is nobody to ask
        yield
        return
    marks = {RUN_MARK: flow_run, DRIVER_MARK: str(os.getpid())}
    before = {name: os.environ.get(name) for name in marks}
    try:
        with Lease(store.files, lease_name(flow_run)):
            os.environ |= marks
            yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        with suppress(StoreError):  # what is left goes with the next collection
            for entry in list(store.files.entries(f"{FOLDER}/{lease_name(flow_run)}")):
                store.files.delete(entry.path)
