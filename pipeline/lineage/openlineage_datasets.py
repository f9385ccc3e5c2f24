"""Versions as OpenLineage's datasets: a dataset is a recipe's output of one stage.

Its name is `stage/recipe` in the namespace of the store; its version is the digest that
`penstock versions` shows the beginning of. Sizes are those of the whole version, also where a run
made only some of its shards.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from schemas.artifact import Manifest
from schemas.column import DOC_ID, group_of
from schemas.openlineage import Facets, InputDataset, OutputDataset, facet

if TYPE_CHECKING:
    from pipeline.stage import Stage
    from pipeline.store import Store

DECLARED = "the stage declares to read these columns; each of its own may hang on any of them"
FILE = "file "  # before the name of a file beside the tables, as in a manifest's digests


@dataclass(frozen=True)
class Datasets:
    """The datasets of one recipe in one store."""

    store: Store
    recipe: str

    def name(self, stage: str) -> str:
        """A dataset's name; its namespace is the store's address."""
        return f"{stage}/{self.recipe}"

    def input(self, manifest: Manifest, stage: Stage | None) -> InputDataset:
        """A version that is read, with how much there is of it."""
        rows, size, files = self._sizes(manifest)
        return InputDataset(
            namespace=self.store.uri,
            name=self.name(manifest.stage),
            facets=self._facets(manifest, stage),
            input_facets={
                "inputStatistics": facet(
                    "inputStatistics", rowCount=rows, size=size, fileCount=files
                ),
                "dataQualityMetrics": facet(
                    "dataQualityMetrics",
                    rowCount=rows,
                    bytes=size,
                    fileCount=files,
                    columnMetrics={},
                ),
            },
        )

    def output(
        self,
        manifest: Manifest,
        stage: Stage | None,
        inputs: Mapping[str, Manifest],
        *,
        replaces: bool,
    ) -> OutputDataset:
        """A version that was made, and what its columns hang on."""
        rows, size, files = self._sizes(manifest)
        change = facet(
            "lifecycleStateChange", lifecycleStateChange="OVERWRITE" if replaces else "CREATE"
        )
        more: Facets = {"lifecycleStateChange": change}
        if stage and inputs:
            more["columnLineage"] = facet(
                "columnLineage", fields=self._columns(manifest, stage, inputs)
            )
        return OutputDataset(
            namespace=self.store.uri,
            name=self.name(manifest.stage),
            facets=self._facets(manifest, stage) | more,
            output_facets={
                "outputStatistics": facet(
                    "outputStatistics", rowCount=rows, size=size, fileCount=files
                )
            },
        )

    def _facets(self, manifest: Manifest, stage: Stage | None) -> Facets:
        digests: dict[str, JsonValue] = dict(manifest.digests)
        found = {
            "version": facet("version", datasetVersion=digest_of(manifest)),
            "penstock_version": facet(
                "penstock_version",
                ref=str(manifest.ref),
                key=manifest.ref.key,
                digests=digests,
                exactness=manifest.exactness.value,
                reproducible=manifest.reproducible,
                shards=len(manifest.shards),
            ),
            "dataSource": facet("dataSource", name=self.store.uri, uri=self.store.uri),
            "storage": facet(
                "storage",
                storageLayer="penstock",
                fileFormat="parquet" if manifest.columns else None,
            ),
        }
        if stage:
            found["schema"] = facet("schema", fields=fields_of(manifest, stage))
        return found

    def _sizes(self, manifest: Manifest) -> tuple[int | None, int, int]:
        """Rows of the main table, if there is one; bytes; files."""
        found = [self.store.find_receipt(each.stage, each.shard_key) for each in manifest.shards]
        files = [file for receipt in found if receipt for file in receipt.every_file()]
        main = next((receipt.main for receipt in found if receipt), None)
        rows = manifest.rows.get(main) if main else None
        return rows, sum(file.size for file in files), len(files)

    def _columns(
        self, manifest: Manifest, stage: Stage, inputs: Mapping[str, Manifest]
    ) -> dict[str, JsonValue]:
        """Every column, and all that the stage declares to read: it knows no finer."""
        read: list[JsonValue] = [
            {
                "namespace": self.store.uri,
                "name": self.name(inputs[role].stage),
                "field": column,
            }
            for role, column in columns_read(stage, inputs)
        ]
        told: JsonValue = {"inputFields": read, "transformationDescription": DECLARED}
        return {str(each["name"]): told for each in fields_of(manifest, stage)}


def digest_of(manifest: Manifest) -> str:
    """One digest of all that a version holds; equal content, equal digest."""
    return hashlib.sha256(manifest.digest().encode()).hexdigest()


def fields_of(manifest: Manifest, stage: Stage) -> list[Any]:
    """Every column as `table.column`, and every file; what is volatile is said to be."""
    fields: list[dict[str, JsonValue]] = []
    for table, schema in stage.tables().items():
        for field in schema:
            group = "identity" if field.name == DOC_ID else group_of(field)
            told = f"column group {group}" if group else "volatile: in no digest"
            fields.append(
                {"name": f"{table}.{field.name}", "type": str(field.type), "description": told}
            )
    files = sorted(name for name in manifest.digests if name.startswith(FILE))
    return [*fields, *({"name": name, "type": "file"} for name in files)]


def columns_read(stage: Stage, inputs: Mapping[str, Manifest]) -> Iterator[tuple[str, str]]:
    """(role, `table.column` or file) of all that a stage declares to read of its inputs."""
    for role, reads in stage.reads().items():
        if role not in inputs:
            continue
        for table, columns in reads.columns.items():
            yield from ((role, f"{table}.{column}") for column in columns)
        yield from ((role, f"{FILE}{name}") for name in reads.files)
