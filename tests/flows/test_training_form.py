"""The form `train` on a real server: what is refused where, what is estimated, who agrees."""

import contextlib
import signal
import time

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.doctor.reconcile import reconcile
from flows.door.approval import SLOT_TAKEN, covers, key_of
from pipeline.storage.references import References
from pipeline.store import Store
from tests.flows.prefect_server import ask, wait_until
from tests.flows.served_tiny import ENDED


@pytest.mark.parametrize(
    ("flow", "order", "field"),
    [
        ("train", {"gpus": 7}, "order.gpus"),
        ("train", {"model": "enormous"}, "order.model"),
        ("train", {"corpus": "latestt"}, "order.corpus"),
        ("train", {"steps": -1}, "order.steps"),
        ("train", {"workers": 0}, "order.workers"),
        ("train", {"recipe": "other"}, "order.recipe"),
        ("train", {"requested_by": " "}, "order.requested_by"),
        ("train", {"reason": "why not"}, "order.reason"),
        ("train", {"colour": "red"}, "'colour' was unexpected"),
        ("refresh", {"window": "yesterday"}, "order.window"),
        ("evaluate", {"model": "../other"}, "order.model"),
        ("refresh_and_train", {"tokens": "many"}, "order.tokens"),
    ],
)
def test_the_server_refuses_a_wrong_value_and_names_the_field(served, flow, order, field):
    status, answer = served.ask_for(flow, **order)
    assert status == 409
    assert field in answer["detail"]


def started(served, flow, **order):
    status, answer = served.ask_for(flow, **order)
    assert status == 201, answer
    return answer["id"]


def ended(served, flow, **order):
    run = started(served, flow, **order)
    return run, served.state(run, *ENDED)


def test_a_reference_that_does_not_exist_has_its_sentence_and_no_second_try(served):
    run, state = ended(served, "train", corpus="2026-01-01.7")
    assert state["type"] == "FAILED"
    assert state["message"].startswith("corpus/tiny@2026-01-01.7 is not in the store")
    assert served.run(run)["run_count"] == 1


def test_a_dear_run_waits_for_approval_and_ends_when_it_is_refused(served):
    run = started(served, "train", corpus="latest")
    served.state(run, "PAUSED")
    bad = {"answer": "approve", "approver": ""}
    _, answer = ask(served.api, f"flow_runs/{run}/resume", {"run_input": bad})
    assert "approver" in answer["details"]["reason"]
    said = {"answer": "refuse", "approver": "bob", "note": "too dear"}
    ask(served.api, f"flow_runs/{run}/resume", {"run_input": said})
    state = served.state(run, "FAILED")
    assert state["message"].startswith("bob did not approve the ")
    assert "too dear" in state["message"]
    key = {"artifacts": {"key": {"any_": ["tiny-estimate"]}, "flow_run_id": {"any_": [run]}}}
    shown, *_ = ask(served.api, "artifacts/filter", key)[1]  # one of each try
    assert "| asks for approval above | 5.00 |" in shown["data"]


def test_a_dear_run_that_nobody_approves_in_time_ends_with_a_sentence(served):
    recipe = served.folder / "tiny.toml"  # which each run reads anew
    whole = recipe.read_text()
    recipe.write_text(whole + "approve_within_hours = 0.0003\n")
    run = started(served, "train")
    served.state(run, "PAUSED")
    recipe.write_text(whole)
    time.sleep(2)
    with temporary_settings({PREFECT_API_URL: served.api}):
        list(reconcile([Store.at(served.folder / "store")]))  # or `penstock serve` meanwhile
    state = served.state(run, "FAILED")
    assert "Nobody approved this run within 0.000" in state["message"]
    assert "nothing was trained" in state["message"]


