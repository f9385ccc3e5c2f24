"""Lineage events stand in the run that is around them, and hold their identifiers."""

import pytest

from pipeline.lineage.openlineage import Outer, SourceCode, Telling
from pipeline.lineage.openlineage_datasets import Datasets
from pipeline.store import Store
from schemas.openlineage import OWN_FACETS, facet
from tests import event_schema
from tests.pipeline.toy import Judge

FLOW_RUN = Outer("prefect", "model", "4b8a0d8e-6f5e-4a37-9d3b-0b6f3f9b6c11")


@pytest.fixture
def telling(tmp_path):
    """A function that gives a run's way to tell, under Prefect unless `outer` says otherwise."""

    def give(**changed):
        given = {"namespace": "penstock", "flow": "model", "attempt": "a1", "outer": FLOW_RUN}
        return Telling(Datasets(Store.at(tmp_path), "web"), **given | changed)

    return give


def test_under_prefect_the_flow_run_is_the_root(telling):
    run, stage = telling().of_run("START"), telling().of_stage("START", Judge(), inputs=[])
    flow = {
        "run": {"runId": FLOW_RUN.run_id},
        "job": {"namespace": "prefect", "name": "model"},
    }
    assert run.run.facets["parent"]["run"] == run.run.facets["parent"]["root"]["run"] == flow["run"]
    assert stage.run.facets["parent"]["run"] == {"runId": run.run.run_id}
    assert stage.run.facets["parent"]["job"] == {"namespace": "penstock", "name": "web.model"}
    assert stage.run.facets["parent"]["root"] == flow


def test_alone_a_run_has_no_parent_and_is_the_root(telling):
    run, stage = (
        telling(outer=None).of_run("START"),
        telling(outer=None).of_stage("START", Judge(), inputs=[]),
    )
    assert "parent" not in run.run.facets
    assert stage.run.facets["parent"]["root"]["run"] == {"runId": run.run.run_id}


def test_identifiers_hang_on_run_attempt_and_stage(telling):
    one = telling()
    assert one.run_id == telling(description="another").run_id
    assert one.run_id != telling(attempt="a2").run_id
    assert one.stage_run_id("pages") != one.stage_run_id("documents")
    assert one.stage_run_id("pages") != telling(attempt="a2").stage_run_id("pages")


@pytest.mark.parametrize("window", ["2026-11-21T00:00:00Z", "2026-11-21", "tonight", ""])
def test_only_a_moment_is_a_nominal_time(telling, window):
    event = telling(window=window).of_run("START")
    assert ("nominalTime" in event.run.facets) == window.endswith("Z")


def test_the_code_is_named_by_its_commit(telling):
    source = SourceCode("https://forge.example/penstock.git", "0" * 40)
    event = telling(source=source).of_stage("ABORT", Judge(), inputs=[], error="Interrupted.")
    told = event.job.facets["sourceCodeLocation"]
    assert (told["url"], told["version"]) == (source.url, source.commit)
    assert told["path"].endswith("toy.py")
    event_schema.check(event.model_dump(mode="json", by_alias=True))


@pytest.mark.parametrize("name", OWN_FACETS)
def test_a_facet_of_our_own_refuses_what_it_does_not_know(name):
    definition = {"$ref": f"urn:penstock:openlineage-facets:1-0-0#/$defs/{OWN_FACETS[name]}"}
    checker = event_schema.validator().evolve(schema=definition)
    assert not checker.is_valid(facet(name, unknown=1))
    assert not checker.is_valid({"rules": {}})  # without producer and schema
