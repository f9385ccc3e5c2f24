"""What a command is asked about: the versions of a recipe, or a version by its name."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.session import Session
    from pipeline.lineage.ancestry import Ancestry
    from pipeline.store import Store
    from schemas.artifact import Manifest


def is_recipe(text: str) -> bool:
    """Whether a word of the command line names a recipe, and not a version."""
    return text.endswith(".toml")


def versions_of(given: argparse.Namespace, subject: str) -> tuple[Store, Ancestry]:
    """The store, and the versions that belong together: a recipe's present ones, or a version's.

    Args:
        given: the command line, with `--store`.
        subject: `my.toml`, or a name such as `corpus/web@latest`.
    """
    from flows.options import session_of, store_of
    from pipeline.storage.references import References

    if is_recipe(subject):
        given.recipe = Path(subject)
        session = session_of(given)
        return session.store, present(session)
    store = store_of(given)
    if "@" not in subject and not References(store).names(subject):
        newest = next(store.manifests(subject), None)  # of a run that has not ended yet
        if newest is not None:
            return store, lineage_of(store, newest)
    return store, lineage_of(store, store.open(References(store).resolve(subject)))


def present(session: Session) -> Ancestry:
    """The versions that a recipe means now, or, where some are still to make, those it had last.

    Raises:
        MissingArtifact: it has none.
    """
    from pipeline.errors import MissingArtifact
    from pipeline.lineage.ancestry import of_refs
    from pipeline.run.history import History

    rows = session.plan().rows
    there = [row.ref for row in rows if row.state == "reused" and row.ref]
    planned = of_refs(session.store, there)
    if planned.get("corpus"):
        return planned
    history = History(session.store, session.recipe.name)
    before = [manifest.ref for row in rows if (manifest := history.previous(row.stage))]
    found = of_refs(session.store, before or there)
    if not found.versions:
        what = f"Anything made by the recipe {session.recipe.name}"
        raise MissingArtifact(what, where=session.store.uri)
    return found


def lineage_of(store: Store, manifest: Manifest) -> Ancestry:
    """A version and what it stands on, and what the runs that came to it made of it.

    The newest run counts before older ones, and runs before the version's own inputs: a version
    that came out equal is not made again, so its inputs can be those of an older run.
    """
    from pipeline.lineage.ancestry import ancestry
    from pipeline.run.history import runs

    heads = [manifest]
    for name in _recipes(store):
        log = runs(store, name)
        for number in reversed(log.numbers()):
            stages = log.get(number).stages
            if manifest.stage in stages and stages[manifest.stage].ref == manifest.ref:
                heads += [found for stage in stages.values() if (found := store.find(stage.ref))]
    return ancestry(store, *heads)


def _recipes(store: Store) -> list[str]:
    """The recipes that have runs in the store."""
    paths = (entry.path.removeprefix("runs/") for entry in store.files.entries("runs"))
    return sorted({path.rpartition("/")[0] for path in paths if "/" in path})
