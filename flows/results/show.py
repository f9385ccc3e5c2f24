"""The end of a run: its results as a page, and their short form in the terminal."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError
from rich.console import Console

from flows.results.figures import Figures
from flows.results.gather import gather, stages_of, version_name
from flows.results.text import short_form
from flows.session import Session
from pipeline.run.runner import Runner
from pipeline.store import Store
from schemas.run import StageRun

_HERE = Path(__file__).parents[1]
_MADE_BY = ("results/*.py", "pages/*")  # a change there writes the page anew


def show_results(session: Session, runner: Runner, console: Console) -> None:
    """Write the page of a run's versions, and print the short form.

    The page is a view of the store: it stays as it is while its versions are the same, so it
    tells of the run that made them.
    """
    store, stages = session.store, dict(runner.stages)
    if not stages:
        return
    made_by = _made_by(session)
    html, kept = (f"reports/{session.recipe.name}.{kind}" for kind in ("html", "json"))
    figures = _earlier(store, kept)
    if figures is None or figures.made_by != made_by or not _same(figures, stages):
        figures = gather(session, stages_of(session, stages), made_by)
        store.files.replace(html, _page(store, figures, stages).encode())
        store.files.replace(kept, figures.model_dump_json(indent=1).encode())
    console.print(short_form(figures, *_place(store, html)), soft_wrap=True)


def _made_by(session: Session) -> str:
    """A hash of what decides the page beside the versions: the recipe's words, the page's code."""
    found = hashlib.sha256(session.recipe.description.encode())
    for pattern in _MADE_BY:
        for path in sorted(_HERE.glob(pattern)):
            found.update(path.read_bytes())
    return found.hexdigest()


def _earlier(store: Store, path: str) -> Figures | None:
    """The figures that were kept with the page, if any."""
    try:
        return Figures.model_validate_json(store.files.read(path))
    except (FileNotFoundError, ValidationError):  # none yet, or those of an older page
        return None


def _same(figures: Figures, stages: Mapping[str, StageRun]) -> bool:
    """Whether a page shows these versions; it may show later stages, too."""
    shown = {stage.stage: stage.version for stage in figures.stages}
    return all(shown.get(name) == version_name(stage.ref) for name, stage in stages.items())


def _page(store: Store, figures: Figures, stages: Mapping[str, StageRun]) -> str:
    from flows.results.lineage_chart import lineage_chart
    from flows.results.page import page  # Jinja2 only where a page is written
    from pipeline.lineage.ancestry import of_refs
    from pipeline.lineage.graph import lineage_graph

    versions = of_refs(store, [stage.ref for stage in stages.values()])
    return page(figures, lineage_chart(lineage_graph(store, versions)))


def _place(store: Store, path: str) -> tuple[str, str]:
    """Where the page lies, and its address."""
    address = f"{store.uri}/{path}"
    if not store.files.as_they_lie:
        return f"{address} (to read it: `penstock results RECIPE FILE`)", address
    found = store.files.local(path, Path(tempfile.gettempdir()))
    here = Path.cwd()
    return str(found.relative_to(here) if found.is_relative_to(here) else found), address
