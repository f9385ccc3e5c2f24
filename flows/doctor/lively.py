"""Whether the flow's process of a flow run lives, here or on another machine."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun

from flows.door.automations import HEARTBEAT, SILENT_SECONDS
from flows.ending.at_work import lease_name
from flows.ending.kin import Kin
from pipeline.storage.files import Entry
from pipeline.storage.leases import FOLDER, LOST_AFTER, live
from pipeline.store import Store

STARTING_SECONDS = 90  # after which a pending run has a process, or whoever was to start it is gone


class Life(Enum):
    """What is known of a flow's process."""

    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"  # it may have just begun


def life_of(
    run: FlowRun, client: SyncPrefectClient, stores: Sequence[Store], here: Sequence[Kin]
) -> Life:
    """Whether a run lives: by its process here, its lease in a store, its heartbeats.

    Args:
        run: as the server has it.
        client: of the server.
        stores: where it may be at work.
        here: the processes of flow runs on this machine.
    """
    flow_run = str(run.id)
    if any(each.flow_run == flow_run and each.drives for each in here):
        return Life.ALIVE
    for store in stores:
        found = by_lease(store, flow_run)
        if found is not Life.UNKNOWN:
            return found
    now = datetime.now(UTC)
    beat = _last_heartbeat(client, flow_run)
    since = run.state.timestamp if run.state and run.state.timestamp else now
    silent = (now - max(beat or since, since)).total_seconds()
    pending = run.state and run.state.is_pending()
    if silent > (STARTING_SECONDS if pending else SILENT_SECONDS):
        return Life.DEAD
    return Life.ALIVE if beat else Life.UNKNOWN


def by_lease(store: Store, flow_run: str) -> Life:
    """What a store knows of a flow run's process."""
    name = lease_name(flow_run)
    beats: list[Entry] = []
    holders: list[Entry] = []
    for entry in store.files.entries(f"{FOLDER}/{name}"):
        (beats if entry.path.endswith(".beat") else holders).append(entry)
    held = [entry for entry in holders if entry.path.endswith(".json")]
    if not held:
        return Life.UNKNOWN
    try:
        holder: dict[str, Any] = json.loads(store.files.read(held[-1].path))
    except FileNotFoundError:
        return Life.UNKNOWN  # it has just ended
    now = time.time()
    if name not in live(store.files, now):
        return Life.DEAD
    if holder["host"] == socket.gethostname():  # where its number may be another's by now
        fresh = any(now - entry.modified < LOST_AFTER for entry in beats)
        return Life.ALIVE if fresh else Life.DEAD
    return Life.ALIVE


def _last_heartbeat(client: SyncPrefectClient, flow_run: str) -> datetime | None:
    asked = {
        "filter": {
            "event": {"name": [HEARTBEAT]},
            "resource": {"id": [f"prefect.flow-run.{flow_run}"]},
            "order": "DESC",
        },
        "limit": 1,
    }
    answer = client.request("POST", "/events/filter", json=asked).json()
    events = answer.get("events", [])
    return datetime.fromisoformat(events[0]["occurred"]) if events else None
