"""What a run and its stages tell the world, as OpenLineage events.

A DAG of a recipe is a job, `recipe.corpus` or `recipe.model`, and each stage that it makes is a job
below it, `recipe.corpus.pages`, whichever flow came to it. The last event of a DAG's run says what
became of each stage, and its inputs are the versions that it took as they were; what it made are
the outputs of its stages alone, so that a server counts each version once. Identifiers are UUIDv5
of run, attempt and stage: to send an event twice does no harm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid5

from pydantic import JsonValue

from pipeline.lineage.openlineage_datasets import Datasets, digest_of
from pipeline.stage import Stage
from schemas.artifact import Manifest
from schemas.openlineage import (
    EventJob,
    EventRun,
    EventType,
    Facet,
    Facets,
    InputDataset,
    OutputDataset,
    RunEvent,
    facet,
)

_OURS = UUID("6d1f3c0a-6a0e-5c55-8a60-0d6c5f3b9a11")  # the namespace of our identifiers


@dataclass(frozen=True)
class Outer:
    """The run around ours: Prefect's flow run."""

    namespace: str
    job: str
    run_id: str  # UUID


@dataclass(frozen=True)
class SourceCode:
    """Where the code of a run is kept."""

    url: str
    commit: str  # with "-dirty" behind it where the checkout has changes


@dataclass(frozen=True)
class StageState:
    """What became of a stage in a run."""

    stage: str
    state: str  # made, reused, failed, aborted
    version: Manifest | None = None


@dataclass(frozen=True)
class Telling:
    """What all events of one run share."""

    datasets: Datasets
    namespace: str  # of jobs
    flow: str
    attempt: str  # of this run; another try has another one
    description: str = ""
    engine: str = "penstock"
    version: str = "unknown"  # of Penstock
    window: str = ""  # of a refresh
    tags: Mapping[str, str] = field(default_factory=dict)
    source: SourceCode | None = None
    outer: Outer | None = None

    @property
    def run_id(self) -> str:
        """Of the run."""
        store, recipe = self.datasets.store.uri, self.datasets.recipe
        return str(uuid5(_OURS, f"{store}\0{recipe}\0{self.flow}\0{self.attempt}"))

    def stage_run_id(self, stage: str) -> str:
        """Of a stage's part in the run."""
        return str(uuid5(UUID(self.run_id), stage))

    def of_run(
        self,
        kind: EventType,
        *,
        inputs: Sequence[InputDataset] = (),
        stages: Sequence[StageState] = (),
        error: str = "",
    ) -> RunEvent:
        """What happened to the run."""
        facets = self._run_facets(error)
        if self.outer:
            facets["parent"] = _parent(self.outer, self.outer)
        if stages:
            facets["penstock_stages"] = states_of(stages)
        return RunEvent(
            event_type=kind,
            event_time=_now(),
            run=EventRun(run_id=self.run_id, facets=facets),
            job=self._job(self._run_job(), "DAG", self.description, "flows"),
            inputs=tuple(inputs),
        )

    def of_stage(
        self,
        kind: EventType,
        stage: Stage,
        *,
        inputs: Sequence[InputDataset],
        outputs: Sequence[OutputDataset] = (),
        made: Manifest | None = None,
        error: str = "",
    ) -> RunEvent:
        """What happened to a stage of it."""
        run = Outer(self.namespace, self._run_job(), self.run_id)
        facets = self._run_facets(error) | {"parent": _parent(run, self.outer or run)}
        if made:
            facets["penstock_drops"] = drops_of(made)
        told = (type(stage).__doc__ or "").partition("\n")[0]
        path = type(stage).__module__.replace(".", "/") + ".py"
        return RunEvent(
            event_type=kind,
            event_time=_now(),
            run=EventRun(run_id=self.stage_run_id(stage.name()), facets=facets),
            job=self._job(f"{self._run_job()}.{stage.name()}", "TASK", told, path),
            inputs=tuple(inputs),
            outputs=tuple(outputs),
        )

    def _run_job(self) -> str:
        return f"{self.datasets.recipe}.{self.flow}"

    def _run_facets(self, error: str) -> Facets:
        tags: list[JsonValue] = [
            {"key": key, "value": value, "source": "penstock"} for key, value in self.tags.items()
        ]
        facets = {
            "processing_engine": facet(
                "processing_engine",
                name=self.engine,
                version=self.version,
                openlineageAdapterVersion=self.version,
            ),
            "tags": facet("tags", tags=tags),
        }
        if _is_moment(self.window):
            facets["nominalTime"] = facet("nominalTime", nominalStartTime=self.window)
        if error:
            facets["errorMessage"] = facet(
                "errorMessage", message=error, programmingLanguage="PYTHON"
            )
        return facets

    def _job(self, name: str, kind: str, told: str, path: str) -> EventJob:
        facets = {
            "jobType": facet(
                "jobType", processingType="BATCH", integration="PENSTOCK", jobType=kind
            )
        }
        if told:
            facets["documentation"] = facet("documentation", description=told)
        if self.source:
            facets["sourceCodeLocation"] = facet(
                "sourceCodeLocation",
                type="git",
                url=self.source.url,
                repoUrl=self.source.url,
                path=path,
                version=self.source.commit,
            )
        return EventJob(namespace=self.namespace, name=name, facets=facets)


def drops_of(manifest: Manifest) -> Facet:
    """What became of the documents that entered a stage."""
    rules: dict[str, JsonValue] = dict(manifest.drops)
    account = manifest.account
    if account is None:
        return facet("penstock_drops", rules=rules)
    return facet(
        "penstock_drops",
        rules=rules,
        entered=account.entered.count,
        kept=account.kept.count,
        dropped=account.dropped.count,
        quarantined=account.quarantined.count,
    )


def states_of(stages: Sequence[StageState]) -> Facet:
    """Stage -> made, reused, failed or aborted, and the version that is there of it."""
    told: dict[str, JsonValue] = {}
    for each in stages:
        version = each.version
        named = {"ref": str(version.ref), "digest": digest_of(version)} if version else {}
        told[each.stage] = {"state": each.state, **named}
    return facet("penstock_stages", stages=told)


def _parent(run: Outer, root: Outer) -> Facet:
    def named(outer: Outer) -> dict[str, JsonValue]:
        return {
            "run": {"runId": outer.run_id},
            "job": {"namespace": outer.namespace, "name": outer.job},
        }

    return facet("parent", **named(run), root=named(root))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
