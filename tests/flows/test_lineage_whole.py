"""A whole refresh-and-train under Prefect, as a receiver of lineage events is told of it."""

import json
import subprocess
import sys

import pytest

from pipeline.store import Store
from tests import event_schema
from tests.flows.prefect_server import ROOT, environment
from tests.flows.receiver import receiver
from tests.tiny_corpus import FIRST, RECIPE, pages, recipe_file, write_pages

DRIVER = "tests.flows.toy_driver"
CORPUS, MODEL = "tiny.corpus", "tiny.model"


@pytest.fixture(scope="module")
def told(prefect_api, tmp_path_factory):
    """The events of one flow run, the second time it came to its window with nothing to make."""
    folder = tmp_path_factory.mktemp("whole")
    write_pages(folder / "pages.jsonl", pages())
    recipe = recipe_file(folder, RECIPE)
    with receiver() as server:
        env = environment(folder / "home", PREFECT_API_URL=prefect_api, OPENLINEAGE_URL=server.url)
        words = [sys.executable, "-m", DRIVER, str(recipe), FIRST, FIRST]
        ran = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr[-3000:]
        return folder, server.events()


def of(events, job, kind):
    return next(e for e in events if (e["job"]["name"], e["eventType"]) == (job, kind))


def versions(datasets):
    return {(each["name"], each["facets"]["version"]["datasetVersion"]) for each in datasets}


def test_all_of_it_is_posted_and_valid_and_each_start_has_one_end(told):
    folder, events = told
    stored = [path.read_text() for path in (folder / "store/lineage").glob("*/*.json")]
    assert sorted(map(json.loads, stored), key=str) == sorted(events, key=str)
    seen, running = {}, []
    for event in events:
        event_schema.check(event)
        run = event["run"]["runId"]
        seen.setdefault(run, []).append(event["eventType"])
        if event["eventType"] == "START":
            running.append(run)
        else:
            assert running.pop() == run  # what began last ends first
    assert not running
    assert all(kinds == ["START", "COMPLETE"] for kinds in seen.values())


def test_both_dags_are_of_one_flow_run_and_the_second_begins_when_the_first_has_ended(told):
    _, events = told
    parents = [event["run"]["facets"]["parent"] for event in events]
    assert {json.dumps(parent["root"]) for parent in parents} == {json.dumps(parents[0]["root"])}
    assert parents[0]["root"]["job"] == {"namespace": "prefect", "name": "refresh_and_train"}
    assert events.index(of(events, CORPUS, "COMPLETE")) + 1 == events.index(
        of(events, MODEL, "START")
    )
    runs = {job: of(events, job, "START")["run"]["runId"] for job in (CORPUS, MODEL)}
    for event, parent in zip(events, parents, strict=True):
        name = event["job"]["name"]
        if name in (CORPUS, MODEL):
            assert parent["run"] == parent["root"]["run"]
        else:
            above = name.rsplit(".", 1)[0] if "signals" not in name else CORPUS
            above = MODEL if name.startswith(MODEL) else above
            assert parent["run"]["runId"] == runs[above]


def test_every_stage_that_was_made_is_told_with_what_it_was_made_of(told):
    folder, events = told
    made = set()
    for event in events:
        if event["eventType"] == "COMPLETE" and event["job"]["name"] not in (CORPUS, MODEL):
            assert versions(event["inputs"]) <= made
            made |= versions(event["outputs"])
    store = Store.at(folder / "store")
    stages = {entry.path.split("/")[1] for entry in store.files.entries("versions")}
    assert {name for name, _ in made} == {f"{stage}/tiny" for stage in stages}
    ends = [of(events, job, "COMPLETE") for job in (CORPUS, MODEL)]
    states = [each["run"]["facets"]["penstock_stages"]["stages"] for each in ends]
    assert set(states[0]) | set(states[1]) == stages
    (corpus,) = versions(of(events, f"{CORPUS}.corpus", "COMPLETE")["outputs"])
    assert corpus in versions(ends[1]["inputs"])
