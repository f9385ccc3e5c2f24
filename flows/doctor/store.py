"""A store and this machine beside what is at work: orphans, leases that expired, events unended."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Sequence
from functools import partial

from flows.doctor.finding import Finding
from flows.doctor.lively import Life, by_lease
from flows.doctor.unended import Unended, abort, unended
from flows.ending.kin import Kin, end, kin, lost_servers, sweep
from pipeline.storage.leases import expired, give_back, live
from pipeline.storage.places import is_far, shown
from pipeline.storage.presence import RUN
from pipeline.store import Store

PATIENCE = 20.0  # seconds for an orphaned job to leave its checkpoint


def orphans(*, patient: bool = False) -> Iterator[Finding]:
    """Processes of flow runs whose own process is gone, and servers that nobody ends.

    Args:
        patient: leave out jobs, which end by themselves after their checkpoint, and servers.
    """
    lost: dict[str, list[Kin]] = {}
    for each in kin():
        if each.orphaned:
            lost.setdefault(each.flow_run, []).append(each)
    for flow_run, left in lost.items():
        if patient and any(each.is_job for each in left):
            continue
        said = f"the run {flow_run} has no process any more, and left {_several(left)}"
        yield Finding("orphans", said, partial(_swept, flow_run))
    for server in () if patient else lost_servers():
        said = f"the Prefect server {server} goes on, and its `penstock serve` is gone"
        yield Finding("orphans", said, partial(_ended, server))


def of_store(store: Store, *days: str) -> Iterator[Finding]:
    """Leases that expired, and lineage events that lack their end.

    Args:
        store: where they lie.
        days: only the events of these; all by default.
    """
    where = shown(store.uri)
    left = expired(store.files, time.time())
    if left:
        names = ", ".join(sorted({path.split("/")[2] for path in left})[:5])
        said = f"{where} has leases that expired and were not given back, {len(left)}: {names}"
        yield Finding("expired lease", said, partial(_given_back, store, left))
    for run in unended(store, *days):
        if not _at_work(store, run):
            said = f"{where} has the START of {run} in lineage/, and no end"
            yield Finding("no end", said, partial(_aborted, store, run))


def weak_place(store: Store) -> Iterator[Finding]:
    """What an object store lacks that a commit needs, tried out now."""
    if is_far(store.uri):
        from pipeline.storage.probe import points_of

        for point in points_of(store.files):
            said = f"{store.uri}: {point}. Never let two runs work in it at once"
            yield Finding("weak store", said)


def _at_work(store: Store, run: Unended) -> bool:
    """Whether a run that began may be at work; one without Prefect, if anything is."""
    if run.flow_run:
        here = any(each.flow_run == run.flow_run and each.drives for each in kin())
        return here or by_lease(store, run.flow_run) is Life.ALIVE
    return any(name.startswith(RUN) for name in live(store.files, time.time()))


def _several(left: Sequence[Kin]) -> str:
    more = f" and {len(left) - 1} more" if len(left) > 1 else ""
    return f"{left[0]}{more}"


def _swept(flow_run: str) -> str:
    killed = sweep(flow_run, PATIENCE)
    return f"ended {len(killed)}, the others by themselves"


def _ended(server: Kin) -> str:
    end(server, signal.SIGTERM)
    until = time.monotonic() + PATIENCE
    while any(each.pid == server.pid for each in lost_servers()) and time.monotonic() < until:
        time.sleep(0.2)
    end(server, signal.SIGKILL)
    return "ended"


def _given_back(store: Store, paths: Sequence[str]) -> str:
    for path in paths:
        give_back(store.files, path)
    return f"ended {len(paths)}"


def _aborted(store: Store, run: Unended) -> str:
    abort(store, run)
    return "wrote the ABORT"
