"""Which two versions of a recipe a person means who asks what has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from pipeline.lineage.ancestry import ancestry
from pipeline.storage.references import LATEST, References
from pipeline.store import Store
from schemas.artifact import ArtifactRef


class Pair(NamedTuple):
    """An older and a newer version."""

    before: ArtifactRef
    after: ArtifactRef
    held_back: bool = False  # the newer one did not become @latest


def two_to_compare(store: Store, stage: str, name: str, *, limit: int | None = None) -> Pair | None:
    """The @latest version and the one before it, or @latest and a newer one that a gate held back.

    Args:
        store: where they are.
        stage: of which stage.
        name: the recipe's.
        limit: how many pages the recipe takes; versions of another number are tries, and passed
            over.

    Returns:
        None where there are no two versions.
    """
    there = _unless_tries(store, limit)
    names = References(store)
    recorded, moved = names.versions(stage, name), names.tag(stage, name, LATEST)
    versions = [each for n in recorded.numbers() if there((each := recorded.get(n)).ref)]
    latest = [each for n in moved.numbers() if there((each := moved.get(n)).ref)]
    if latest:
        now, newest = latest[-1], versions[-1]
        before = [each.ref for each in latest if each.ref != now.ref]
        if newest.ref not in {each.ref for each in latest} and newest.when >= now.when:
            return Pair(now.ref, newest.ref, held_back=True)
        if before:
            return Pair(before[-1], now.ref)
        older = [each.ref for each in versions if each.ref != now.ref]
        return Pair(older[-1], now.ref) if older else None
    return Pair(versions[-2].ref, versions[-1].ref) if len(versions) > 1 else None


def _unless_tries(store: Store, limit: int | None) -> Callable[[ArtifactRef], bool]:
    """Whether a version is in the store, and stands on as many pages as the recipe takes."""

    def wanted(ref: ArtifactRef) -> bool:
        manifest = store.find(ref)
        pages = ancestry(store, manifest).get("pages") if manifest else None
        taken = pages.parts["config"].get("limit") if pages else limit
        return manifest is not None and bool(taken == limit)

    return wanted
