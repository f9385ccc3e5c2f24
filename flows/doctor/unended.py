"""Lineage events of runs that began and never said how they ended: killed, with no time to speak.

A run writes START and later COMPLETE, FAIL or ABORT (flows/lineage/events.py). Whoever finds a run
dead writes the ABORT in its place.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import ValidationError

from flows.lineage.post import Post, Target
from pipeline.store import Store
from schemas.openlineage import RunEvent

FOLDER = "lineage"
POST_SECONDS = 5.0
_NAME = re.compile(r"(?P<run>[0-9a-f-]{36})-(?P<number>\d{4,})-(?P<kind>[A-Z]+)\.json")


@dataclass
class Unended:
    """A run whose events have no end."""

    run_id: str
    began: str = ""  # UTC, ISO 8601
    flow_run: str = ""  # Prefect's, where a flow ran it
    open: dict[str, RunEvent] = field(default_factory=dict)  # id -> START of the run or a stage
    last: int = 0  # number of its last event

    def __str__(self) -> str:
        return f"{next(iter(self.open.values())).job.name} of {self.began}"


def unended(store: Store, *days: str) -> list[Unended]:
    """The runs of a store that began and have not ended; some of them are at work.

    Args:
        store: where their events lie.
        days: that they began on, 2026-11-22; all by default.
    """
    named = defaultdict(list)
    folders = [f"{FOLDER}/{day}" for day in days] or [FOLDER]
    for entry in (entry for folder in folders for entry in store.files.entries(folder)):
        found = _NAME.fullmatch(entry.path.rpartition("/")[2])
        if found:
            named[found["run"]].append((int(found["number"]), found["kind"], entry.path))
    runs = []
    for run_id, events in named.items():
        begun = sum(kind == "START" for _, kind, _ in events)
        if begun > len(events) - begun:
            run = _read(store, run_id, sorted(events))
            runs += [run] if run.open else []
    return runs


def abort(store: Store, run: Unended) -> None:
    """Write down that a run was aborted, and each stage that it was at; post it, if asked."""
    target = Target.of_environment()
    post = Post(target) if target else None
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    for start in reversed(run.open.values()):  # a stage before the run that it is part of
        run.last += 1
        event = start.model_copy(update={"event_type": "ABORT", "event_time": now})
        content = event.to_json()
        name = f"{run.run_id}-{run.last:04d}-ABORT.json"
        store.files.create(f"{FOLDER}/{now[:10]}/{name}", content)
        if post:
            post.send(content)
    if post:
        post.close(POST_SECONDS)


def abort_run(store: Store, flow_run: str) -> int:
    """Write down that a flow run was aborted, where it could not say so itself; how often."""
    found = [run for run in unended(store) if run.flow_run == flow_run]
    for run in found:
        abort(store, run)
    return len(found)


def _read(store: Store, run_id: str, events: list[tuple[int, str, str]]) -> Unended:
    run = Unended(run_id, last=events[-1][0])
    for _, _, path in events:
        try:
            event = RunEvent.model_validate_json(store.files.read(path))
        except (FileNotFoundError, ValidationError):
            continue  # of another version; it says nothing that we could end
        if event.event_type == "START":
            run.began = run.began or event.event_time
            run.flow_run = run.flow_run or _prefect_run(event)
            run.open[event.run.run_id] = event
        else:
            run.open.pop(event.run.run_id, None)
    return run


def _prefect_run(event: RunEvent) -> str:
    """The flow run around it."""
    parent = event.run.facets.get("parent", {})
    root = parent.get("root") if parent else None
    if not isinstance(root, dict):
        return ""
    run, job = root.get("run"), root.get("job")
    if isinstance(run, dict) and isinstance(job, dict) and job.get("namespace") == "prefect":
        return str(run.get("runId", ""))
    return ""
