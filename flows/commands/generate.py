"""Let a model go on with a text.

The model is named by its recipe, or as a version. It runs in a process of its own; its files come
from the store. The same seed gives the same text.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from flows.options import add_store

if TYPE_CHECKING:
    from pipeline.store import Store
    from schemas.artifact import Manifest
    from schemas.jobs import GenerateOrder

EXAMPLES = """\
  penstock generate my.toml "The server "
  penstock generate model/web@latest "The server " --tokens 200 --temperature 0.6
  penstock generate my.toml "" --seed 7              from nothing: a document's beginning
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("subject", metavar="RECIPE|MODEL", help="my.toml, or model/web@latest")
    parser.add_argument("prompt", help="the words to go on from")
    parser.add_argument("--tokens", type=int, default=120, metavar="N", help="at most [120]")
    parser.add_argument(
        "--temperature", type=float, default=0.8, metavar="T", help="0 is the likeliest text [0.8]"
    )
    parser.add_argument(
        "--top-k", type=int, default=50, metavar="K", help="of the likeliest K tokens [50]"
    )
    parser.add_argument("--seed", type=int, default=0, help="another one gives another text [0]")
    add_store(parser)


def run(given: argparse.Namespace) -> int:
    """Print the prompt and what follows it."""
    from rich.console import Console
    from rich.text import Text

    from flows.terminal.console import console as wide_enough
    from flows.terminal.plain_text import plain
    from flows.version_files import model_folder
    from ray_jobs import launch

    store, manifest = model_of(given)
    with TemporaryDirectory(prefix="penstock-") as scratch:
        order = _order(given, model_folder(store, manifest, Path(scratch)), Path(scratch))
        with Console(stderr=True).status(f"{manifest.ref} writes ..."):
            passage = launch.generate(order)
    wide_enough().print(Text(plain(passage)), soft_wrap=True)
    return 0


def _order(given: argparse.Namespace, model: Path, scratch: Path) -> GenerateOrder:
    from pydantic import ValidationError

    from pipeline.errors import BadRecipe
    from schemas.jobs import GenerateOrder

    try:
        return GenerateOrder(
            model=str(model),
            prompt=given.prompt,
            tokens=given.tokens,
            temperature=given.temperature,
            top_k=given.top_k,
            seed=given.seed,
            run=str(scratch / "run"),
        )
    except ValidationError as error:
        fault = error.errors()[0]
        option = "--" + str(fault["loc"][0]).replace("_", "-")
        msg = f"{option} {fault['input']} cannot be used: {fault['msg'].lower()}."
        raise BadRecipe(msg) from error


def model_of(given: argparse.Namespace) -> tuple[Store, Manifest]:
    """The model that a recipe means, or that a version is.

    Raises:
        MissingArtifact: there is none.
        StoreError: the version is of another stage.
    """
    from flows.version_files import version_of
    from pipeline.errors import StoreError

    store, manifest = version_of(given, given.subject, stage="model")
    if manifest.stage != "model":
        msg = f"{manifest.ref} is no model: name one (model/web@latest), or a recipe."
        raise StoreError(msg)
    return store, manifest
