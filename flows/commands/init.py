"""Write a first recipe for your own pages, WARC, Parquet or JSON Lines files.

Looks at what is given: a URL becomes a crawl that stays on its host and asks slowly; in Parquet
and JSON Lines files the columns with the text, the URL and the title are guessed. A crawl of
others' sites needs a contact, which is sent with every request.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.first_recipe.source import Looked

EXAMPLES = """\
  penstock init http://127.0.0.1:8000/ -o my.toml
  penstock init https://example.org/docs/ --contact you@example.org
  penstock init crawl/*.warc.gz -o crawl.toml
  penstock init texts.parquet
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("given", nargs="+", metavar="URL|FILE", help="pages, files, or a folder")
    parser.add_argument("-o", "--output", type=Path, help="the recipe [NAME.toml]")
    parser.add_argument("--contact", default="", help="how a site's owner reaches you")


def run(given: argparse.Namespace) -> int:
    """Write the recipe, and its schema beside it for editors."""
    import json

    from flows.first_recipe.source import look
    from flows.first_recipe.text import SCHEMA, first_recipe, recipe_name
    from flows.recipe import recipe_schema

    looked = look(_sources(given), given.contact)
    path = given.output or Path(f"{recipe_name(looked.name)}.toml")
    text = first_recipe(looked, path.stem)
    _check(text, looked, path)
    _create(path, text)
    schema = path.parent / SCHEMA
    if not schema.exists():
        _create(schema, json.dumps(recipe_schema(), indent=1, ensure_ascii=False))
    print(f"Wrote {path} ({looked.kind}), and {schema.name} beside it for editors.")
    if looked.needs_contact:
        print(f"Fill in `contact` in {path} first: how the site's owner reaches you.")
    print(f"Then: penstock plan {path}, penstock run {path}")
    return 0


def _sources(given: argparse.Namespace) -> list[str]:
    """What is given; a last word such as my.toml names the output."""
    if given.output is None and len(given.given) > 1 and given.given[-1].endswith(".toml"):
        given.output = Path(given.given.pop())
    return list(given.given)


def _check(text: str, looked: Looked, path: Path) -> None:
    """A recipe that says no more than what it was given can be used, or is not written."""
    import tomllib

    from flows.recipe import parse_recipe

    content = tomllib.loads(text)
    if looked.needs_contact:
        content["pages"]["source"]["contact"] = "to be filled in"
    parse_recipe(content, str(path))


def _create(path: Path, text: str) -> None:
    from pipeline.errors import BadRecipe

    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        msg = f"{path} is there already, and init writes over nothing: choose another with -o."
        raise BadRecipe(msg) from error
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}."
        raise BadRecipe(msg) from error
