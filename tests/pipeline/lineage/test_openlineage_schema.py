"""Our restatement of OpenLineage's schema allows nothing that the published one does not."""

import json

import pytest

from schemas.openlineage import EVENT_SCHEMA, FACETS, SPEC
from tests.event_schema import EVENT

base = pytest.importorskip("openlineage.client.generated.base")
attr = pytest.importorskip("attr")
DEFINITIONS = json.loads(EVENT.read_text())["$defs"]
MODULES = {  # the package's modules, where they are not called as the facets are
    "columnLineage": "column_lineage_dataset",
    "dataQualityMetrics": "data_quality_metrics_input_dataset",
    "dataSource": "datasource_dataset",
    "documentation": "documentation_job",
    "errorMessage": "error_message_run",
    "inputStatistics": "input_statistics_input_dataset",
    "jobType": "job_type_job",
    "lifecycleStateChange": "lifecycle_state_change_dataset",
    "nominalTime": "nominal_time_run",
    "outputStatistics": "output_statistics_output_dataset",
    "parent": "parent_run",
    "processing_engine": "processing_engine_run",
    "schema": "schema_dataset",
    "sourceCodeLocation": "source_code_location_job",
    "storage": "storage_dataset",
    "tags": "tags_run",
    "version": "dataset_version_dataset",
}


def published(name):
    """The class that the package has generated from a facet's published schema."""
    module = pytest.importorskip(f"openlineage.client.generated.{MODULES[name]}")
    return getattr(module, FACETS[name][1])


@pytest.mark.parametrize("name", FACETS)
def test_a_facet_is_as_it_is_published(name):
    cls, definition = published(name), DEFINITIONS[FACETS[name][1]]
    fields = {field.name: field for field in attr.fields(cls)}
    ours = set(definition["properties"]) - {"_producer", "_schemaURL", "_deleted"}
    needed = {each for each, field in fields.items() if field.default is attr.NOTHING}
    assert ours == set(fields) - {"_producer", "_schemaURL", "_deleted"}
    assert set(definition["required"]) - {"_producer", "_schemaURL"} == needed
    assert definition["properties"]["_schemaURL"]["const"] == cls._get_schema()


def test_an_event_is_as_it_is_published():
    fields = {field.name for field in attr.fields(base.RunEvent)}
    assert set(DEFINITIONS["RunEvent"]["properties"]) == fields
    kinds = {each.value for each in base.EventType}
    assert set(DEFINITIONS["RunEvent"]["properties"]["eventType"]["enum"]) == kinds
    assert base.RunEvent._get_schema() == EVENT_SCHEMA
    assert EVENT_SCHEMA.startswith(SPEC)
