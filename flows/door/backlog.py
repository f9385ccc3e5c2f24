"""Scheduled refreshes that were missed while nobody was there to run them: the newest is enough.

The server keeps what was due, and a runner that comes back would start all of it at once, the
oldest first; the others would be cancelled, and with them the window that is wanted now.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Cancelled

from flows.door.deployments import SCHEDULE, TAG
from flows.door.schedule import window_of

MOST = 200  # runs that the server lists at once


def drop_backlog(client: SyncPrefectClient) -> list[str]:
    """Cancel each scheduled run that was due before another of its deployment; their names."""
    due: dict[UUID | None, list[FlowRun]] = defaultdict(list)
    wanted: dict[str, Any] = {
        "state": {"type": {"any_": [StateType.SCHEDULED]}},
        "expected_start_time": {"before_": datetime.now(UTC)},
        "tags": {"all_": [TAG]},
    }
    found = client.read_flow_runs(
        flow_run_filter=FlowRunFilter.model_validate(wanted),
        sort=FlowRunSort.EXPECTED_START_TIME_DESC,
        limit=MOST,
    )
    for run in found:
        order = run.parameters.get("order", {})
        if run.run_count == 0 and order.get("requested_by") == SCHEDULE:
            due[run.deployment_id].append(run)
    dropped = []
    for newest, *older in due.values():
        window = window_of(newest.expected_start_time or datetime.now(UTC))
        message = f"Nobody was there to run it; the refresh of {window} was due as well, and runs."
        for run in older:
            client.set_flow_run_state(run.id, Cancelled(message=message), force=True)
            dropped.append(run.name)
    return dropped
