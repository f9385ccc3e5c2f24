"""Where a run's results lie: the versions' names and manifests, and the page of results.

A page from a server may not lead to a file, so addresses are there to be copied.
"""

from __future__ import annotations

from collections.abc import Mapping

from flows.results.words import counted
from flows.shown.markdown import address, addresses, paragraphs, table
from pipeline.storage.references import References
from pipeline.store import Store
from schemas.artifact import ArtifactRef
from schemas.run import StageRun

_HEADINGS = ("version", "", "shards", "seconds")


def report_path(recipe: str) -> str:
    """The page of results, below the store's root."""
    return f"reports/{recipe}.html"


def places_markdown(store: Store, recipe: str, stages: Mapping[str, StageRun]) -> str:
    """The page of results, and a line for each version."""
    rows = [_cells(recipe, store, stage) for stage in stages.values()]
    made = sum(not stage.reused for stage in stages.values())
    return paragraphs(
        f"{counted(made, 'stage')} of {len(rows)} made, in the store {address(store.uri, 300)}.",
        f"The page of results: {address(f'{store.uri}/{report_path(recipe)}', 300)}",
        table(_HEADINGS, rows, ("shards", "seconds")),
        "The manifests: what each was made of, by which code, with which outcome.",
        addresses(_manifest(store, stage) for stage in stages.values()),
    )


def _manifest(store: Store, stage: StageRun) -> str:
    return f"{store.uri}/versions/{stage.ref.stage}/{stage.ref.key}.json"


def _cells(recipe: str, store: Store, stage: StageRun) -> tuple[str, ...]:
    return (
        f"`{name_of(store, recipe, stage.ref)}`",
        "reused" if stage.reused else "**made**",
        f"{stage.shards:,}",
        f"{stage.wall_seconds:.1f}",
    )


def name_of(store: Store, recipe: str, ref: ArtifactRef) -> str:
    """`corpus/web@2026-11-22.1`, as commands and forms take it."""
    return f"{ref.stage}/{recipe}@{label_of(store, recipe, ref)}"


def label_of(store: Store, recipe: str, ref: ArtifactRef) -> str:
    """`2026-11-22.1`: what a version is called by people."""
    log = References(store).versions(ref.stage, recipe)
    found = (log.get(number) for number in reversed(log.numbers()))
    return next((each.label for each in found if each.ref == ref), ref.key[:12])
