"""What a form means: the session it asks for, checked before anything is asked of Ray."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from flows.door.costs import Estimate, estimate, steps_for
from flows.door.forms import EvaluateForm, Form, RefreshForm, Training
from flows.door.given import resolve_given
from flows.door.presets import settings_of
from flows.errors import Refused, TooMuch
from flows.recipe import Recipe, parse_recipe
from flows.session import Asked, Session
from pipeline.store import Store
from schemas.artifact import ArtifactRef


def refresh_session(form: Form, window: str) -> Session:
    """A refresh of a recipe's corpus, for a window."""
    recipe = _recipe(form)
    asked = _asked(form, refresh=True, window=window, to="corpus")
    return Session(recipe, asked, recipe.runtime)


def train_session(form: Training, recipe: Recipe, given: ArtifactRef, **more: Any) -> Session:
    """A training on a version of the corpus that is there."""
    changes = {"train_workers": form.workers, "train_gpus": form.gpus}
    runtime = recipe.runtime.model_copy(update=changes)
    return Session(recipe, _asked(form, given=given, **more), runtime)


def evaluate_session(form: EvaluateForm) -> Session:
    """The scores of a model that is there."""
    recipe = _recipe(form)
    given = resolve_given(_store(recipe), recipe.name, "model", form.model)
    _fits(1, form.gpus)
    runtime = recipe.runtime.model_copy(update={"train_workers": 1, "train_gpus": form.gpus})
    return Session(recipe, _asked(form, given=given), runtime)


def corpus_named(form: Form, recipe: Recipe, reference: str) -> ArtifactRef:
    """The version of the corpus that a form names, with its files there."""
    return resolve_given(_store(recipe), recipe.name, "corpus", reference)


def training_recipe(form: Training) -> Recipe:
    """The recipe with the model, the steps and the seed that a form asks for.

    Raises:
        Refused: steps and tokens are both given.
        BadRecipe: the recipe cannot be used with them.
    """
    if form.steps and form.tokens:
        asked = f"{form.steps} steps and for {form.tokens} tokens"
        msg = f"The form asks for {asked}: give one of them, and 0 for the other."
        raise Refused(msg)
    recipe = _recipe(form)
    changed: dict[str, Any] = {}
    if form.model != "recipe":
        changed["model"] = settings_of(form.model)
    if form.steps or form.tokens:
        changed["steps"] = form.steps or steps_for(form.tokens, recipe)
    if form.seed >= 0:
        changed["seed"] = form.seed
    content = recipe.model_dump(mode="python", exclude_defaults=True)
    content["model"] = content.get("model", {}) | changed
    return parse_recipe(content, f"{form.recipe} as the form changes it")


def checked_estimate(form: Training, recipe: Recipe) -> Estimate:
    """What the training is expected to take.

    Raises:
        TooMuch: this machine cannot carry it.
    """
    _fits(form.workers, form.gpus)
    expected = estimate(recipe, _store(recipe), workers=form.workers, gpus=form.gpus)
    there = _memory_bytes()
    if not form.gpus and expected.memory_bytes * form.workers > there:
        raise TooMuch(
            "of memory",
            asked=f"{expected.memory_bytes * form.workers / 2**30:.1f} GiB",
            have=f"{there / 2**30:.1f} GiB",
        )
    return expected


def _recipe(form: Form) -> Recipe:
    from flows.door.served import recipe_named

    return recipe_named(form.recipe)


def _store(recipe: Recipe) -> Store:
    return Store.at(recipe.runtime.store, accept_weak=recipe.runtime.accept_weak_store)


def _asked(form: Form, **more: Any) -> Asked:
    return Asked(
        requested_by=form.requested_by,
        reason=form.reason,
        command=f"the form {type(form).__name__}",
        **more,
    )


def _fits(workers: int, gpus: int) -> None:
    cores = len(os.sched_getaffinity(0))
    if workers > cores:
        raise TooMuch("workers, each of one CPU core at least", asked=str(workers), have=str(cores))
    there = len(list(Path("/proc/driver/nvidia/gpus").glob("*")))
    if workers * gpus > there:
        raise TooMuch("GPUs", asked=str(workers * gpus), have=str(there))


def _memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


__all__ = [
    "RefreshForm",
    "checked_estimate",
    "corpus_named",
    "evaluate_session",
    "refresh_session",
    "train_session",
    "training_recipe",
]
