"""OpenLineage's run events, specification 2-0-2, and which facets of which version they carry.

Source: https://openlineage.io/spec/2-0-2/OpenLineage.json and the facets beside it.
"""

from typing import Literal

from pydantic import ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

from schemas.record import Record

PRODUCER = "urn:penstock"
SPEC = "https://openlineage.io/spec"
EVENT_SCHEMA = f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
OWN_SCHEMA = "urn:penstock:openlineage-facets:1-0-0"  # schemas/openlineage_facets.json

EventType = Literal["START", "COMPLETE", "FAIL", "ABORT"]
Facet = dict[str, JsonValue]
Facets = dict[str, Facet]

# name in an event -> (version, definition) of its published schema
FACETS: dict[str, tuple[str, str]] = {
    "parent": ("1-2-0", "ParentRunFacet"),
    "nominalTime": ("1-0-1", "NominalTimeRunFacet"),
    "processing_engine": ("1-1-1", "ProcessingEngineRunFacet"),
    "errorMessage": ("1-0-1", "ErrorMessageRunFacet"),
    "tags": ("1-0-0", "TagsRunFacet"),
    "sourceCodeLocation": ("1-1-0", "SourceCodeLocationJobFacet"),
    "jobType": ("2-0-4", "JobTypeJobFacet"),
    "documentation": ("1-1-0", "DocumentationJobFacet"),
    "version": ("1-0-1", "DatasetVersionDatasetFacet"),
    "schema": ("1-2-0", "SchemaDatasetFacet"),
    "storage": ("1-0-1", "StorageDatasetFacet"),
    "dataSource": ("1-0-1", "DatasourceDatasetFacet"),
    "columnLineage": ("1-2-0", "ColumnLineageDatasetFacet"),
    "lifecycleStateChange": ("1-0-1", "LifecycleStateChangeDatasetFacet"),
    "inputStatistics": ("1-0-0", "InputStatisticsInputDatasetFacet"),
    "dataQualityMetrics": ("1-0-3", "DataQualityMetricsInputDatasetFacet"),
    "outputStatistics": ("1-0-2", "OutputStatisticsOutputDatasetFacet"),
}
# the same for facets of our own
OWN_FACETS = {
    "penstock_drops": "DropsRunFacet",
    "penstock_stages": "StagesRunFacet",
    "penstock_version": "VersionDatasetFacet",
}


def facet(name: str, /, **fields: JsonValue) -> Facet:
    """A facet by its name in an event; fields that are None are left out."""
    if name in OWN_FACETS:
        schema = f"{OWN_SCHEMA}#/$defs/{OWN_FACETS[name]}"
    else:
        version, definition = FACETS[name]
        schema = f"{SPEC}/facets/{version}/{definition}.json#/$defs/{definition}"
    told = {key: value for key, value in fields.items() if value is not None}
    return {"_producer": PRODUCER, "_schemaURL": schema, **told}


class _Told(Record):
    """Written as OpenLineage writes its fields: `eventTime`, `inputFacets`."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)


class EventRun(_Told):
    """One run of a job. The same identifier comes with each of its events."""

    run_id: str  # UUID
    facets: Facets = Field(default_factory=dict)


class EventJob(_Told):
    """What is run: a flow of a recipe, or a stage of it."""

    namespace: str
    name: str
    facets: Facets = Field(default_factory=dict)


class InputDataset(_Told):
    """A version that is read."""

    namespace: str
    name: str
    facets: Facets = Field(default_factory=dict)
    input_facets: Facets = Field(default_factory=dict)


class OutputDataset(_Told):
    """A version that is made."""

    namespace: str
    name: str
    facets: Facets = Field(default_factory=dict)
    output_facets: Facets = Field(default_factory=dict)


class RunEvent(_Told):
    """What happened to a run, and when."""

    event_type: EventType
    event_time: str  # UTC, ISO 8601
    run: EventRun
    job: EventJob
    inputs: tuple[InputDataset, ...] = ()
    outputs: tuple[OutputDataset, ...] = ()
    producer: str = PRODUCER
    schema_url: str = Field(default=EVENT_SCHEMA, alias="schemaURL")

    def to_json(self) -> bytes:
        """The event as it is stored and sent."""
        return self.model_dump_json(by_alias=True).encode()