def test_an_approved_run_that_starts_later_and_is_tried_again_is_not_asked_again(served):
    run = started(served, "train")
    served.state(run, "PAUSED")
    policy = served.run(run)["empirical_policy"] | {"retry_delay": 1}  # not a minute
    ask(served.api, f"flow_runs/{run}", {"empirical_policy": policy}, "PATCH")
    said = {"answer": "approve", "approver": "bob"}
    with slot_taken(served):
        ask(served.api, f"flow_runs/{run}/resume", {"run_input": said})
        wanted = {"state": {"type": "PENDING"}}  # as who starts it wants it
        ask(served.api, f"flow_runs/{run}/set_state", wanted)
        assert served.state(run, "CANCELLED")["message"] == SLOT_TAKEN
    with jobs_in_the_way(served):
        # Done by hand, or by `penstock serve` meanwhile.
        with temporary_settings({PREFECT_API_URL: served.api}):
            list(reconcile([Store.at(served.folder / "store")]))
        assert wait_until(lambda: "AwaitingRetry" in been(served, run), 90), served.log(run)

    def times():
        return sum("bob approved the" in line for line in served.log(run))

    assert wait_until(lambda: times() == 2, 120), served.log(run)
    ask(served.api, f"flow_runs/{run}/set_state", {"state": {"type": "CANCELLING"}})
    served.state(run, "CANCELLED")
    assert been(served, run).count("Suspended") == 1


def test_an_answer_holds_for_the_price_that_was_asked_about_and_a_tenth_more():
    key = key_of(250.0)
    assert all(covers(key, cost) for cost in (0.0, 249.99, 250.0, 275.0))
    assert not any(covers(key, cost) for cost in (275.01, 9000.0))
    assert not covers("another-25000", 1.0)


def been(served, run):
    """The states that a run has been in."""
    return [each["name"] for each in ask(served.api, f"flow_run_states/?flow_run_id={run}")[1]]


@contextlib.contextmanager
def jobs_in_the_way(served):
    """As if the disk failed for a while: no job can be begun."""
    jobs = served.folder / "store/attempts/jobs"
    kept = jobs.with_name("kept")
    if jobs.exists():
        jobs.rename(kept)
    jobs.touch()
    try:
        yield
    finally:
        jobs.unlink()
        if kept.exists():
            kept.rename(jobs)


@contextlib.contextmanager
def slot_taken(served):
    """As if another run held the slot, while `penstock serve` does not look."""
    limit = served.deployment("train")["global_concurrency_limit"]["name"]
    path = f"v2/concurrency_limits/{limit}"
    served.process.send_signal(signal.SIGSTOP)
    ask(served.api, path, {"active_slots": 1}, "PATCH")
    try:
        yield
    finally:
        ask(served.api, path, {"active_slots": 0}, "PATCH")
        served.process.send_signal(signal.SIGCONT)


def test_a_promoted_corpus_starts_training_on_exactly_that_version(served):
    (found,) = [
        each
        for each in ask(served.api, "automations/filter", {})[1]
        if each["name"] == "penstock: train tiny on each corpus that is promoted"
    ]
    assert not found["enabled"]  # until somebody wants it
    deployment = served.deployment("train")["id"]
    asked = {
        "flow_runs": {"deployment_id": {"any_": [deployment]}},
        "sort": "EXPECTED_START_TIME_DESC",
    }
    before = {run["id"] for run in ask(served.api, "flow_runs/filter", asked)[1]}
    ask(served.api, f"automations/{found['id']}", {"enabled": True}, "PATCH")
    _, state = ended(served, "refresh")
    assert state["message"].endswith("is @latest.")
    label = state["message"].split()[0].partition("@")[2]

    def started_since():
        runs = ask(served.api, "flow_runs/filter", asked)[1]
        return [run for run in runs if run["id"] not in before]

    (run,) = wait_until(started_since, 90)
    ask(served.api, f"automations/{found['id']}", {"enabled": False}, "PATCH")
    assert run["parameters"]["order"]["requested_by"] == "automation"
    assert run["parameters"]["order"]["corpus"] == label
    store = Store.at(served.folder / "store")
    References(store).resolve(f"corpus/tiny@{label}")  # which is there
    served.state(run["id"], "PAUSED")
    ask(served.api, f"flow_runs/{run['id']}/set_state", {"state": {"type": "CANCELLING"}})
    served.state(run["id"], "CANCELLED")


def test_a_corpus_whose_files_are_gone_has_its_sentence(served):
    store = Store.at(served.folder / "store")
    labels = References(store).versions("corpus", "tiny")
    oldest = labels.get(labels.numbers()[0])
    shard = store.open(oldest.ref).shards[0]
    store.set_aside("corpus", shard.shard_key)
    _, state = ended(served, "train", corpus=oldest.label, dry_run=True)
    assert state["type"] == "FAILED"
    assert f"The files of corpus/tiny@{oldest.label} are gone: 1 of" in state["message"]
