"""Write a recipe's page of results to a file: out of an encrypted store, or of one far away."""

from __future__ import annotations

import argparse
from pathlib import Path

from flows.options import add_recipe

EXAMPLES = """\
  penstock results my.toml my.html
  penstock results my.toml my.html --store s3://bucket/prefix
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_recipe(parser)
    parser.add_argument("file", type=Path, help="a new file, or one to overwrite; it is in clear")


def run(given: argparse.Namespace) -> int:
    """Write the page."""
    from flows.options import store_of
    from flows.recipe import read_recipe
    from flows.shown.places import report_path
    from pipeline.errors import MissingArtifact, StoreUnreachable

    store, name = store_of(given), read_recipe(given.recipe).name
    try:
        content = store.files.read(report_path(name))
    except FileNotFoundError:
        raise MissingArtifact(f"A page of results of {name}", where=store.uri) from None
    try:
        given.file.write_bytes(content)
    except OSError as error:
        problem = (error.strerror or str(error)).lower()
        remedy = "Name a file in a folder that can be written."
        raise StoreUnreachable(str(given.file), problem=problem, remedy=remedy) from error
    print(f"{given.file} is the page of results of {name}.")
    return 0
