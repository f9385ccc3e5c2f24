"""Options that several commands share."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from flows.recipe import Recipe
    from flows.session import Access, Session
    from pipeline.store import Store
    from schemas.record import Record

Checked = TypeVar("Checked", bound="Record")

STORE_VARIABLE = "PENSTOCK_STORE"


def add_recipe(parser: argparse.ArgumentParser) -> None:
    """The recipe, and the store where its versions lie."""
    parser.add_argument("recipe", type=Path, help="a recipe, my.toml")
    add_store(parser)


def add_store(parser: argparse.ArgumentParser) -> None:
    """The store alone."""
    parser.add_argument(
        "--store", default=os.environ.get(STORE_VARIABLE), help=f"folder or URI [{STORE_VARIABLE}]"
    )


def add_wishes(parser: argparse.ArgumentParser) -> None:
    """What a run or a plan is asked for."""
    add_recipe(parser)
    parser.add_argument("--refresh", action="store_true", help="look at the sources again, now")
    parser.add_argument("--to", default="", metavar="STAGE", help="make this stage, and no later")
    parser.add_argument("--only", default="", metavar="STAGE", help="make this stage alone")
    parser.add_argument("--limit", type=int, metavar="N", help="take N pages of the source only")
    parser.add_argument(
        "--drift",
        choices=("ask", "rerun", "reuse"),
        help="where only code or packages changed, an expensive stage (a trained model) stops and "
        "asks, is made again, or is taken as it is [the recipe's choice, else ask]",
    )
    parser.add_argument("--reason", default="", help="why; written down with the run")
    parser.add_argument("--requested-by", default="", metavar="WHO", help="default: this user")


def add_runtime(parser: argparse.ArgumentParser) -> None:
    """Where and how fast; decides no version."""
    parser.add_argument("--runner", choices=("process", "pool", "ray"), help="who makes the units")
    parser.add_argument("--workers", type=int, metavar="N", help="units made at once")
    parser.add_argument(
        "--accept-weak-store",
        action="store_true",
        default=None,
        help="found a store on an object store that lacks conditional writes: one run at a time",
    )
    parser.add_argument("--no-prefect", action="store_true", help="the same stages, no Prefect")


def recipe_of(given: argparse.Namespace) -> Recipe:
    """The recipe that was named, with what the command line changes in it."""
    from flows.recipe import parse_recipe, read_recipe

    recipe = read_recipe(given.recipe)
    limit = getattr(given, "limit", None)
    if limit is None:
        return recipe
    content = recipe.model_dump(mode="python", exclude_defaults=True)
    content["pages"]["limit"] = limit
    return parse_recipe(content, f"{given.recipe} with --limit {limit}")


def session_of(given: argparse.Namespace, access: Access = "find") -> Session:
    """The session that the command line asks for.

    Args:
        given: the command line.
        access: whether the store may be made, may be missing, or must be there.
    """
    print(f"Reading {given.recipe} ...", file=sys.stderr, flush=True)  # loading takes a second
    from flows.session import Asked, Session

    recipe = recipe_of(given)
    changes = {
        name: value
        for name in ("store", "runner", "workers", "accept_weak_store")
        if (value := getattr(given, name, None)) is not None
    }
    runtime = checked(type(recipe.runtime), recipe.runtime.model_dump() | changes)
    asked = Asked(
        refresh=getattr(given, "refresh", False),
        to=getattr(given, "to", ""),
        only=getattr(given, "only", ""),
        drift=getattr(given, "drift", None),
        reason=getattr(given, "reason", ""),
        requested_by=getattr(given, "requested_by", ""),
        command=shlex.join(["penstock", *sys.argv[1:]]),
        limited=getattr(given, "limit", None) is not None,
    )
    return Session(recipe, asked, runtime, access)


def checked(kind: type[Checked], values: dict[str, Any]) -> Checked:
    """What options say, as a record.

    Raises:
        BadRecipe: an option has a value that cannot be meant.
    """
    from pydantic import ValidationError

    from pipeline.errors import BadRecipe

    try:
        return kind.model_validate(values)
    except ValidationError as error:
        faults = (
            f"--{each['loc'][0]}: {each['msg']} (got {each['input']})" for each in error.errors()
        )
        raise BadRecipe("\n".join(faults)) from error


def store_of(given: argparse.Namespace) -> Store:
    """The store that was named: by --store, by the recipe, or the folder `store`."""
    from pipeline.store import Store

    place = given.store
    if place is None and getattr(given, "recipe", None):
        place = recipe_of(given).runtime.store
    return Store.at(place or "store", create=False)
