"""Which recipes are served: PENSTOCK_RECIPES names their files, PENSTOCK_STORE the store.

A deployment's run starts in a process of its own, on this machine or a worker's; the environment
is what it has from `penstock serve`, or from the work pool's job variables.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flows.options import STORE_VARIABLE
from pipeline.errors import BadRecipe

if TYPE_CHECKING:
    from flows.recipe import Recipe

RECIPES_VARIABLE = "PENSTOCK_RECIPES"  # files, separated as PATH is


def served() -> dict[str, Path]:
    """Name -> file of each recipe; a file that cannot be read is left for `read_recipe` to tell."""
    found = {}
    for text in filter(None, os.environ.get(RECIPES_VARIABLE, "").split(os.pathsep)):
        path = Path(text)
        try:
            name = tomllib.loads(path.read_text(encoding="utf-8")).get("name", path.stem)
        except (OSError, ValueError):
            name = path.stem
        found[str(name)] = path
    return found


@contextmanager
def serving(paths: Sequence[Path]) -> Iterator[None]:
    """Serve these recipes alone."""
    before = os.environ.get(RECIPES_VARIABLE)
    os.environ[RECIPES_VARIABLE] = os.pathsep.join(str(path.absolute()) for path in paths)
    try:
        yield
    finally:
        if before is None:
            del os.environ[RECIPES_VARIABLE]
        else:
            os.environ[RECIPES_VARIABLE] = before


def recipe_named(name: str) -> Recipe:
    """A served recipe, read anew, with the store that is served.

    Raises:
        BadRecipe: none of that name is served, or it cannot be used.
    """
    from flows.recipe import read_recipe

    known = served()
    if name not in known:
        msg = (
            f"No recipe {name!r} is served here; there are {', '.join(sorted(known)) or 'none'}.\n"
            f"Name its file in `penstock serve`, or in {RECIPES_VARIABLE} of the work pool."
        )
        raise BadRecipe(msg)
    recipe = read_recipe(known[name])
    store = os.environ.get(STORE_VARIABLE)
    if not store:
        return recipe
    runtime = recipe.runtime.model_copy(update={"store": store})
    return recipe.model_copy(update={"runtime": runtime})
