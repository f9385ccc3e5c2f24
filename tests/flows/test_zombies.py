"""A run whose process and runner are gone: the server itself ends it, and its slot is free."""

from datetime import UTC, datetime
from uuid import uuid4

from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.door.automations import HEARTBEAT, ensure, zombies
from tests.flows.prefect_server import ask, wait_until
from tests.tiny_corpus import RECIPE, copied, recipe_file


def test_a_run_whose_heartbeats_stop_is_ended_and_its_slot_is_free(prefect_api, tmp_path):
    from flows.door.deployments import deployments_of

    recipe = recipe_file(copied(tmp_path), RECIPE.replace('"tiny"', '"silent"'), "silent.toml")
    with temporary_settings({PREFECT_API_URL: prefect_api}):
        refresh = next(each for each in deployments_of([recipe]) if each.flow_name == "refresh")
        deployment = refresh.apply()
        order = {"recipe": "silent", "requested_by": "ann", "reason": "it will be killed"}
        path = f"deployments/{deployment}/create_flow_run"
        run = ask(prefect_api, path, {"parameters": {"order": order}})[1]["id"]
        with get_client(sync_client=True) as client:
            ours = zombies(runs=run, silent_seconds=10)
            ensure(client, ours.model_copy(update={"name": f"{ours.name} ({run})"}))
    for state in ("PENDING", "RUNNING"):  # as a runner and its process do, which then are gone
        ask(prefect_api, f"flow_runs/{run}/set_state", {"state": {"type": state}})
    assert slots(prefect_api, deployment) == 1
    beat = {
        "id": str(uuid4()),
        "event": HEARTBEAT,
        "occurred": datetime.now(UTC).isoformat(),
        "resource": {"prefect.resource.id": f"prefect.flow-run.{run}"},
    }
    ask(prefect_api, "events", [beat])
    ended = wait_until(lambda: state_of(prefect_api, run)["type"] == "CRASHED", 90)
    assert ended, state_of(prefect_api, run)
    assert state_of(prefect_api, run)["message"].startswith("No heartbeat for 10 seconds")
    assert slots(prefect_api, deployment) == 0


def state_of(api, run):
    return ask(api, f"flow_runs/{run}")[1]["state"]


def slots(api, deployment):
    return ask(api, f"deployments/{deployment}")[1]["global_concurrency_limit"]["active_slots"]
