"""A form that only asks for the plan shows it."""

from tests.flows.prefect_server import ask


def test_a_dry_run_shows_its_plan_and_nothing_else(served):
    _, run = served.ask_for("refresh", dry_run=True)
    state = served.state(run["id"], "COMPLETED", "FAILED", "CRASHED")
    assert state["type"] == "COMPLETED"
    wanted = {"artifacts": {"flow_run_id": {"any_": [run["id"]]}, "key": {"exists_": True}}}
    (plan,) = ask(served.api, "artifacts/filter", wanted)[1]
    assert plan["key"] == "tiny-plan"
    assert "| pages | **to make** |" in plan["data"]
