"""Building on a version that is named, not on what the recipe would make now."""

from __future__ import annotations

from collections.abc import Mapping

from flows.corpus import corpus
from flows.errors import FilesGone
from flows.recipe import Recipe
from pipeline.run.made import Made, Make, Tracer
from pipeline.stage import Stage
from pipeline.storage.references import LATEST, References
from pipeline.store import Store
from schemas.artifact import ArtifactRef, Manifest


class Given:
    """A `Make` for which a version, and what that was made of, are there already.

    Stages before it are what its manifests say, whatever the recipe says of them today; no source
    is visited. Stages after it are made as ever.
    """

    def __init__(self, make: Make, recipe: Recipe, store: Store, ref: ArtifactRef) -> None:
        self._make = make
        self._there = made_of(store, ref, aside=frozenset({recipe.tokenizer.name()}))
        before = Tracer()
        corpus(recipe, before)
        self._before = frozenset(before.inputs)

    def __call__(self, stage: Stage, **inputs: Made) -> Made:
        """What is given, or what is made of it."""
        name = stage.name()
        if name in self._there:
            return Made(name, self._there[name])
        if name in self._before:  # a family that the given corpus did not read
            return Made(name, waits_for=(name,))
        return self._make(stage, **inputs)


def made_of(
    store: Store, ref: ArtifactRef, *, aside: frozenset[str] = frozenset()
) -> Mapping[str, Manifest]:
    """Stage -> version, of a version and all that it was made of; the nearest where there are two.

    Args:
        store: where their manifests lie.
        ref: the version.
        aside: stages whose own inputs do not count: a pinned tokenizer learnt from an older corpus.
    """
    found: dict[str, Manifest] = {}
    level = [ref]
    while level:
        following: list[ArtifactRef] = []
        for each in level:
            if each.stage in found:
                continue
            manifest = store.open(each)
            found[each.stage] = manifest
            if each.stage not in aside:
                following += manifest.inputs.values()
        level = following
    return found


def resolve_given(store: Store, recipe: str, stage: str, reference: str) -> ArtifactRef:
    """The version that a form names, with its files.

    Args:
        store: where it lies.
        recipe: whose version it is, where the reference is a label.
        stage: `corpus` or `model`.
        reference: `latest`, a label, or the start of a key.

    Raises:
        MissingArtifact: there is none of that name.
        FilesGone: it was there, and its files are not any more.
    """
    ref = References(store).resolve(f"{stage}/{recipe}@{reference}")
    manifest = store.open(ref)
    missing = len(store.missing_shards(manifest))
    if missing:
        raise FilesGone(f"{stage}/{recipe}@{reference}", missing=missing, of=len(manifest.shards))
    return ref


def is_latest(store: Store, recipe: str, ref: ArtifactRef) -> bool:
    """Whether `@latest` names this version."""
    newest = References(store).tag(ref.stage, recipe, LATEST).newest()
    return newest is not None and newest[1].ref == ref
