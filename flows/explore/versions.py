"""The first view: runs and versions in a long list, and the graph of those that belong together."""

from __future__ import annotations

from typing import Any

from flows.explore.catalogue import Catalogue, Listed, RunListed, matching
from flows.explore.subject import Looked
from flows.terminal.plain_text import plain
from pipeline.lineage.graph import lineage_graph
from pipeline.lineage.layout import layout
from pipeline.storage.places import shown

_MOST_ROWS = 500  # of a list, in one answer


def overview(looked: Looked) -> dict[str, Any]:
    """What there is to choose from."""
    catalogue = looked.catalogue()
    recipes: dict[str, int] = {}
    for run in catalogue.runs:
        recipes[run.recipe] = recipes.get(run.recipe, 0) + 1
    newest = next(iter(catalogue.runs), None)
    first = next(iter(catalogue.versions), None)
    return {
        "store": shown(looked.store.uri),
        "versions": len(catalogue.versions),
        "recipes": recipes,
        "stages": catalogue.stages,
        "newest": run_name(newest) if newest else str(first) if first else "",
    }


def rows(
    looked: Looked, *, kind: str, recipe: str, words: str, start: int, count: int
) -> dict[str, Any]:
    """Some rows of a list, the newest first.

    Args:
        looked: the store.
        kind: `runs`, `versions`, or the name of a stage.
        recipe: only of this one; "" for all.
        words: each is to be found in a row's names.
        start: the first row's number.
        count: how many rows.
    """
    catalogue = looked.catalogue()
    found: list[RunListed] | list[Listed]
    if kind == "runs":
        found = [run for run in catalogue.runs if _is_run(run, recipe, words)]
    else:
        found = [one for one in catalogue.versions.values() if _is(one, kind, catalogue, words)]
        if recipe:
            found = [one for one in found if _made_by(one, recipe, catalogue)]
    shown = found[start : start + min(count, _MOST_ROWS)]
    told = [
        _run(each) if isinstance(each, RunListed) else _version(each, catalogue) for each in shown
    ]
    return {"total": len(found), "start": start, "rows": told}


def graph(looked: Looked, of: str) -> dict[str, Any]:
    """Nodes and edges with their places: columns are steps, lines are side by side."""
    versions = looked.versions(of)
    drawn = lineage_graph(looked.store, versions)
    laid = layout(drawn)
    keys = {stage: one.ref.key for stage, one in versions.versions.items()}
    drops = {stage: one.drops for stage, one in versions.versions.items()}
    return {
        "nodes": [
            node._asdict()
            | {"key": keys[node.name], "at": laid.places[node.name], "drops": drops[node.name]}
            for node in drawn.nodes
        ],
        "edges": [edge._asdict() | {"path": path} for edge, path in laid.paths.items()],
        "missing": [str(ref) for ref in versions.missing],
        "about": _about(looked.catalogue(), of),
    }


def run_name(run: RunListed) -> str:
    """`run:web/3`."""
    return f"run:{run.recipe}/{run.number}"


def _about(catalogue: Catalogue, of: str) -> dict[str, Any] | None:
    return next((_run(run) for run in catalogue.runs if run_name(run) == of), None)


def _run(run: RunListed) -> dict[str, Any]:
    about = {name: value for name, value in run.about.items() if name not in ("stages", "modified")}
    about |= {name: plain(about[name], 400) for name in ("requested_by", "reason")}
    about |= {"of": run_name(run), "recipe": run.recipe, "number": run.number}
    return about | {"stages": len(run.about["stages"]), "made": len(run.about["made"])}


def _version(one: Listed, catalogue: Catalogue) -> dict[str, Any]:
    told = ("rows", "kept", "dropped", "quarantined", "shards", "window")
    about = {name: one.about[name] for name in told if name in one.about}
    names = catalogue.names.get(one.ref, [])
    return about | {"of": _full(one), "stage": one.ref.stage, "made": one.made, "names": names[:4]}


def _full(one: Listed) -> str:
    return f"{one.ref.stage}@{one.ref.key}"


def _is_run(run: RunListed, recipe: str, words: str) -> bool:
    about = run.about
    texts = (
        run_name(run),
        about["window"],
        about["started"],
        about["requested_by"],
        about["reason"],
    )
    return recipe in ("", run.recipe) and (not words or matching(words, iter(texts)))


def _is(one: Listed, kind: str, catalogue: Catalogue, words: str) -> bool:
    if kind not in ("versions", one.ref.stage):
        return False
    texts = (_full(one), one.about["window"], *catalogue.names.get(one.ref, ()))
    return not words or matching(words, iter(texts))


def _made_by(one: Listed, recipe: str, catalogue: Catalogue) -> bool:
    return any(run.recipe == recipe for run in catalogue.runs_of.get(one.ref, ()))
