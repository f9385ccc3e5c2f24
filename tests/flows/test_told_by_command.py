"""A corpus that is promoted by the command line starts what a deployed refresh would start."""

import subprocess
import sys

import pytest

from flows.cli import main
from flows.door.corpus_events import PROMOTED, resource_of
from pipeline.storage.references import References
from pipeline.store import Store
from tests.flows.prefect_server import ROOT, ask, environment, wait_until
from tests.tiny_corpus import RECIPE, copied, pages, recipe_file, write_pages

WHY = ("--why", "looked at by hand")
AWAY = "http://ann:secret@127.0.0.1:9/api"


def penstock(folder, *words, api=""):
    """The command in a process of its own, with a server named or none."""
    named = {"PREFECT_API_URL": api} if api else {}
    return subprocess.run(
        [sys.executable, "-m", "flows", *words],
        cwd=ROOT,
        env=environment(folder / "home", **named),
        capture_output=True,
        text=True,
        check=True,
    )


def labels(store):
    log = References(store).versions("corpus", "tiny")
    return [log.get(number).label for number in log.numbers()]


def told(api, recipe):
    """The versions of a recipe that the server was told of, the oldest first."""
    within = {"event": {"name": [PROMOTED]}, "resource": {"id": [resource_of(recipe)]}}
    found = ask(api, "events/filter", {"filter": within | {"order": "ASC"}})[1]["events"]
    return [(each["payload"]["name"], each["payload"]["version"]) for each in found]


def test_a_promoted_corpus_starts_training_on_exactly_that_version(served):
    name = "penstock: train tiny on each corpus that is promoted"
    found = ask(served.api, "automations/filter", {})[1]
    automation = next(each["id"] for each in found if each["name"] == name)
    older, newer = labels(Store.at(served.folder / "store"))[:2]
    store = ("--store", str(served.folder / "store"))

    def promote(label):
        words = ("promote", f"corpus/tiny@{label}", "corpus/tiny@prod", *WHY, *store)
        return penstock(served.folder, *words, api=served.api)

    promote(older)
    asked = {
        "flow_runs": {"deployment_id": {"any_": [served.deployment("train")["id"]]}},
        "sort": "EXPECTED_START_TIME_DESC",
    }
    before = {run["id"] for run in ask(served.api, "flow_runs/filter", asked)[1]}
    ask(served.api, f"automations/{automation}", {"enabled": True}, "PATCH")
    promote(newer)

    def started():
        runs = ask(served.api, "flow_runs/filter", asked)[1]
        return [run for run in runs if run["id"] not in before]

    (run,) = wait_until(started, 120)
    ask(served.api, f"automations/{automation}", {"enabled": False}, "PATCH")
    order = run["parameters"]["order"]
    assert (order["corpus"], order["requested_by"]) == (newer, "automation")
    served.state(run["id"], "PAUSED")
    ask(served.api, f"flow_runs/{run['id']}/set_state", {"state": {"type": "CANCELLING"}})
    served.state(run["id"], "CANCELLED")
    penstock(served.folder, "rollback", "corpus/tiny@prod", *WHY, *store, api=served.api)
    expected = [("prod", older), ("prod", newer), ("prod", older)]
    assert wait_until(lambda: told(served.api, "tiny")[-3:] == expected, 30)


def test_a_run_tells_of_its_corpus_once(prefect_api, tmp_path, monkeypatch, capsys):
    write_pages(tmp_path / "pages.jsonl", pages())
    recipe = recipe_file(tmp_path, RECIPE.replace('"tiny"', '"moved"'))
    words = ["run", str(recipe), "--to", "corpus"]
    monkeypatch.setenv("PREFECT_API_URL", AWAY)
    assert main([*words, "--no-prefect"]) == 0  # which asks nobody
    names = tmp_path / "store/refs/tags/corpus/moved"
    (names / "latest").rename(names / "earlier")
    penstock(tmp_path, *words, api=prefect_api)  # makes nothing, and moves the name
    label = References(Store.at(tmp_path / "store")).versions("corpus", "moved").get(1).label
    assert wait_until(lambda: told(prefect_api, "moved") == [("latest", label)], 30)
    assert main(words) == 0  # and this does not even that
    assert "was not told" not in capsys.readouterr().err
    assert told(prefect_api, "moved") == [("latest", label)]


@pytest.fixture
def tiny(tmp_path):
    return Store.at(copied(tmp_path) / "store")


def test_a_server_that_is_away_fails_no_promotion(tiny, tmp_path):
    label = labels(tiny)[0]
    words = ("promote", f"corpus/tiny@{label}", "corpus/tiny@prod", *WHY, "--store", tiny.uri)
    ran = penstock(tmp_path, *words, api=AWAY)
    assert ran.stderr.startswith("The Prefect server at http://127.0.0.1:9/api was not told of it")
    assert (
        f"`penstock promote corpus/tiny@{label} corpus/tiny@prod --why ...` tells it" in ran.stderr
    )
    assert len(ran.stderr.splitlines()) == 1
    assert "secret" not in ran.stderr
    names = References(tiny)
    assert names.resolve("corpus/tiny@prod") == names.resolve(f"corpus/tiny@{label}")
