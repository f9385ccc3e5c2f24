"""What the gates decide is told: in the run's state, and as an event that others may wait for."""

from pipeline.storage.references import References
from pipeline.store import Store
from tests.flows.prefect_server import ask, wait_until
from tests.flows.served_tiny import ENDED
from tests.tiny_corpus import pages, write_pages


def refreshed(served, made):
    """A refresh that finds these pages: its run and its state."""
    write_pages(served.folder / "pages.jsonl", made)
    status, run = served.ask_for("refresh")
    assert status == 201, run
    return run["id"], served.state(run["id"], *ENDED, seconds=120)


def told(served, name, run):
    """The payload of an event of this name that a run has emitted."""
    wanted = {"filter": {"event": {"name": [name]}}, "limit": 50}

    def look():
        events = ask(served.api, "events/filter", wanted)[1]["events"]
        return [each["payload"] for each in events if run in str(each["related"])]

    found = wait_until(look, 30)
    assert found, ask(served.api, "events/filter", wanted)
    return found[0]


def latest(served):
    return References(Store.at(served.folder / "store")).resolve("corpus/tiny@latest")


def test_a_refresh_that_loses_too_much_is_held_and_the_event_says_why(served):
    run, state = refreshed(served, pages())
    assert state["message"].endswith("is @latest.")
    before = latest(served)
    passed = told(served, "penstock.corpus.promoted", run)
    assert passed["key"] == before.key
    few = {number: page for number, page in pages().items() if number < 10}
    run, state = refreshed(served, few)
    assert state["type"] == "COMPLETED"
    assert (
        f"documents where there were {passed['documents']}: more than 20% are" in state["message"]
    )
    assert "@latest stays where it was" in state["message"]
    held = told(served, "penstock.gates.held", run)
    assert held["reasons"][0] in state["message"]
    assert f"corpus/tiny@{held['version']} is there" in state["message"]
    assert latest(served) == before != held["key"]
    _, state = refreshed(served, pages())
    assert state["message"].endswith("is @latest.")
