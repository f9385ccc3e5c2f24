"""What the server does by itself: ends runs that no longer live, and trains on a new corpus.

A run whose process or machine is gone stays `Running`, with its slot, until somebody says
otherwise. Runs send heartbeats; a run whose heartbeats stop is marked as crashed (Prefect's page
"How to detect and respond to zombie flows").
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState, RunDeployment
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from flows.door.approval import ASKED
from flows.door.corpus_events import PROMOTED, resource_of

HEARTBEAT_SECONDS = 30  # the least that Prefect allows
SILENT_SECONDS = 300  # a server that was away, and is started again, has heard none meanwhile
HEARTBEAT = "prefect.flow-run.heartbeat"
STATES = ("Completed", "Failed", "Cancelled", "Crashed", "Suspended")
ENDS = (*(f"prefect.flow-run.{name}" for name in STATES), ASKED)  # after which no heartbeat comes
ZOMBIES = "penstock: a run without heartbeats has crashed"


def zombies(runs: str = "*", silent_seconds: int = SILENT_SECONDS) -> AutomationCore:
    """Mark a run as crashed once its heartbeats have stopped, so that its slot is free.

    Args:
        runs: which flow runs, by id.
        silent_seconds: for how long no heartbeat came; Prefect allows no less than ten.
    """
    return AutomationCore(
        name=ZOMBIES,
        description="Its process or its machine is gone. `penstock run` goes on from the store.",
        trigger=EventTrigger(
            after={HEARTBEAT},
            expect={HEARTBEAT, *ENDS},
            match=ResourceSpecification({"prefect.resource.id": [f"prefect.flow-run.{runs}"]}),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=silent_seconds),
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED,
                message=f"No heartbeat for {silent_seconds} seconds: its process is gone.",
            )
        ],
    )


def train_on_promotion(recipe: str, deployment: UUID, *, enabled: bool) -> AutomationCore:
    """Start the deployment `train` with exactly the version that became `@latest`."""
    order = {
        "recipe": recipe,
        "corpus": _template("{{ event.payload.version }}"),
        "requested_by": "automation",
        "reason": _template("corpus/{{ event.payload.recipe }}@{{ event.payload.version }} is new"),
    }
    return AutomationCore(
        name=f"penstock: train {recipe} on each corpus that is promoted",
        description=f"Of {PROMOTED}, with the version in the event. Switch it on to use it.",
        enabled=enabled,
        trigger=EventTrigger(
            expect={PROMOTED},
            match=ResourceSpecification({"prefect.resource.id": [resource_of(recipe)]}),
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(0),
        ),
        actions=[RunDeployment(deployment_id=deployment, parameters={"order": order})],
    )


def ensure(client: SyncPrefectClient, wanted: AutomationCore) -> None:
    """Create an automation, or bring the one of that name up to date."""
    found = _named(client, wanted.name)
    if not found:
        client.request("POST", "/automations/", json=wanted.model_dump(mode="json"))
        return
    kept, *doubled = found
    client.request(
        "PUT",
        "/automations/{id}",
        path_params={"id": kept["id"]},
        json=wanted.model_dump(mode="json", exclude={"owner_resource"}),
    )
    for each in doubled:
        client.request("DELETE", "/automations/{id}", path_params={"id": each["id"]})


def _named(client: SyncPrefectClient, name: str) -> list[dict[str, Any]]:
    asked = {"automations": {"name": {"any_": [name]}}}
    answer = client.request("POST", "/automations/filter", json=asked)
    found: list[dict[str, Any]] = answer.json()
    return found


def _template(text: str) -> dict[str, str]:
    return {"__prefect_kind": "jinja", "template": text}
