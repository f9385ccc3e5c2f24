"""Scheduled refreshes that nobody was there to run: the newest runs when somebody is."""

from prefect.settings import PREFECT_API_URL, temporary_settings

from pipeline.store import Store
from tests.flows.prefect_server import ask
from tests.flows.served_tiny import ENDED, Served, served_alone
from tests.tiny_corpus import RECIPE, copied, recipe_file

MISSED = [f"2026-11-{day}T00:00:00Z" for day in (23, 25, 24)]


def test_a_backlog_after_an_outage_runs_once_for_its_newest_window(prefect_api, tmp_path):
    from flows.door.deployments import deployments_of

    folder = copied(tmp_path)
    recipe = recipe_file(folder, RECIPE.replace('"tiny"', '"missed"'), "missed.toml")
    with temporary_settings({PREFECT_API_URL: prefect_api}):
        for each in deployments_of([recipe]):
            each.apply()
    there = Served(prefect_api, folder, folder / "serve.log")
    path = f"deployments/{there.deployment('refresh', 'missed')['id']}/create_flow_run"
    order = {"recipe": "missed", "requested_by": "schedule", "reason": "the schedule"}
    runs = {}
    for window in MISSED:
        due = {"type": "SCHEDULED", "state_details": {"scheduled_time": window}}
        runs[window] = ask(prefect_api, path, {"parameters": {"order": order}, "state": due})[1]
    newest = max(MISSED)
    with served_alone(recipe, folder, folder / "store", PREFECT_API_URL=prefect_api):
        ends = {window: there.state(run["id"], *ENDED, seconds=120) for window, run in runs.items()}
        assert there.says(runs[newest]["id"], f"a new window, {newest}")  # the log comes later
    assert {window: end["type"] for window, end in ends.items()} == dict.fromkeys(
        MISSED, "CANCELLED"
    ) | {newest: "COMPLETED"}
    assert f"the refresh of {newest} was due as well" in ends[min(MISSED)]["message"]
    assert "2 are cancelled" in there.said.read_text()
    assert len(list(Store.at(folder / "store").manifests("pages"))) == 3  # two were there
